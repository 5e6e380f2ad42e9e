// @ts-check
// What a buyer can do with an order: give it up, say that it came, send it back.

import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { orderStatus, payable } from "../lib/order_status.js";
import { ordersApi } from "../lib/orders_api.js";
import { freshId } from "../lib/store.js";

/** @import { OrderView } from "../../schemas/generated/messages" */

/** @param {{ order: OrderView, act: (step: () => Promise<unknown>) => Promise<void> }} props */
export function BuyerTools({ order, act }) {
  const cancel = useForm(() => act(() => ordersApi.cancel(order.order_id)));
  const received = useForm(() => act(() => ordersApi.received(order.order_id)));
  const sent = order.fulfilment === "shipped" || order.fulfilment === "delivered";
  const left = order.lines.some((line) => line.quantity > line.refunded + line.returning);
  return html`
    ${payable(orderStatus(order)) && html`
      <form class="no-print" onSubmit=${cancel.onSubmit}>${cancel.rest([])}
        <button class="button button-wide" type="submit" data-testid="cancel-order" disabled=${cancel.busy}>${t("order-page-cancel")}</button></form>`}
    ${order.fulfilment === "shipped" && html`
      <form class="no-print" onSubmit=${received.onSubmit}>${received.rest([])}
        <button class="button button-primary button-wide" type="submit" data-testid="received" disabled=${received.busy}>${t("order-page-received")}</button></form>`}
    ${sent && left && order.kind !== "giveaway" && html`<${SendBack} order=${order} act=${act} />`}
  `;
}

/** @param {{ order: OrderView, act: (step: () => Promise<unknown>) => Promise<void> }} props */
function SendBack({ order, act }) {
  const form = useForm(({ reason, ...counts }) => {
    const lines = order.lines.flatMap((_, position) => (Number(counts[`line${position}`]) > 0 ? [{ position, quantity: Number(counts[`line${position}`]) }] : []));
    return act(() => ordersApi.requestReturn(order.order_id, { return_id: freshId("rtn"), lines, reason: reason.trim() }));
  });
  return html`
    <details class="panel no-print">
      <summary data-testid="open-return">${t("order-page-return")}</summary>
      <form class="stack" data-testid="return-form" onSubmit=${form.onSubmit}>
        ${order.lines.map((line, position) => {
          const most = line.quantity - line.refunded - line.returning;
          return most > 0 && html`<${Field} key=${position} label=${`${line.title} · ${t("order-page-units")}`} name=${`line${position}`} type="number" min="0" max=${most} defaultValue=${order.lines.length === 1 ? "1" : "0"} />`;
        })}
        <${Field} label=${t("order-page-return-reason")} name="reason" required maxlength="200" error=${form.errorOf("reason")} />
        ${form.rest(["reason"])}
        <button class="button" type="submit" data-testid="request-return" disabled=${form.busy}>${t("order-page-return")}</button>
      </form>
    </details>
  `;
}
