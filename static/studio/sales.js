// @ts-check
// @css ../components/sales.css
// The sales as they happen, and the sums that the host asks for.

import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { soldOf } from "../lib/live_numbers.js";
import { formatMoney, formatTime } from "../lib/money.js";
import { orderStatus } from "../lib/order_status.js";

/**
 * @import { OrderStatus } from "../lib/order_status.js"
 * @import { SaleView, SalesState } from "../../schemas/generated/messages"
 */

/** Where an order stands, in the words of the host. @type {Record<OrderStatus, string>} */
export const SALE_WORDS = {
  held: "sale-held",
  pending: "sale-pending",
  declined: "sale-declined",
  confirmed: "sale-confirmed",
  paid: "sale-paid",
  expired: "sale-expired",
  gone: "sale-gone",
  cancelled: "sale-cancelled",
  action: "sale-pending",
  shipped: "sale-shipped",
  delivered: "sale-delivered",
  withdrawn: "sale-withdrawn",
  returned: "sale-returned",
  refunded: "sale-refunded",
};

/** @param {{ state: SalesState | null }} props */
export function Sales({ state }) {
  const sales = state?.sales ?? [];
  const sold = soldOf(sales);
  const revenue = sold.revenue.map((money) => formatMoney(money, locale()));
  return html`
    <section class="panel" data-testid="sales">
      <header><h2>${t("sales-title")}</h2></header>
      <dl class="figures">
        <div><dt>${t("revenue")}</dt><dd data-testid="revenue">${revenue.join(" + ") || "—"}</dd></div>
        <div><dt>${t("orders-count")}</dt><dd data-testid="orders-count">${sold.orders}</dd></div>
        <div><dt>${t("units-sold")}</dt><dd data-testid="units-sold">${sold.units}</dd></div>
      </dl>
      ${sales.length === 0 && html`<p class="empty">${t("sales-empty")}</p>`}
      <ul class="sales" aria-live="polite">${sales.map((sale) => html`<${SaleRow} key=${sale.order_id} sale=${sale} />`)}</ul>
    </section>
  `;
}

/** @param {{ sale: SaleView }} props */
function SaleRow({ sale }) {
  const status = orderStatus(sale);
  return html`
    <li class="sale-row" data-testid="sale-row" data-order=${sale.order_id} data-state=${status}>
      <span class="sale-buyer"><a href=${`/order/${sale.order_id}`}><strong>${sale.buyer_name}</strong></a> <span class="soft small">${formatTime(sale.at_ms, locale())}</span></span>
      <span class="sale-sum">${formatMoney(sale.total, locale())}<span class="soft small">${t("order-units", { count: sale.units })}</span></span>
      <span class=${`sale-state sale-state-${status}`}>${t(SALE_WORDS[status])}</span>
    </li>
  `;
}
