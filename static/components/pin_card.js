// @ts-check
// A product in the player: picture, name, price, what is left, and the way to buy it.

import { formatMoney } from "../lib/money.js";
import { availability } from "../lib/offers.js";
import { html } from "./html.js";
import { Picture } from "./picture.js";
import { Stock } from "./stock.js";
import { locale, t } from "./words.js";

/** @import { Item } from "../lib/offers.js" */

/** @param {{ item: Item, onBuy: (item: Item) => void }} props */
export function PinCard({ item, onBuy }) {
  const { offer } = item;
  const out = availability(item) === "sold_out";
  return html`
    <li class=${`pin-card${item.pinned ? " pin-card-pinned" : ""}`} data-testid=${item.pinned ? `pin-${offer.sku}` : `offer-${offer.sku}`}>
      <span class="pin-card-picture"><${Picture} url=${offer.image_url} title=${offer.title} /></span>
      <span class="pin-card-words">
        <span class="pin-card-title">${offer.title}${offer.label && html`<span class="soft"> · ${offer.label}</span>`}</span>
        <span class="pin-card-price">${formatMoney(offer.price, locale())}</span>
        <${Stock} item=${item} />
      </span>
      <button class="button button-primary pin-card-buy" type="button" data-testid=${`buy-${offer.sku}`} disabled=${out} onClick=${() => onBuy(item)}>
        ${out ? t("stock-sold-out") : t("buy")}
      </button>
    </li>
  `;
}
