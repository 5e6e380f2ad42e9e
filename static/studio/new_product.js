// @ts-check
// A new product with one variant.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { PicturePicker } from "../components/picture_picker.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { parseAmount } from "../lib/money.js";
import { PictureList } from "../lib/picture_list.js";
import { freshId } from "../lib/store.js";

/** What shops here sell in; the server takes every ISO 4217 code. */
export const CURRENCIES = ["EUR", "USD", "RUB", "GBP", "KZT", "GEL"];

/** @param {{ onDone: () => Promise<void> }} props */
export function NewProduct({ onDone }) {
  const [productId, setProductId] = useState(() => freshId("prd"));
  const [list, setList] = useState(() => new PictureList());
  const form = useForm(async ({ title, label, sku, price, currency, on_hand }, element) => {
    if (list.busy.value) throw new FieldProblem("pictures", "product-pictures-busy");
    const amount = parseAmount(price, currency);
    if (amount === null) throw new FieldProblem("price", "price-invalid");
    const variant = { sku: sku.trim().toUpperCase(), label: label.trim(), price: { amount_minor: amount, currency }, on_hand: Number(on_hand) };
    await api.publishProduct({ product_id: productId, title: title.trim(), pictures: list.ids.value, variants: [variant] });
    setList(new PictureList());
    setProductId(freshId("prd"));
    element.reset();
    await onDone();
  });
  const fields = ["title", "label", "sku", "price", "on_hand", "pictures"];
  return html`
    <form class="stack" onSubmit=${form.onSubmit}>
      <${Field} label=${t("product-title-label")} name="title" required maxlength="120" data-testid="product-title" error=${form.errorOf("title")} />
      <div class="field-grid">
        <${Field} label=${t("product-sku-label")} name="sku" required maxlength="32" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" hint=${t("product-sku-hint")}
          data-testid="product-sku" error=${form.errorOf("sku")} />
        <${Field} label=${t("product-variant-label")} name="label" maxlength="60" placeholder=${t("product-variant-placeholder")}
          data-testid="product-label" error=${form.errorOf("label")} />
      </div>
      <div class="field-grid">
        <${Field} label=${t("product-price-label")} name="price" required inputmode="decimal" data-testid="product-price" error=${form.errorOf("price")} />
        <${Field} as="select" label=${t("product-currency-label")} name="currency" data-testid="product-currency">
          ${CURRENCIES.map((code) => html`<option value=${code}>${code}</option>`)}
        <//>
        <${Field} label=${t("product-stock-label")} name="on_hand" type="number" min="0" max="1000000" required inputmode="numeric"
          data-testid="product-stock" error=${form.errorOf("on_hand")} />
      </div>
      <${PicturePicker} label=${t("product-pictures")} list=${list} error=${form.errorOf("pictures")} />
      ${form.rest(fields)}
      <button class="button button-primary" type="submit" data-testid="product-create" disabled=${form.busy}>${t("product-create")}</button>
    </form>
  `;
}
