// @ts-check
// @css lot_panel.css
// An amount of one's own: up to it the shop bids for this person, one step at a time; or exactly this, when that is what is meant.

import { useState } from "preact/hooks";
import { digitsOf, formatMoney, parseAmount } from "../lib/money.js";
import { Field } from "./field.js";
import { FieldProblem, useForm } from "./form.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/**
 * @import { LotNow } from "../../schemas/generated/messages"
 * @import { How } from "../lib/auctions.js"
 */

/**
 * @param {{ lot: LotNow, least: number, secretOnly: boolean, raising: boolean, busy: boolean, onBid: (amount: number, how: How) => Promise<void>, onCancel: () => void }} props
 *   `raising`: the own maximum, which must grow beyond the price; how far beyond, the server says
 */
export function BidAmount({ lot, least, secretOnly, raising, busy, onBid, onCancel }) {
  const [exact, setExact] = useState(false);
  const money = (/** @type {number} */ amount_minor) => formatMoney({ amount_minor, currency: lot.currency }, locale());
  const form = useForm(async ({ amount }) => {
    const typed = parseAmount(amount, lot.currency);
    if (typed === null || typed < 1) throw new FieldProblem("amount", "lot-amount-wrong");
    if (typed < least) throw new FieldProblem("amount", "lot-amount-low");
    await onBid(typed, { exact: exact && !secretOnly });
  });
  return html`
    <form class="lot-amount-form" onSubmit=${form.onSubmit} noValidate data-testid="lot-form">
      <${Field} label=${t(exact ? "lot-exact-label" : "lot-maximum-label", { currency: lot.currency })} name="amount" inputmode=${digitsOf(lot.currency) ? "decimal" : "numeric"} autocomplete="off" required
        data-testid="lot-amount" hint=${exact ? t("lot-exact-hint") : t("lot-maximum-hint", { amount: money(least) })} error=${form.errorOf("amount")} />
      ${!secretOnly && !raising && html`
        <label class="check"><input type="checkbox" checked=${exact} data-testid="lot-exact" onChange=${() => setExact(!exact)} />${t("lot-exact")}</label>`}
      ${form.rest(["amount"])}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="lot-amount-send" disabled=${busy || form.busy}>${t(exact ? "lot-send-exact" : "lot-send-maximum")}</button>
        <button class="button" type="button" onClick=${onCancel}>${t("lot-cancel")}</button>
      </div>
    </form>
  `;
}
