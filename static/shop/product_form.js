// @ts-check
// @css page.css
// A new product: pictures, words, and its variants row by row. Nothing is lost when the server refuses.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { PicturePicker } from "../components/picture_picker.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { PictureList } from "../lib/picture_list.js";
import { freshId } from "../lib/store.js";
import { CURRENCIES } from "../studio/new_product.js";
import { VariantFields, variantFrom } from "./variant_fields.js";

const VARIANTS_MAX = 50;

export function ProductForm() {
  const [productId] = useState(() => freshId("prd"));
  const [list] = useState(() => new PictureList());
  /** Numbers that name the rows; a removed one is not used again, so that what was typed stays with its row. */
  const [rows, setRows] = useState([1]);
  const form = useForm(async (values) => {
    if (list.busy.value) throw new FieldProblem("pictures", "product-pictures-busy");
    const title = values.title.trim();
    const variants = rows.map((row, at) => variantFrom(values, { row, at, currency: values.currency, title, productId }));
    await api.publishProduct({ product_id: productId, title, description: values.description.trim(), pictures: list.ids.value, variants });
    location.assign("/shop/");
  });
  const pointers = rows.flatMap((_, at) => ["sku", "price", "on_hand", "tax_rate_bp", "label"].map((name) => `/variants/${at}/${name}`));
  return html`
    <form class="product-page" onSubmit=${form.onSubmit} data-testid="product-form">
      <section class="panel stack">
        <${PicturePicker} label=${t("product-pictures")} list=${list} error=${form.errorOf("pictures")} />
      </section>
      <div class="stack">
        <section class="panel stack">
          <h2>${t("product-details")}</h2>
          <${Field} label=${t("product-title-label")} name="title" required maxlength="120" data-testid="product-title" error=${form.errorOf("title")} />
          <${Field} as="textarea" label=${t("product-description-label")} name="description" maxlength="4000" rows="4" hint=${t("product-description-hint")}
            data-testid="product-description" error=${form.errorOf("description")} />
          <${Field} as="select" label=${t("product-currency-label")} name="currency" data-testid="product-currency">
            ${CURRENCIES.map((code) => html`<option key=${code} value=${code}>${code}</option>`)}
          <//>
        </section>
        <section class="panel stack">
          <h2>${t("product-variants")}</h2>
          <p class="soft">${t("product-variants-hint")}</p>
          ${rows.map((row, at) => html`
            <fieldset class="variant-row" key=${row} data-testid=${`variant-${at}`}>
              <legend class="variant-row-head">${t("product-variant-number", { number: at + 1 })}</legend>
              ${rows.length > 1 && html`
                <button class="button button-small variant-row-remove" type="button" aria-label=${t("product-variant-remove", { number: at + 1 })}
                  data-testid=${`variant-remove-${at}`} onClick=${() => setRows(rows.filter((each) => each !== row))}><${Icon} name="trash-2" /></button>`}
              <${VariantFields} row=${row} at=${at} form=${form} />
            </fieldset>`)}
          ${rows.length < VARIANTS_MAX && html`
            <div><button class="button" type="button" data-testid="variant-add" onClick=${() => setRows([...rows, Math.max(...rows) + 1])}>
              <${Icon} name="plus" />${t("product-variant-add")}</button></div>`}
        </section>
        ${form.rest(["title", "description", "pictures", ...pointers])}
        <button class="button button-primary button-large" type="submit" data-testid="product-create" disabled=${form.busy}>${t("product-create")}</button>
      </div>
    </form>
  `;
}
