// @ts-check
// @css bill.css
// The sum of a purchase and what it consists of; where it goes, how it travels, and a code that makes it cheaper.

import { useState } from "preact/hooks";
import { addressText } from "../lib/address.js";
import { embedded } from "../lib/embedded.js";
import { formatMoney } from "../lib/money.js";
import { AddressForm } from "./address_form.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { errorText, locale, t } from "./words.js";

/**
 * @import { SaveAddress } from "../../schemas/generated/messages"
 * @import { Bill as State } from "../lib/bill.js"
 */

/** Why a code does not count. @type {Record<string, string>} */
const WHY_NOT = {
  unknown: "bill-code-unknown",
  closed: "bill-code-unknown",
  sale: "bill-code-sale",
  new_buyers: "bill-code-new-buyers",
  minimum: "bill-code-minimum",
  currency: "bill-code-currency",
  used_up: "bill-code-used-up",
  used_by_you: "bill-code-used-by-you",
};

/** @param {{ bill: State, disabled?: boolean }} props */
export function Bill({ bill, disabled = false }) {
  const quote = bill.quote.value;
  const [adding, setAdding] = useState(false);
  if (!quote) return bill.problem.value && html`<${ErrorLine} text=${errorText(bill.problem.value)} />`;
  const { amounts } = quote;
  const money = (/** @type {number} */ minor) => formatMoney({ amount_minor: minor, currency: amounts.currency }, locale());
  const asks = quote.needs_address || adding;
  return html`
    <div class="bill stack" data-testid="bill">
      ${asks
        ? html`<h3>${t("address-title")}</h3>
          <${AddressForm} onSave=${(/** @type {SaveAddress} */ body) => bill.saveAddress(body).then(() => setAdding(false))}>
            ${adding && !quote.needs_address && html`<button class="button button-wide" type="button" data-testid="address-back" onClick=${() => setAdding(false)}>${t("address-back")}</button>`}
          <//>`
        : bill.addresses.value.length > 0 && quote.options.length > 0 && html`<${Delivery} bill=${bill} disabled=${disabled} onAdd=${() => setAdding(true)} />`}
      <${Code} bill=${bill} disabled=${disabled} />
      <dl class="bill-sums numbers">
        <div><dt>${t("bill-goods")}</dt><dd>${money(amounts.subtotal_minor)}</dd></div>
        ${amounts.discount_minor > 0 && html`<div data-testid="bill-discount"><dt>${t("bill-discount")}</dt><dd>−${money(amounts.discount_minor)}</dd></div>`}
        ${quote.shipping && html`<div data-testid="bill-delivery"><dt>${t("bill-delivery")}</dt><dd>${amounts.shipping_minor ? money(amounts.shipping_minor) : t("bill-free")}</dd></div>`}
        <div class="bill-total"><dt>${t("bill-total")}</dt><dd data-testid="bill-total">${money(amounts.total_minor)}</dd></div>
        ${amounts.tax_minor > 0 && html`<div class="soft small"><dt>${t("bill-tax")}</dt><dd>${money(amounts.tax_minor)}</dd></div>`}
      </dl>
    </div>
  `;
}

/** @param {{ bill: State, disabled: boolean, onAdd: () => void }} props */
function Delivery({ bill, disabled, onAdd }) {
  const quote = bill.quote.value;
  const value = (/** @type {Event} */ event) => /** @type {HTMLSelectElement} */ (event.target).value;
  return html`
    <div class="field">
      <label class="field-label" for="bill-address">${t("bill-address")}</label>
      <select class="field-input" id="bill-address" data-testid="bill-address" disabled=${disabled}
        onChange=${(/** @type {Event} */ event) => (value(event) ? bill.chooseAddress(value(event)) : onAdd())}>
        ${bill.addresses.value.map((each) => html`<option value=${each.address_id} selected=${each.address_id === bill.addressId.value}>
          ${addressText(each)}</option>`)}
        <option value="">${t("bill-address-new")}</option>
      </select>
      ${!embedded && html`<a class="small" href="/addresses/" target="_blank" data-testid="bill-addresses">${t("addresses-title")}</a>`}
    </div>
    <div class="field">
      <label class="field-label" for="bill-shipping">${t("bill-delivery")}</label>
      <select class="field-input" id="bill-shipping" data-testid="bill-shipping" disabled=${disabled}
        onChange=${(/** @type {Event} */ event) => bill.chooseShipping(value(event))}>
        ${quote?.options.map((each) => html`<option value=${each.option_id} selected=${each.option_id === quote.shipping}>
          ${locale() === "ru" ? each.name_ru : each.name_en} · ${each.price.amount_minor ? formatMoney(each.price, locale()) : t("bill-free")}</option>`)}
      </select>
    </div>
  `;
}

/** @param {{ bill: State, disabled: boolean }} props */
function Code({ bill, disabled }) {
  const [typed, setTyped] = useState(bill.coupon.value);
  const problem = bill.couponProblem.value;
  const reason = problem && WHY_NOT[String(problem.extra.reason ?? "")];
  const why = reason ? t(reason) : problem && errorText(problem);
  return html`
    <form class="bill-code" onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), bill.useCoupon(typed))}>
      <label class="visually-hidden" for="bill-code">${t("bill-code")}</label>
      <input class="field-input" id="bill-code" data-testid="coupon" placeholder=${t("bill-code")} autocomplete="off" maxlength="15" value=${typed}
        disabled=${disabled} aria-invalid=${problem ? "true" : undefined} aria-describedby=${problem ? "bill-code-note" : undefined}
        onInput=${(/** @type {Event} */ event) => setTyped(/** @type {HTMLInputElement} */ (event.target).value)} />
      <button class="button" type="submit" data-testid="use-coupon" disabled=${disabled || !typed.trim()}>${t("bill-code-use")}</button>
      ${problem && html`<p class="field-error" id="bill-code-note" role="alert">${why}</p>`}
    </form>
  `;
}
