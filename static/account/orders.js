// @ts-check
// @css ../components/account.css
// What one has bought, newest first.

import { useEffect, useMemo } from "preact/hooks";
import { html } from "../components/html.js";
import { OrderLine } from "../components/order_line.js";
import { Picture } from "../components/picture.js";
import { Waiting } from "../components/waiting.js";
import { locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { Loaded } from "../lib/loaded.js";
import { formatMoney } from "../lib/money.js";
import { Nothing } from "./nothing.js";

/** @import { OrderListView, OrderView } from "../../schemas/generated/messages" */

export function Orders() {
  const orders = useMemo(() => new Loaded(() => api.orders()), []);
  useEffect(() => void orders.load(), []);
  return html`
    <${Waiting} of=${orders}>${(/** @type {OrderListView} */ { orders: list }) => html`
      ${list.length === 0 && html`<${Nothing} icon="shopping-bag" title=${t("account-no-orders")} text=${t("account-no-orders-text")} href="/" go=${t("player-to-start")} />`}
      <ul class="account-list">${list.map((order) => html`<${Row} key=${order.order_id} order=${order} />`)}</ul>
    `}<//>
  `;
}

/** @param {{ order: OrderView }} props */
function Row({ order }) {
  const [first, ...more] = order.lines;
  const units = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  const when = new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(order.placed_at_ms);
  return html`
    <li class="account-row" data-testid="account-order">
      <span class="account-picture"><${Picture} url=${first.image_url} title=${first.title} /></span>
      <div class="account-words">
        <a class="account-row-link" href=${`/order/${order.order_id}`} data-testid="account-order-link"><strong>${first.title}${more.length > 0 ? " …" : ""}</strong></a>
        <span class="soft small">${when} · ${t("order-units", { count: units })}</span>
        <${OrderLine} order=${order} />
      </div>
      <span class="account-sum numbers">${formatMoney(order.total, locale())}</span>
    </li>
  `;
}
