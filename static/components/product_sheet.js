// @ts-check
// @css product_sheet.css
// From "Buy" to "paid" without leaving the video: how many, which card, one button, then the order's status as it changes.

import { useEffect, useState } from "preact/hooks";
import { formatMoney, times } from "../lib/money.js";
import { availability } from "../lib/offers.js";
import { orderStatus, payable } from "../lib/order_status.js";
import { Bill } from "./bill.js";
import { CardPicker } from "./card_picker.js";
import { Dialog } from "./dialog.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { OrderLine } from "./order_line.js";
import { OtherWay } from "./other_way.js";
import { Picture } from "./picture.js";
import { Price } from "./price.js";
import { Stepper } from "./stepper.js";
import { Stock } from "./stock.js";
import { VariantPicker } from "./variant_picker.js";
import { errorText, locale, t } from "./words.js";

/**
 * @import { Bill as BillState } from "../lib/bill.js"
 * @import { Cart } from "../lib/cart.js"
 * @import { Checkout } from "../lib/checkout.js"
 * @import { Item } from "../lib/offers.js"
 * @import { Wallet } from "../lib/wallet.js"
 */

/** @param {{ item: Item, variants: Item[], onVariant: (item: Item) => void, bill: BillState, cart: Cart, checkout: Checkout, wallet: Wallet, onClose: () => void, beforeBuy: () => Promise<boolean> }} props */
export function ProductSheet({ item, variants, onVariant, bill, cart, checkout, wallet, onClose, beforeBuy }) {
  const [wanted, setWanted] = useState(1);
  const { offer } = item;
  const order = checkout.order.value;
  const error = checkout.error.value;
  const status = order && orderStatus(order);
  const most = Math.max(1, Math.min(offer.per_buyer_max, item.pool?.available ?? offer.per_buyer_max));
  const quantity = item.turn ? item.turn.quantity : Math.min(wanted, most);
  const quote = bill.quote.value;
  const total = order?.total ?? (quote ? { amount_minor: quote.amounts.total_minor, currency: quote.amounts.currency } : times(offer.price, quantity));
  const out = availability(item) === "sold_out" && !order;
  const canPay = status ? payable(status) : !out;

  /** The sum on the button is the sum that is charged: without it there is nothing to press yet. */
  const unsure = !order && (!quote || quote.needs_address);
  const saleId = item.sale?.sale_id;
  useEffect(() => {
    const lines = [{ sku: offer.sku, quantity, unit_price: offer.price, ...(saleId && { sale_id: saleId }) }];
    if (!order) bill.loadAddresses().catch(() => undefined).then(() => bill.ask(lines));
  }, [offer.sku, offer.price.amount_minor, quantity, saleId, !order]);

  const pay = async () => {
    const { way } = wallet;
    if (!way) return;
    if (order) await checkout.payAgain(way);
    else if (await beforeBuy()) await checkout.buy(bill.showId, offer, quantity, way, item, bill.extras);
  };
  const putAside = () => {
    cart.add(item, quantity);
    onClose();
  };

  return html`
    <${Dialog} title=${offer.title} testid="product-sheet" onClose=${onClose}>
      <div class="product">
        <span class="product-picture"><${Picture} url=${offer.image_url} title=${offer.title} /></span>
        <div class="stack product-words">
          ${offer.label && html`<p class="soft">${offer.label}</p>`}
          <p class="product-price"><${Price} price=${offer.price} normal=${item.sale?.normal} lowest=${offer.lowest_30d} /></p>
          <p><${Stock} item=${item} /></p>
          <p class="soft small">${t("buy-limit", { count: offer.per_buyer_max })}</p>
        </div>
      </div>
      ${!order && !item.turn && html`<${VariantPicker} variants=${variants} chosen=${offer.sku} disabled=${checkout.busy.value} onChoose=${onVariant} />`}
      ${!order && !out && html`
        <div class="row product-quantity">
          <span class="field-label">${t("quantity")}</span>
          <${Stepper} value=${quantity} max=${most} onChange=${setWanted} disabled=${checkout.busy.value} />
        </div>
      `}
      ${!order && !out && !item.turn && html`
        <button class="button button-wide" type="button" data-testid="add-to-cart" disabled=${cart.full} onClick=${putAside}>${t("cart-add")}</button>`}
      ${order && html`<${OrderLine} order=${order} />`}
      ${!order && !out && html`<${Bill} bill=${bill} disabled=${checkout.busy.value} />`}
      ${status === "action" && html`<${OtherWay} checkout=${checkout} />`}
      ${error && html`<${ErrorLine} text=${errorText(error)} />`}
      ${canPay && html`<${CardPicker} wallet=${wallet} disabled=${checkout.busy.value} />`}
      ${canPay
        ? html`<div class="dialog-act"><button class="button button-primary button-large button-wide" type="button" data-testid="pay" disabled=${checkout.busy.value || unsure || !wallet.way} onClick=${pay}>
            ${t("pay", { amount: formatMoney(total, locale()) })}
          </button></div>`
        : html`<button class="button button-large button-wide" type="button" data-testid="keep-watching" onClick=${onClose}>${t("keep-watching")}</button>`}
      ${status && payable(status) && html`
        <button class="button button-wide" type="button" data-testid="cancel-order" disabled=${checkout.busy.value} onClick=${() => checkout.cancel()}>
          ${t("cancel-order")}
        </button>
      `}
    <//>
  `;
}
