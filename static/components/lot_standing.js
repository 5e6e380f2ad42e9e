// @ts-check
// @css lot_panel.css
// Where this person stands in a lot, in one line: leading, outbid, won. It changes at once; what is said of it aloud is in lot_panel.js.

import { formatMoney } from "../lib/money.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { locale, t } from "./words.js";

/**
 * @import { LotNow } from "../../schemas/generated/messages"
 * @import { Auctions, Place } from "../lib/auctions.js"
 */

/** Message and icon by place. @type {Record<Place, [string, string] | null>} */
const LINES = {
  none: null,
  waiting: ["lot-you-wait", "check"],
  leading: ["lot-you-lead", "check"],
  outbid: ["lot-you-are-outbid", "triangle-alert"],
  won: ["lot-you-won", "trophy"],
  lost: ["lot-you-lost", "x"],
};

/** @param {{ auctions: Auctions, lot: LotNow, place: Place, onPay: () => void }} props */
export function LotStanding({ auctions, lot, place, onPay }) {
  const line = LINES[place];
  const maximum = auctions.mine.value.get(lot.lot_id)?.maximum_minor ?? 0;
  const money = (/** @type {number} */ amount_minor) => formatMoney({ amount_minor, currency: lot.currency }, locale());
  const own = maximum > 0 && (place === "leading" || place === "waiting");
  const state = auctions.cardOf(lot.lot_id)?.state;
  return html`
    <div class="lot-standing-place">
      ${line && html`
        <p class="lot-standing" data-testid="lot-standing">
          <${Icon} name=${line[1]} />
          <span>${t(line[0], { price: money(lot.price_minor) })}
            ${own && html`<span class="lot-maximum"> ${t("lot-your-maximum", { amount: money(maximum) })}</span>`}</span>
          ${place === "won" && html`
            ${state === "paid" ? html`<span class="small">${t("lot-paid")}</span>` : html`
              <button class="button button-small" type="button" data-testid="lot-pay" onClick=${onPay}>${t("lot-to-order")}</button>`}`}
        </p>`}
    </div>
  `;
}
