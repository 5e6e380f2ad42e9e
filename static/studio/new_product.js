// @ts-check
// A new product with one variant.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { parseAmount } from "../lib/money.js";
import { freshId } from "../lib/store.js";

/** What shops here sell in; the server takes every ISO 4217 code. */
const CURRENCIES = ["EUR", "USD", "RUB", "GBP", "KZT", "GEL"];

/** @param {{ onDone: () => Promise<void> }} props */
export function NewProduct({ onDone }) {
  const [productId, setProductId] = useState(() => freshId("prd"));
  const form = useForm(async ({ title, label, sku, price, currency, on_hand, image_url }, element) => {
    const amount = parseAmount(price, currency);
    if (amount === null) throw new FieldProblem("price", "price-invalid");
    const variant = { sku: sku.trim().toUpperCase(), label: label.trim(), price: { amount_minor: amount, currency }, on_hand: Number(on_hand) };
    await api.publishProduct({ product_id: productId, title: title.trim(), image_url: image_url.trim() || null, variants: [variant] });
    setProductId(freshId("prd"));
    element.reset();
    await onDone();
  });
  const fields = ["title", "label", "sku", "price", "on_hand", "image_url"];
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
      <${Field} label=${t("product-image-label")} name="image_url" maxlength="300" pattern="/.*" hint=${t("product-image-hint")}
        data-testid="product-image" error=${form.errorOf("image_url")} />
      ${form.rest(fields)}
      <button class="button button-primary" type="submit" data-testid="product-create" disabled=${form.busy}>${t("product-create")}</button>
    </form>
  `;
}
