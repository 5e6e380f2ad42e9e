// @ts-check
// @css orders_desk.css
// The shop's ways of delivery. Without any, buyers are asked for no address.

import { useEffect, useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { formatMoney, parseAmount } from "../lib/money.js";
import { ordersApi } from "../lib/orders_api.js";

/** @import { ShippingView } from "../../schemas/generated/messages" */

const CURRENCIES = ["EUR", "USD", "RUB", "GBP", "CHF", "PLN", "KZT"];
const FIELDS = ["option_id", "name_en", "name_ru", "price", "countries", "free_from"];

export function Delivery() {
  const [options, setOptions] = useState(/** @type {ShippingView[]} */ ([]));
  useEffect(() => {
    ordersApi.shipping().then((view) => setOptions(view.options), () => undefined);
  }, []);
  const form = useForm(async ({ option_id, name_en, name_ru, price, currency, countries, free_from }, element) => {
    const minor = parseAmount(price, currency);
    const free = free_from.trim() ? parseAmount(free_from, currency) : undefined;
    if (minor === null) throw new FieldProblem("price", "error-invalid_field");
    if (free === null) throw new FieldProblem("free_from", "error-invalid_field");
    const body = {
      option_id: option_id.trim().toLowerCase(),
      name_en: name_en.trim(),
      name_ru: name_ru.trim(),
      price: { amount_minor: minor, currency },
      countries: countries.toUpperCase().split(/[^A-Z]+/).filter(Boolean),
      ...(free !== undefined && { free_from: { amount_minor: free, currency } }),
    };
    setOptions((await ordersApi.saveShipping(body)).options);
    element.reset();
  });
  const remove = async (/** @type {string} */ id) => setOptions((await ordersApi.deleteShipping(id)).options);
  const nameOf = (/** @type {ShippingView} */ each) => (locale() === "ru" ? each.name_ru : each.name_en);
  return html`
    <details data-testid="delivery">
      <summary data-testid="delivery-open">${t("desk-delivery")}</summary>
      <div class="stack">
        ${options.length === 0 && html`<p class="soft small">${t("desk-delivery-none")}</p>`}
        <ul>${options.map((each) => html`<li class="desk-option" key=${each.option_id} data-testid=${`delivery-${each.option_id}`}>
          <span>${nameOf(each)} · ${formatMoney(each.price, locale())} <span class="soft small">${each.countries.join(" ")}</span></span>
          <button class="button button-round" type="button" aria-label=${t("desk-delivery-remove", { name: nameOf(each) })} onClick=${() => remove(each.option_id)}><${Icon} name="x" /></button>
        </li>`)}</ul>
        <form class="desk-form" data-testid="delivery-form" onSubmit=${form.onSubmit}>
          <${Field} label=${t("desk-delivery-id")} name="option_id" required maxlength="32" error=${form.errorOf("option_id")} />
          <${Field} label=${t("desk-delivery-en")} name="name_en" required maxlength="80" error=${form.errorOf("name_en")} />
          <${Field} label=${t("desk-delivery-ru")} name="name_ru" required maxlength="80" error=${form.errorOf("name_ru")} />
          <${Field} label=${t("desk-delivery-price")} name="price" inputmode="decimal" required error=${form.errorOf("price")} />
          <${Field} label=${t("product-currency-label")} name="currency" as="select">${CURRENCIES.map((code) => html`<option value=${code}>${code}</option>`)}<//>
          <${Field} label=${t("desk-delivery-free")} name="free_from" inputmode="decimal" error=${form.errorOf("free_from")} />
          <${Field} label=${t("desk-delivery-countries")} name="countries" error=${form.errorOf("countries")} />
          ${form.rest(FIELDS)}
          <button class="button" type="submit" data-testid="save-delivery" disabled=${form.busy}>${t("desk-delivery-save")}</button>
        </form>
      </div>
    </details>
  `;
}
