// @ts-check
// @css flash.css
// A price; in a flash sale with the one before it and, as the law of the EU wants it, the lowest of the last 30 days.

import { formatMoney } from "../lib/money.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/** @import { Money } from "../../schemas/generated/messages" */

/** @param {{ price: Money, normal?: Money, lowest?: Money | null }} props */
export const Price = ({ price, normal, lowest = null }) => html`
  <span class="price">
    <span class=${normal ? "price-now price-flash" : "price-now"} data-testid="price-now">${formatMoney(price, locale())}</span>
    ${normal && html`<s class="price-was" data-testid="price-was"><span class="visually-hidden">${t("flash-was")} </span>${formatMoney(normal, locale())}</s>`}
  </span>
  ${normal && lowest && html`<span class="price-lowest" data-testid="price-lowest">${t("flash-lowest", { amount: formatMoney(lowest, locale()) })}</span>`}
`;
