// @ts-check
// @css page.css
// The variants of a product: what each costs, how many there are, what changed them, and one more.

import { useState } from "preact/hooks";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";
import { shopApi } from "../lib/shop_api.js";
import { StockEditor } from "../studio/stock_editor.js";
import { VariantFields, variantFrom } from "./variant_fields.js";

/**
 * @import { ProductView, VariantView } from "../../schemas/generated/messages"
 * @import { ShopDesk } from "./desk.js"
 */

/** @param {{ desk: ShopDesk, product: ProductView }} props */
export function Variants({ desk, product }) {
  const [adding, setAdding] = useState(false);
  const done = async () => {
    await desk.load();
    setAdding(false);
  };
  return html`
    <section class="panel stack" data-testid="variants">
      <h2>${t("product-variants")}</h2>
      <ul class="variant-list">${product.variants.map((variant) => html`<${Variant} key=${variant.sku} desk=${desk} product=${product} variant=${variant} />`)}</ul>
      ${adding && html`<${NewVariantForm} product=${product} onDone=${done} />`}
      ${!product.archived && html`
        <div><button class="button" type="button" data-testid="variant-add" aria-expanded=${String(adding)} onClick=${() => setAdding(!adding)}>
          <${Icon} name=${adding ? "x" : "plus"} />${t(adding ? "close" : "product-variant-add")}</button></div>`}
    </section>
  `;
}

/** @param {{ desk: ShopDesk, product: ProductView, variant: VariantView }} props */
function Variant({ desk, product, variant }) {
  const [editing, setEditing] = useState(false);
  return html`
    <li class="variant-item" data-testid=${`variant-${variant.sku}`}>
      <span class="variant-item-words">
        <strong>${variant.label || product.title}</strong>
        <span class="soft small">${variant.sku}</span>
      </span>
      <span class="variant-item-sum numbers"><strong>${formatMoney(variant.price, locale())}</strong>
        <span class="soft small" data-testid=${`on-hand-${variant.sku}`}>${variant.on_hand > 0 ? t("on-hand", { count: variant.on_hand }) : t("shop-no-stock")}</span></span>
      <button class="button button-round" type="button" aria-expanded=${String(editing)} aria-label=${t("stock-edit", { title: variant.label || product.title })}
        data-testid=${`stock-edit-${variant.sku}`} onClick=${() => setEditing(!editing)}><${Icon} name=${editing ? "x" : "pencil"} /></button>
      ${editing && html`<${StockEditor} variant=${variant} onChanged=${desk.load} />`}
    </li>
  `;
}

/** @param {{ product: ProductView, onDone: () => Promise<void> }} props */
function NewVariantForm({ product, onDone }) {
  const at = product.variants.length;
  const form = useForm(async (values) => {
    const place = { row: 0, at: 0, currency: product.variants[0].price.currency, title: product.title, productId: product.product_id };
    const made = variantFrom(values, place);
    // The same name for the first row of a new product and for this one: here it is the one after those that exist.
    const sku = values["sku-0"].trim() ? made.sku : `${made.sku}-${at + 1}`.slice(0, 32);
    await shopApi.addVariant(product.product_id, { ...made, sku });
    await onDone();
  });
  // The server names the fields of one variant; the fields here are those of a row.
  const named = { errorOf: (/** @type {string} */ name) => form.errorOf(name) ?? form.errorOf(name.split("/").at(-1) ?? name) };
  const fields = ["sku", "price", "on_hand", "tax_rate_bp", "label"];
  return html`
    <form class="variant-row stack" onSubmit=${form.onSubmit} data-testid="variant-form">
      <${VariantFields} row=${0} at=${0} form=${named} />
      ${form.rest([...fields, ...fields.map((name) => `/variants/0/${name}`)])}
      <div><button class="button button-primary" type="submit" data-testid="variant-save" disabled=${form.busy}>${t("product-variant-save")}</button></div>
    </form>
  `;
}
