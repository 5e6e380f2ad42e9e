// @ts-check
// @css lot_panel.css
// Before the first bid: an account, a card and an address, one after the other, without leaving the video. What is there already is not
// asked for again.

import { useState } from "preact/hooks";
import { Cards } from "../lib/cards.js";
import { ordersApi } from "../lib/orders_api.js";
import { freshId } from "../lib/store.js";
import { AddressForm } from "./address_form.js";
import { CardList } from "./card_list.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { SignUp } from "./sign_up.js";
import { t } from "./words.js";

/** @import { SaveAddress } from "../../schemas/generated/messages" */
/** @import { Auctions } from "../lib/auctions.js" */

/** Names of the errors, in the order in which what is missing is asked for. */
const STEPS = ["not_signed_in", "no_card_on_file", "no_address_on_file"];

/** @param {{ auctions: Auctions, lotId: string, onClose: () => void }} props */
export function BidderSheet({ auctions, lotId, onClose }) {
  const refusal = auctions.mine.value.get(lotId)?.refusal ?? "";
  const step = STEPS.indexOf(refusal);
  const next = async () => {
    await auctions.learnMine(lotId);
    if (!STEPS.includes(auctions.mine.value.get(lotId)?.refusal ?? "")) onClose();
  };
  const signedIn = async () => {
    await auctions.live.whoAmI();
    auctions.live.reconnect();
    await next();
  };
  const saveAddress = (/** @type {SaveAddress} */ body) => ordersApi.saveAddress(body).then(next);
  return html`
    <${Dialog} title=${t("bidder-title")} onClose=${onClose} testid="bidder">
      <p class="soft">${t("bidder-why")}</p>
      <ol class="bidder-steps" aria-label=${t("bidder-title")}>
        ${["bidder-account", "bidder-card", "bidder-address"].map((id, index) => html`
          <li class=${index === step ? "bidder-step-now" : index < step || step < 0 ? "bidder-step-done" : ""} aria-current=${index === step ? "step" : undefined}>${t(id)}</li>`)}
      </ol>
      ${step === 0 && html`<${SignUp} name=${auctions.live.me.value?.name ?? ""} onDone=${signedIn} />`}
      ${step === 1 && html`<${CardStep} onDone=${next} />`}
      ${step === 2 && html`<${AddressForm} name=${auctions.live.me.value?.name ?? ""} onSave=${saveAddress} />`}
    <//>
  `;
}

/** @param {{ onDone: () => Promise<void> }} props */
function CardStep({ onDone }) {
  const [cards] = useState(() => new Cards({ freshId }));
  return html`<${CardList} cards=${cards} onReady=${onDone} />`;
}
