// @ts-check
// @css ../components/bill.css
// @css ../components/product_sheet.css
// What was paid for what: lines, discount, delivery, tax by rate, money back. All sums are the order's own; nothing is added up here.

import { html } from "../components/html.js";
import { Picture } from "../components/picture.js";
import { locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";

/** @import { LineView, ReceiptView } from "../../schemas/generated/messages" */

/** @type {Record<string, string>} */
const REFUNDS = { requested: "refund-requested", done: "refund-done", failed: "refund-failed" };

/** @param {{ receipt: ReceiptView }} props */
export function Receipt({ receipt }) {
  const { order, amounts, refunded, taxes } = receipt;
  const money = (/** @type {number} */ minor) => formatMoney({ amount_minor: minor, currency: amounts.currency }, locale());
  const percent = new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 2 });
  return html`
    <section class="panel" data-testid="receipt">
      <header><h2>${t("order-page-lines")}</h2>
        <button class="button no-print" type="button" data-testid="print" onClick=${() => print()}>${t("order-page-print")}</button></header>
      <ul class="stack">${order.lines.map((line) => html`<${Line} key=${line.sku + line.sale_id} line=${line} money=${money} />`)}</ul>
      <dl class="bill-sums numbers order-page-sums">
        <div><dt>${t("bill-goods")}</dt><dd>${money(amounts.subtotal_minor)}</dd></div>
        ${amounts.discount_minor > 0 && html`<div><dt>${t("bill-discount")}${order.coupon && ` · ${order.coupon}`}</dt><dd>−${money(amounts.discount_minor)}</dd></div>`}
        ${order.shipping && html`<div><dt>${t("bill-delivery")} · ${locale() === "ru" ? order.shipping.name_ru : order.shipping.name_en}</dt><dd>${money(amounts.shipping_minor)}</dd></div>`}
        <div class="bill-total"><dt>${t("bill-total")}</dt><dd data-testid="receipt-total">${money(amounts.total_minor)}</dd></div>
        ${taxes.filter((tax) => tax.tax_minor > 0).map((tax) => html`<div class="soft small"><dt>${t("bill-tax")} ${percent.format(tax.rate_bp / 10_000)}</dt><dd>${money(tax.tax_minor)}</dd></div>`)}
        ${refunded.total_minor > 0 && html`
          <div><dt>${t("order-page-refunds")}</dt><dd data-testid="receipt-refunded">−${money(refunded.total_minor)}</dd></div>
          <div class="bill-total"><dt>${t("order-page-kept")}</dt><dd data-testid="receipt-kept">${money(receipt.kept_minor)}</dd></div>`}
      </dl>
      ${order.refunds.length > 0 && html`
        <h3>${t("order-page-refunds")}</h3>
        <ul>${order.refunds.map((each) => html`<li key=${each.refund_id} data-testid="refund-row" data-state=${each.state}>
          ${money(each.amounts.total_minor)} · ${each.reason} · <span class="soft">${t(REFUNDS[each.state])}</span></li>`)}</ul>`}
    </section>
  `;
}

/** @param {{ line: LineView, money: (minor: number) => string }} props */
const Line = ({ line, money }) => html`
  <li class="order-row">
    <span class="order-row-picture"><${Picture} url=${line.image_url} title=${line.title} /></span>
    <span class="order-page-line"><span><strong>${line.title}</strong>${line.label && html`<span class="soft"> · ${line.label}</span>`}<br />
      <span class="soft small numbers">${line.quantity} × ${formatMoney(line.unit_price, locale())}</span></span>
      <span class="numbers">${money(line.total.amount_minor)}</span></span>
  </li>
`;
