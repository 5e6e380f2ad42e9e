// @ts-check
// @css page.css
// A product that exists: what buyers see of it, its variants with stock and prices, and the way into the archive.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { ErrorLine, FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { PicturePicker } from "../components/picture_picker.js";
import { errorText, t } from "../components/words.js";
import { asApiError } from "../lib/errors.js";
import { PictureList } from "../lib/picture_list.js";
import { shopApi } from "../lib/shop_api.js";
import { Variants } from "./variants.js";

/**
 * @import { ProductView } from "../../schemas/generated/messages"
 * @import { ShopDesk } from "./desk.js"
 */

/** @param {{ desk: ShopDesk, product: ProductView }} props */
export const ProductEditor = ({ desk, product }) => html`
  <div class="product-page">
    <${Details} desk=${desk} product=${product} />
    <div class="stack">
      <${Variants} desk=${desk} product=${product} />
      <${Archive} desk=${desk} product=${product} />
    </div>
  </div>
`;

/** @param {{ desk: ShopDesk, product: ProductView }} props */
function Details({ desk, product }) {
  const [list] = useState(() => new PictureList(product.pictures));
  const [saved, setSaved] = useState(false);
  const form = useForm(async ({ title, description }) => {
    setSaved(false);
    if (list.busy.value) throw new FieldProblem("pictures", "product-pictures-busy");
    // A product that came with a file of the server's has no pictures of its own; leaving them out keeps it.
    const pictures = list.ids.value.length > 0 || product.pictures.length > 0 ? list.ids.value : null;
    await shopApi.edit(product.product_id, { title: title.trim(), description: description.trim(), pictures });
    await desk.load();
    setSaved(true);
  });
  return html`
    <form class="panel stack" onSubmit=${form.onSubmit} onInput=${() => setSaved(false)} data-testid="product-details">
      <${PicturePicker} label=${t("product-pictures")} list=${list} error=${form.errorOf("pictures")} />
      <h2>${t("product-details")}</h2>
      <${Field} label=${t("product-title-label")} name="title" required maxlength="120" defaultValue=${product.title} data-testid="product-title" error=${form.errorOf("title")} />
      <${Field} as="textarea" label=${t("product-description-label")} name="description" maxlength="4000" rows="5" hint=${t("product-description-hint")}
        defaultValue=${product.description} data-testid="product-description" error=${form.errorOf("description")} />
      ${form.rest(["title", "description", "pictures"])}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="product-save" disabled=${form.busy}>${t("product-save")}</button>
        <span class="soft row" role="status">${saved && html`<${Icon} name="circle-check" />${t("product-saved")}`}</span>
      </div>
    </form>
  `;
}

/** @param {{ desk: ShopDesk, product: ProductView }} props */
function Archive({ desk, product }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const change = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await shopApi.setArchived(product.product_id, !product.archived);
      await desk.load();
    } catch (error) {
      setProblem(errorText(asApiError(error)));
    }
    setBusy(false);
  };
  return html`
    <section class="panel stack">
      <p class="soft">${t(product.archived ? "product-restore-hint" : "product-archive-hint")}</p>
      ${problem && html`<${ErrorLine} text=${problem} />`}
      <div><button class="button" type="button" data-testid="product-archive" disabled=${busy} onClick=${change}>
        <${Icon} name=${product.archived ? "archive-restore" : "archive"} />${t(product.archived ? "product-restore" : "product-archive")}</button></div>
    </section>
  `;
}
