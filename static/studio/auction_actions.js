// @ts-check
// @css auctions.css
// What the host may do about a lot. What cannot be undone takes a second press, and voiding a reason.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { formatPause } from "../lib/money.js";

/**
 * @import { LotView } from "../../schemas/generated/messages"
 * @import { AuctionRoom } from "./auctions.js"
 */

/** Between the announcement and the first bid, when the host wants one. */
const ANNOUNCED_S = 60;
const REASON_LENGTH_MAX = 200;

/** @param {{ auctions: AuctionRoom, lot: LotView, bids: number, owner: boolean, ended: boolean, asking: boolean, onAsk: (asking: boolean) => void }} props */
export function AuctionActions({ auctions, lot, bids, owner, ended, asking, onAsk }) {
  const busy = auctions.busy.value !== null;
  const { state } = lot;
  const button = (/** @type {string} */ id, /** @type {string} */ testid, /** @type {() => unknown} */ onClick, kind = "") =>
    html`<button class=${`button button-small ${kind}`} type="button" data-testid=${testid} disabled=${busy} onClick=${onClick}>${id}</button>`;
  const mayVoid = (state === "open" && (bids === 0 || owner)) || (owner && ["sold", "offered", "unpaid", "ended"].includes(state));
  if (asking) {
    const send = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      onAsk(false);
      auctions.takeBack(lot, String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("reason") ?? ""));
    };
    return html`
      <form class="stack" onSubmit=${send} data-testid="auction-void-form">
        <label class="field"><span class="field-label">${t("auction-void-reason")}</span>
          <input class="field-input" name="reason" required maxlength=${REASON_LENGTH_MAX} data-testid="auction-void-reason" /></label>
        <div class="row">
          <button class="button button-small button-danger" type="submit" data-testid="auction-void-sure">${t("auction-void")}</button>
          <button class="button button-small" type="button" onClick=${() => onAsk(false)}>${t("auction-cancel")}</button>
        </div>
      </form>`;
  }
  return html`
    <div class="row auction-actions">
      ${state === "prepared" && !ended && html`
        ${button(t("auction-start"), "auction-start", () => auctions.start(lot, 0), "button-primary")}
        ${button(t("auction-announce", { time: formatPause(ANNOUNCED_S, locale()) }), "auction-announce", () => auctions.start(lot, ANNOUNCED_S * 1000))}
        ${button(t("auction-withdraw"), "auction-withdraw", () => auctions.move(lot, "withdraw"))}`}
      ${mayVoid && button(t(bids === 0 ? "auction-take-back" : "auction-void"), "auction-void", () => (bids === 0 ? auctions.takeBack(lot, "") : onAsk(true)), "button-danger")}
      ${state === "unpaid" && html`
        ${lot.runner_up && button(t("auction-offer"), "auction-offer", () => auctions.move(lot, "offer"), "button-primary")}
        ${button(t("auction-give-up"), "auction-give-up", () => auctions.move(lot, "give-up"))}`}
      ${["unsold", "void", "unpaid"].includes(state) && !ended && button(t("auction-rerun"), "auction-rerun", () => auctions.rerun(lot))}
      ${state !== "prepared" && html`<a class="button button-small" href=${`/lot/${lot.lot_id}`} target="_blank" rel="noopener" data-testid="auction-history"><${Icon} name="eye" />${t("auction-history")}</a>`}
    </div>
  `;
}
