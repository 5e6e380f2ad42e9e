// @ts-check
// @css lot_panel.css
// Bidding: one button that says the next bid, an own amount that stays secret unless it is meant exactly, and a second look at what is
// far above the price. Who cannot bid yet is told what is missing, and helped.

import { useState } from "preact/hooks";
import { leastOf } from "../lib/auctions.js";
import { asApiError } from "../lib/errors.js";
import { feel } from "../lib/haptics.js";
import { formatMoney } from "../lib/money.js";
import { BidAmount } from "./bid_amount.js";
import { BidderSheet } from "./bidder_sheet.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, locale, t } from "./words.js";

/**
 * @import { LotNow } from "../../schemas/generated/messages"
 * @import { Auctions, How, Place } from "../lib/auctions.js"
 */

/** What somebody lacks, and can get at once. */
const LACKS = ["not_signed_in", "no_card_on_file", "no_address_on_file"];

/** @param {{ auctions: Auctions, lot: LotNow, place: Place }} props */
export function LotBid({ auctions, lot, place }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [own, setOwn] = useState(false);
  const [asked, setAsked] = useState(/** @type {{ amount: number, how: How } | null} */ (null));
  const [preparing, setPreparing] = useState(false);
  const refusal = auctions.mine.value.get(lot.lot_id)?.refusal ?? "";
  const least = leastOf(lot);
  const maximum = auctions.mine.value.get(lot.lot_id)?.maximum_minor ?? 0;
  const money = (/** @type {number} */ amount_minor) => formatMoney({ amount_minor, currency: lot.currency }, locale());

  /** @param {number} amount @param {How} [how] */
  const bid = async (amount, how = {}) => {
    if (LACKS.includes(refusal)) return setPreparing(true);
    feel("tap");
    setBusy(true);
    setProblem(null);
    setAsked(null);
    try {
      await auctions.bid(lot, amount, how);
      setOwn(false);
    } catch (error) {
      const refused = asApiError(error);
      if (refused.name === "needs_confirmation") setAsked({ amount, how });
      else if (LACKS.includes(refused.name)) {
        await auctions.learnMine(lot.lot_id).catch(() => undefined);
        setPreparing(true);
      } else if (refused.name === "bid_too_low") setProblem(t("lot-too-low", { amount: money(Number(refused.extra.next_minor ?? least)) }));
      else if (refused.name === "over_ceiling") setProblem(t("lot-over-ceiling", { amount: money(Number(refused.extra.ceiling_minor ?? 0)) }));
      else setProblem(errorText(refused));
    }
    setBusy(false);
  };

  if (refusal && !LACKS.includes(refusal)) return html`<p class="small soft" data-testid="lot-refusal">${errorText({ name: refusal })}</p>`;
  const secretOnly = lot.state === "announced";
  const ownFirst = secretOnly || place === "leading";
  return html`
    <div class="lot-bid">
      ${problem && html`<${ErrorLine} text=${problem} />`}
      ${asked && html`
        <div class="lot-confirm" role="alertdialog" aria-label=${t("lot-confirm", { amount: money(asked.amount) })} data-testid="lot-confirm">
          <p>${t("lot-confirm", { amount: money(asked.amount) })}</p>
          <div class="row">
            <button class="button button-primary" type="button" data-testid="lot-confirm-yes" disabled=${busy} onClick=${() => bid(asked.amount, { ...asked.how, confirmed: true })}>${t("lot-confirm-yes")}</button>
            <button class="button" type="button" data-testid="lot-confirm-no" onClick=${() => setAsked(null)}>${t("lot-confirm-no")}</button>
          </div>
        </div>`}
      ${own && !asked && html`
        <${BidAmount} lot=${lot} least=${place === "leading" ? Math.max(maximum, lot.price_minor) + 1 : least} secretOnly=${secretOnly} raising=${place === "leading"} busy=${busy} onBid=${bid} onCancel=${() => setOwn(false)} />`}
      ${!own && !asked && html`
        <div class="lot-buttons">
          ${!ownFirst && html`
            <button class="button button-primary button-large lot-next" type="button" data-testid="lot-next" disabled=${busy} onClick=${() => bid(least)}>
              ${t("lot-bid-next", { amount: money(least) })}</button>`}
          <button class=${`button button-large${ownFirst ? " lot-next" : ""}${secretOnly ? " button-primary" : ""}`} type="button" data-testid="lot-own" disabled=${busy} onClick=${() => setOwn(true)}>
            ${!ownFirst && html`<${Icon} name="eye-off" />`}${t(place === "leading" || place === "waiting" ? "lot-raise" : secretOnly ? "lot-set-maximum" : "lot-own-amount")}</button>
        </div>`}
      ${preparing && html`<${BidderSheet} auctions=${auctions} lotId=${lot.lot_id} onClose=${() => setPreparing(false)} />`}
    </div>
  `;
}
