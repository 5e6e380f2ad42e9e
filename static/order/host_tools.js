// @ts-check
// What a host can do with an order: send it, withdraw it, pay back, decide about what comes back.

import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { parseAmount } from "../lib/money.js";
import { ordersApi } from "../lib/orders_api.js";
import { freshId } from "../lib/store.js";

/**
 * @import { OrderView, ReturnView } from "../../schemas/generated/messages"
 * @typedef {(step: () => Promise<unknown>) => Promise<void>} Act
 */

/** @param {{ order: OrderView, act: Act }} props */
export function HostTools({ order, act }) {
  const here = order.state === "confirmed" && order.payment !== "authorised";
  const paid = order.payment === "captured" && order.dispute !== "open" && order.dispute !== "lost";
  return html`
    <section class="panel stack no-print" data-testid="host-tools">
      <h2>${t("order-page-host")}</h2>
      ${order.returns.map((each) => html`<${Back} key=${each.return_id} order=${order} back=${each} act=${act} />`)}
      ${here && html`<${Ship} order=${order} act=${act} />`}
      ${paid && html`<${PayBack} order=${order} act=${act} />`}
      ${here && html`<${Withdraw} order=${order} act=${act} />`}
    </section>
  `;
}

/** @param {{ order: OrderView, act: Act }} props */
function Ship({ order, act }) {
  const form = useForm(({ carrier, tracking }) =>
    act(() => ordersApi.ship({ order_ids: [order.order_id], carrier: carrier.trim(), tracking: tracking.trim() })));
  return html`
    <form class="order-page-form" data-testid="ship-form" onSubmit=${form.onSubmit}>
      <${Field} label=${t("order-page-carrier")} name="carrier" required maxlength="80" error=${form.errorOf("carrier")} />
      <${Field} label=${t("order-page-tracking-number")} name="tracking" maxlength="80" error=${form.errorOf("tracking")} />
      <button class="button button-primary" type="submit" data-testid="ship" disabled=${form.busy}>${t("order-page-ship")}</button>
      ${form.rest(["carrier", "tracking"])}
    </form>
  `;
}

/** @param {{ order: OrderView, act: Act }} props */
function PayBack({ order, act }) {
  const { currency } = order.total;
  const form = useForm(({ amount, reason }, element) => {
    const minor = parseAmount(amount, currency);
    if (!minor) throw new FieldProblem("amount", "error-invalid_field");
    return act(async () => {
      await ordersApi.refund(order.order_id, { refund_id: freshId("rfd"), reason: reason.trim(), amount: minor, currency });
      element.reset();
    });
  });
  return html`
    <form class="order-page-form" data-testid="refund-form" onSubmit=${form.onSubmit}>
      <${Field} label=${`${t("order-page-amount")}, ${currency}`} name="amount" inputmode="decimal" required error=${form.errorOf("amount")} />
      <${Field} label=${t("order-page-reason")} name="reason" required maxlength="200" error=${form.errorOf("reason")} />
      <button class="button" type="submit" data-testid="refund" disabled=${form.busy}>${t("order-page-refund")}</button>
      ${form.rest(["amount", "reason"])}
    </form>
  `;
}

/** @param {{ order: OrderView, act: Act }} props */
function Withdraw({ order, act }) {
  const form = useForm(({ reason }) => act(() => ordersApi.withdraw(order.order_id, reason.trim())));
  return html`
    <form class="order-page-form" data-testid="withdraw-form" onSubmit=${form.onSubmit}>
      <${Field} label=${t("order-page-reason")} name="reason" required maxlength="200" error=${form.errorOf("reason")} />
      <button class="button" type="submit" data-testid="withdraw" disabled=${form.busy}>${t("order-page-withdraw")}</button>
      ${form.rest(["reason"])}
    </form>
  `;
}

/** @param {{ order: OrderView, back: ReturnView, act: Act }} props */
function Back({ order, back, act }) {
  const form = useForm(async (values, element) => {
    const choice = /** @type {HTMLButtonElement} */ (element.querySelector("[data-chosen]"))?.value;
    const { order_id } = order;
    const step = back.state === "requested"
      ? () => ordersApi.decideReturn(order_id, back.return_id, { accept: choice === "yes", note: (values.note ?? "").trim() })
      : () => ordersApi.receiveReturn(order_id, back.return_id, { restock: choice === "yes" });
    await act(step);
  });
  if (back.state !== "requested" && back.state !== "accepted") return null;
  const [yes, no] = back.state === "requested" ? ["order-page-accept", "order-page-refuse"] : ["order-page-receive", "order-page-receive-broken"];
  const choose = (/** @type {MouseEvent} */ event) => {
    const pressed = /** @type {HTMLElement} */ (event.currentTarget);
    for (const each of pressed.parentElement?.children ?? []) each.removeAttribute("data-chosen");
    pressed.setAttribute("data-chosen", "");
  };
  return html`
    <form class="order-page-form" data-testid="return-decision" onSubmit=${form.onSubmit}>
      <p class="order-page-wide">${back.lines.map((line) => `${line.quantity} × ${order.lines[line.position].title}`).join(", ")} · ${back.reason}</p>
      ${back.state === "requested" && html`<${Field} label=${t("order-page-reason")} name="note" maxlength="200" />`}
      <span class="row">
        <button class="button button-primary" type="submit" value="yes" data-testid="return-yes" disabled=${form.busy} onClick=${choose}>${t(yes)}</button>
        <button class="button" type="submit" value="no" data-testid="return-no" disabled=${form.busy} onClick=${choose}>${t(no)}</button>
      </span>
      ${form.rest([])}
    </form>
  `;
}
