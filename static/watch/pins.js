// @ts-check
// On a phone the pinned products only, on a desktop all: the style sheet hides the others.

import { html } from "../components/html.js";
import { PinCard } from "../components/pin_card.js";
import { t } from "../components/words.js";

/**
 * @import { FlashSales } from "../lib/flash_sales.js"
 * @import { Item } from "../lib/offers.js"
 */

/** @param {{ items: Item[], sales: FlashSales | null, onBuy: (item: Item) => void, beforeJoin: () => Promise<boolean> }} props */
export const Pins = ({ items, sales, onBuy, beforeJoin }) => html`
  <section class="products" aria-label=${t("products-title")}>
    <h2 class="products-title">${t("products-title")}</h2>
    <ul class="pins">
      ${items.map((item) => html`<${PinCard} key=${item.offer.sku} item=${item} sales=${sales} onBuy=${onBuy} beforeJoin=${beforeJoin} />`)}
    </ul>
    ${items.length === 0 && html`<p class="products-empty soft small">${t("products-empty")}</p>`}
  </section>
`;
