// @ts-check
// @css flash.css
// "Your turn": what somebody stood in line for is kept for them, for so long.

import { useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { formatSpan } from "../lib/money.js";
import { useTimeLeft } from "./countdown.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/**
 * @import { WaitView } from "../../schemas/generated/messages"
 * @import { FlashSales } from "../lib/flash_sales.js"
 * @import { Item } from "../lib/offers.js"
 */

/** @param {{ sales: FlashSales, turn: WaitView, item: Item, onBuy: (item: Item) => void }} props */
export function TurnCard({ sales, turn, item, onBuy }) {
  const left = useTimeLeft(turn.expires_at_ms);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const giveBack = () => sales.leave(turn).catch((error) => setProblem(errorText(asApiError(error))));
  return html`
    <section class="turn" role="status" aria-label=${t("turn-title")} data-testid="turn">
      <p class="turn-head"><${Icon} name="bell" /><strong>${t("turn-title")}</strong><span class="flash-left numbers" data-testid="turn-left">${formatSpan(left)}</span></p>
      <p>${t("turn-text", { title: item.offer.title, count: turn.quantity })}</p>
      ${problem && html`<${ErrorLine} text=${problem} />`}
      <p class="row">
        <button class="button button-primary" type="button" data-testid="turn-buy" onClick=${() => onBuy(item)}>${t("buy")}</button>
        <button class="button" type="button" data-testid="turn-back" onClick=${giveBack}>${t("turn-back")}</button>
      </p>
    </section>
  `;
}
