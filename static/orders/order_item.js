// @ts-check
// @css ../components/sales.css
// One order in the host's list: what, who, when, how much, how far; the whole row leads to the order.

import { html } from "../components/html.js";
import { Picture } from "../components/picture.js";
import { locale, t } from "../components/words.js";
import { formatDay, formatMoney } from "../lib/money.js";
import { orderStatus } from "../lib/order_status.js";
import { SALE_WORDS } from "../studio/sales.js";

/** @import { OrderView } from "../../schemas/generated/messages" */

/** @param {{ order: OrderView }} props */
export function OrderItem({ order }) {
  const status = orderStatus(order);
  const [first] = order.lines;
  const back = order.refunded && order.refunded.total_minor > 0 && { amount_minor: order.refunded.total_minor, currency: order.total.currency };
  const returning = order.lines.some((line) => line.returning > 0);
  return html`
    <li>
      <a class="order-item" href=${`/order/${order.order_id}`} data-testid="order-item" data-order=${order.order_id} data-state=${status}>
        <span class="order-item-picture"><${Picture} url=${first.image_url} title=${first.title} /></span>
        <span class="order-item-words">
          <strong>${order.lines.map((line) => `${line.quantity} × ${[line.title, line.label].filter(Boolean).join(" · ")}`).join(", ")}</strong>
          <span class="soft small">${order.buyer_name} · ${formatDay(order.placed_at_ms, locale())} · ${order.order_id.slice(-8).toUpperCase()}</span>
        </span>
        <span class="order-item-sum numbers">${formatMoney(order.total, locale())}
          ${back && html`<span class="soft small">${t("order-page-refunds")} −${formatMoney(back, locale())}</span>`}</span>
        <span class="order-item-state">
          <span class=${`sale-state sale-state-${status}`}>${t(SALE_WORDS[status])}</span>
          ${order.dispute === "open" && html`<span class="sale-state sale-state-declined">${t("history-dispute-open")}</span>`}
          ${returning && html`<span class="sale-state sale-state-declined">${t("orders-returning")}</span>`}
        </span>
      </a>
    </li>
  `;
}
