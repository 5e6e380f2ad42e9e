// @ts-check
// @css ../components/tray.css
// What the show sells: pin, unpin, and what is left of each.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Picture } from "../components/picture.js";
import { locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";

/**
 * @import { Item } from "../lib/offers.js"
 * @import { Room } from "./room.js"
 */

/** @param {{ room: Room }} props */
export function Tray({ room }) {
  const items = room.items.value;
  return html`
    <section class="panel" data-testid="tray">
      <header><h2>${t("products-in-show")}</h2></header>
      ${items.length === 0 && html`<p class="empty">${t("products-in-show-empty")}</p>`}
      <ul class="tray">${items.map((item) => html`<${TrayRow} key=${item.offer.sku} item=${item} room=${room} />`)}</ul>
    </section>
  `;
}

/** @param {{ item: Item, room: Room }} props */
function TrayRow({ item, room }) {
  const { offer, pool, pinned } = item;
  return html`
    <li class=${`tray-row${pinned ? " tray-row-pinned" : ""}`} data-testid=${`item-${offer.sku}`}>
      <span class="tray-picture"><${Picture} url=${offer.image_url} title=${offer.title} /></span>
      <span class="tray-words">
        <strong>${offer.title}${offer.label && html`<span class="soft"> · ${offer.label}</span>`}</strong>
        <span>${formatMoney(offer.price, locale())}</span>
        <span class="soft small numbers" data-testid=${`stock-${offer.sku}`} data-available=${pool?.available} data-held=${pool?.held} data-sold=${pool?.sold}>
          ${pool && t("stock-numbers", { available: pool.available, held: pool.held, sold: pool.sold })}
        </span>
      </span>
      <button class=${`button${pinned ? " button-primary" : ""}`} type="button" data-testid=${`${pinned ? "unpin" : "pin"}-${offer.sku}`}
        aria-label=${t(pinned ? "unpin" : "pin")} disabled=${room.busy.value} onClick=${() => room.setPinned(offer.sku, !pinned)}>
        <${Icon} name=${pinned ? "pin-off" : "pin"} /><span class="tray-action">${t(pinned ? "unpin" : "pin")}</span>
      </button>
    </li>
  `;
}
