// @ts-check
// @css flash.css
// @css pin_card.css
// The flash sales of a show in the player: prices, what is left, and how long; and whose turn it is in the lines.

import { leftOf, phaseOf } from "../lib/flash_sales.js";
import { formatSpan } from "../lib/money.js";
import { useTimeLeft } from "./countdown.js";
import { useAnnounced } from "./announcer.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Picture } from "./picture.js";
import { Price } from "./price.js";
import { TurnCard } from "./turn_card.js";
import { WaitButton } from "./wait_button.js";
import { t } from "./words.js";

/**
 * @import { FlashSaleView, SaleItemView } from "../../schemas/generated/messages"
 * @import { FlashSales } from "../lib/flash_sales.js"
 * @import { Item } from "../lib/offers.js"
 * @typedef {{ sales: FlashSales, items: Item[], onBuy: (item: Item) => void, beforeJoin: () => Promise<boolean> }} Props
 */

/** @param {Props} props */
export const FlashCards = ({ sales, items, onBuy, beforeJoin }) => html`
  ${sales.turns.value.map((turn) => {
    const item = items.find(({ offer }) => offer.sku === turn.sku);
    return item && html`<${TurnCard} key=${turn.wait_id} sales=${sales} turn=${turn} item=${item} onBuy=${onBuy} />`;
  })}
  ${sales.sales.value.map((sale) => html`<${FlashCard} key=${sale.sale_id} sale=${sale} sales=${sales} items=${items} onBuy=${onBuy} beforeJoin=${beforeJoin} />`)}
`;

/** @param {Props & { sale: FlashSaleView }} props */
function FlashCard({ sale, sales, items, onBuy, beforeJoin }) {
  const untilStart = useTimeLeft(sale.starts_at_ms);
  const untilEnd = useTimeLeft(sale.ends_at_ms);
  const announced = untilStart > 0;
  if (untilEnd === 0) return null;
  return html`
    <section class="flash" aria-label=${t("flash-title")} data-testid="flash" data-phase=${announced ? "announced" : "on"}>
      <header class="flash-head">
        <span class="flash-kind"><${Icon} name="zap" />${t(announced ? "flash-soon" : "flash-title")}</span>
        <span class="flash-left numbers" role="timer" data-testid="flash-left">${t(announced ? "flash-starts-in" : "flash-ends-in", { time: formatSpan(announced ? untilStart : untilEnd) })}</span>
      </header>
      <ul class="flash-items">
        ${sale.items.map((offer) => html`
          <${FlashRow} key=${offer.sku} sale=${sale} offer=${offer} item=${items.find((each) => each.offer.sku === offer.sku)} sales=${sales} onBuy=${onBuy}
            beforeJoin=${beforeJoin} announced=${announced} />`)}
      </ul>
    </section>
  `;
}

/** @param {Omit<Props, "items"> & { sale: FlashSaleView, offer: SaleItemView, item: Item | undefined, announced: boolean }} props */
function FlashRow({ sale, offer, item, sales, onBuy, beforeJoin, announced }) {
  const left = item?.turn ? 1 : leftOf(offer, item);
  const out = left === 0;
  const held = offer.held > 0 || (item?.pool?.held ?? 0) > 0;
  useAnnounced(out && !held, () => t("said-sold-out", { title: item?.offer.title ?? offer.sku }));
  const normal = item && (item.sale?.normal ?? item.offer.price);
  return html`
    <li class=${`flash-item${out ? " flash-item-out" : ""}`} data-testid=${`flash-${offer.sku}`} data-left=${left} data-phase=${phaseOf(sale, sale.starts_at_ms)}>
      <span class="flash-picture"><${Picture} url=${item?.offer.image_url ?? null} title=${item?.offer.title ?? offer.sku} /></span>
      <span class="flash-words">
        <span class="flash-name">${item?.offer.title ?? offer.sku}${item?.offer.label && html`<span class="soft"> · ${item.offer.label}</span>`}</span>
        <${Price} price=${offer.price} normal=${normal} lowest=${item?.offer.lowest_30d} />
        <span class=${`stock${out ? " stock-out" : " stock-few"}`}>
          ${announced ? t("flash-units", { count: offer.quantity_max }) : out ? t(held ? "stock-held" : "stock-sold-out") : t("flash-units-left", { count: left })}</span>
      </span>
      ${announced && html`<span class="flash-wait soft small">${t("flash-limit", { count: offer.per_buyer_max })}</span>`}
      ${!announced && !out && item && html`<button class="button button-primary" type="button" data-testid=${`flash-buy-${offer.sku}`} onClick=${() => onBuy(item)}>${t("buy")}</button>`}
      ${!announced && out && html`<${WaitButton} sales=${sales} sku=${offer.sku} saleId=${sale.sale_id} beforeJoin=${beforeJoin} />`}
    </li>
  `;
}
