// @ts-check
// @css product_sheet.css
// What this person has bought, newest first; a payment in flight is visible here after the page was loaded again.

import { embedded } from "../lib/embedded.js";
import { formatMoney } from "../lib/money.js";
import { orderStatus, payable } from "../lib/order_status.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { OrderLine } from "./order_line.js";
import { Picture } from "./picture.js";
import { locale, t } from "./words.js";

/** @import { OrderView } from "../../schemas/generated/messages" */

/** @param {{ orders: OrderView[], now: OrderView | null, onClose: () => void }} props `now`: one of them, as it changes by itself */
export const OrdersSheet = ({ orders, now, onClose }) => html`
  <${Dialog} title=${t("orders-title")} testid="orders-sheet" onClose=${onClose}>
    ${orders.length === 0 && html`<p class="empty">${t("orders-empty")}</p>`}
    <ul class="stack">
      ${orders.map((order) => html`<${OrderRow} key=${order.order_id} order=${now?.order_id === order.order_id && now.version > order.version ? now : order} />`)}
    </ul>
    ${!embedded && html`<p class="row small">
      <a href="/addresses/" target="_blank">${t("addresses-title")}</a>
      <a href="/cards/" data-testid="to-cards">${t("cards-title")}</a>
    </p>`}
  <//>
`;

/** @param {{ order: OrderView }} props */
function OrderRow({ order }) {
  const [first] = order.lines;
  const units = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  return html`
    <li class="order-row" data-testid="order-row">
      <span class="order-row-picture"><${Picture} url=${first.image_url} title=${first.title} /></span>
      <span>
        <a href=${`/order/${order.order_id}`} data-testid="order-link"><strong>${first.title}</strong></a><br />
        <span class="soft small">${t("order-units", { count: units })} · ${formatMoney(order.total, locale())}</span>
      </span>
      <${OrderLine} order=${order} />
      ${payable(orderStatus(order)) && html`
        <a class="button button-primary order-row-pay" href=${`/order/${order.order_id}`} data-testid="order-pay">${t("pay", { amount: formatMoney(order.total, locale()) })}</a>`}
    </li>
  `;
}
