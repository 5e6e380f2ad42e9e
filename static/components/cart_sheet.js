// @ts-check
// @css bill.css
// @css product_sheet.css
// Everything that was put aside, and the way to pay for it at once.

import { useEffect } from "preact/hooks";
import { formatMoney, times } from "../lib/money.js";
import { orderStatus, payable } from "../lib/order_status.js";
import { Bill } from "./bill.js";
import { CardPicker } from "./card_picker.js";
import { Dialog } from "./dialog.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { OrderLine } from "./order_line.js";
import { OtherWay } from "./other_way.js";
import { Picture } from "./picture.js";
import { Stepper } from "./stepper.js";
import { errorText, locale, t } from "./words.js";

/**
 * @import { Bill as BillState } from "../lib/bill.js"
 * @import { Cart, CartLine } from "../lib/cart.js"
 * @import { Checkout } from "../lib/checkout.js"
 * @import { Wallet } from "../lib/wallet.js"
 */

/** @param {{ cart: Cart, bill: BillState, checkout: Checkout, wallet: Wallet, onClose: () => void, beforeBuy: () => Promise<boolean> }} props */
export function CartSheet({ cart, bill, checkout, wallet, onClose, beforeBuy }) {
  const lines = cart.lines.value;
  const order = checkout.order.value;
  const status = order && orderStatus(order);
  const error = checkout.error.value;
  const quote = bill.quote.value;
  const total = order?.total ?? (quote && { amount_minor: quote.amounts.total_minor, currency: quote.amounts.currency });
  const canPay = status ? payable(status) : lines.length > 0 && quote !== null && !quote.needs_address;
  useEffect(() => {
    bill.loadAddresses().catch(() => undefined).then(() => bill.ask(cart.wanted));
  }, [lines]);

  const pay = async () => {
    const { way } = wallet;
    if (!way) return;
    if (order) return checkout.payAgain(way);
    if (!(await beforeBuy())) return;
    await checkout.buyLines(bill.showId, cart.wanted, way, bill.extras);
    if (checkout.order.value) cart.clear();
  };

  return html`
    <${Dialog} title=${t("cart-title")} testid="cart-sheet" onClose=${onClose}>
      ${!order && lines.length === 0 && html`<p class="empty">${t("cart-empty")}</p>`}
      ${!order && html`<ul class="stack">${lines.map((line) => html`<${Row} key=${line.sku + line.sale_id} line=${line} cart=${cart} disabled=${checkout.busy.value} />`)}</ul>`}
      ${order && html`<${OrderLine} order=${order} />`}
      ${!order && lines.length > 0 && html`<${Bill} bill=${bill} disabled=${checkout.busy.value} />`}
      ${status === "action" && html`<${OtherWay} checkout=${checkout} />`}
      ${error && html`<${ErrorLine} text=${errorText(error)} />`}
      ${canPay && html`<${CardPicker} wallet=${wallet} disabled=${checkout.busy.value} />`}
      ${canPay && total
        ? html`<div class="dialog-act"><button class="button button-primary button-large button-wide" type="button" data-testid="pay-cart" disabled=${checkout.busy.value || !wallet.way} onClick=${pay}>
            ${t("pay", { amount: formatMoney(total, locale()) })}</button></div>`
        : html`<button class="button button-large button-wide" type="button" data-testid="keep-watching" onClick=${onClose}>${t("keep-watching")}</button>`}
    <//>
  `;
}

/** @param {{ line: CartLine, cart: Cart, disabled: boolean }} props */
const Row = ({ line, cart, disabled }) => html`
  <li class="cart-row" data-testid=${`cart-${line.sku}`}>
    <span class="order-row-picture"><${Picture} url=${line.image_url} title=${line.title} /></span>
    <span class="cart-row-words"><strong>${line.title}</strong>${line.label && html`<span class="soft"> · ${line.label}</span>`}<br />
      <span class="soft small numbers">${formatMoney(times(line.unit_price, line.quantity), locale())}</span></span>
    <${Stepper} value=${line.quantity} max=${line.most} onChange=${(/** @type {number} */ next) => cart.set(line, next)} disabled=${disabled} />
    <button class="button button-round" type="button" aria-label=${t("cart-remove", { title: line.title })} disabled=${disabled}
      onClick=${() => cart.set(line, 0)}><${Icon} name="x" /></button>
  </li>
`;
