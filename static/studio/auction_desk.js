// @ts-check
// @css auctions.css
// The host's auctions: lots in the run of the show, the one that runs, and what became of the others.

import { useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";
import { AuctionForm } from "./auction_form.js";
import { AuctionLot } from "./auction_lot.js";
import { useDraft, withFirst } from "./draft.js";

/**
 * @import { Item } from "../lib/offers.js"
 * @import { AuctionRoom } from "./auctions.js"
 * @import { Room } from "./room.js"
 */

/** @param {{ room: Room, auctions: AuctionRoom, items: Item[], owner: boolean, ended: boolean }} props */
export function AuctionDesk({ room, auctions, items, owner, ended }) {
  const [making, setMaking] = useState(false);
  const { sku, close } = useDraft(room, "auctions", setMaking);
  const lots = auctions.list.value ?? [];
  return html`
    <section class="panel stack auction-desk" data-testid="auction-desk">
      <header><h2>${t("auctions-title")}</h2>
        ${!making && !ended && html`
          <button class="button button-small" type="button" data-testid="auction-new" onClick=${() => setMaking(true)}><${Icon} name="plus" />${t("auction-new")}</button>`}
      </header>
      ${making && html`<${AuctionForm} key=${sku} auctions=${auctions} items=${withFirst(items, sku)} onDone=${close} />`}
      ${auctions.list.value !== null && lots.length === 0 && !making && html`<p class="empty">${t("auctions-empty")}</p>`}
      ${lots.map((lot) => html`<${AuctionLot} key=${lot.lot_id} auctions=${auctions} lot=${lot} owner=${owner} ended=${ended} />`)}
    </section>
  `;
}
