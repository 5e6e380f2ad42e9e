// @ts-check
// @css pin_card.css
// A product in the player: picture, name, price, what is left, and the way to buy it.

import { formatMoney } from "../lib/money.js";
import { availability } from "../lib/offers.js";
import { useAnnounced } from "./announcer.js";
import { html } from "./html.js";
import { Lazy } from "./lazy.js";
import { Picture } from "./picture.js";
import { Stock } from "./stock.js";
import { locale, t } from "./words.js";

/**
 * @import { FlashSales } from "../lib/flash_sales.js"
 * @import { Item } from "../lib/offers.js"
 */

const waitButton = () => import("./wait_button.js").then((module) => module.WaitButton);

/** @param {{ item: Item, sales: FlashSales | null, onBuy: (item: Item) => void, beforeJoin: () => Promise<boolean> }} props `sales` once they are there */
export function PinCard({ item, sales, onBuy, beforeJoin }) {
  const { offer } = item;
  const state = availability(item);
  useAnnounced(state === "sold_out", () => t("said-sold-out", { title: offer.title }));
  const out = state === "sold_out" || state === "held";
  return html`
    <li class=${`pin-card${item.pinned ? " pin-card-pinned" : ""}`} data-testid=${item.pinned ? `pin-${offer.sku}` : `offer-${offer.sku}`}>
      <span class="pin-card-picture"><${Picture} url=${offer.image_url} title=${offer.title} /></span>
      <span class="pin-card-words">
        <span class="pin-card-title">${offer.title}${offer.label && html`<span class="soft"> · ${offer.label}</span>`}</span>
        <span class="pin-card-price">${formatMoney(offer.price, locale())}</span>
        <${Stock} item=${item} />
      </span>
      ${out
        ? sales && html`<${Lazy} load=${waitButton} sales=${sales} sku=${offer.sku} beforeJoin=${beforeJoin} />`
        : html`<button class="button button-primary pin-card-buy" type="button" data-testid=${`buy-${offer.sku}`} onClick=${() => onBuy(item)}>${t("buy")}</button>`}
    </li>
  `;
}
