// @ts-check
// @css ../components/tray.css
// The shop's products and how many of each go into the show.

import { useState } from "preact/hooks";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Picture } from "../components/picture.js";
import { locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";
import { NewProduct } from "./new_product.js";
import { StockEditor } from "./stock_editor.js";

/**
 * @import { ProductView, VariantView } from "../../schemas/generated/messages"
 * @import { Room } from "./room.js"
 */

/** What the field offers first: enough for a start, and never more than there is. */
const SUGGESTED = 10;

/** @param {{ room: Room }} props */
export function Warehouse({ room }) {
  const products = room.products.value;
  const [adding, setAdding] = useState(false);
  return html`
    <section class="panel stack" data-testid="warehouse">
      <h2>${t("warehouse")}</h2>
      ${products?.length === 0 && html`<p class="empty">${t("warehouse-empty")}</p>`}
      <ul class="tray">
        ${products?.flatMap((product) =>
          product.variants.map((variant) => html`<${VariantRow} key=${variant.sku} product=${product} variant=${variant} room=${room} />`),
        )}
      </ul>
      <button class="button" type="button" data-testid="product-new" aria-expanded=${String(adding)} onClick=${() => setAdding(!adding)}>
        <${Icon} name=${adding ? "x" : "plus"} />${t(adding ? "close" : "product-new")}
      </button>
      ${adding && html`<${NewProduct} onDone=${() => room.loadProducts()} />`}
    </section>
  `;
}

/** @param {{ product: ProductView, variant: VariantView, room: Room }} props */
function VariantRow({ product, variant, room }) {
  const form = useForm(({ quantity }) => room.fund(variant.sku, Number(quantity)));
  const [editing, setEditing] = useState(false);
  return html`
    <li class="tray-row" data-testid=${`product-${variant.sku}`}>
      <span class="tray-picture"><${Picture} url=${product.image_url} title=${product.title} /></span>
      <span class="tray-words">
        <strong>${product.title}${variant.label && html`<span class="soft"> · ${variant.label}</span>`}</strong>
        <span>${formatMoney(variant.price, locale())}</span>
        <span class="soft small numbers" data-testid=${`on-hand-${variant.sku}`}>${t("on-hand", { count: variant.on_hand })}</span>
      </span>
      ${room.show.value?.state !== "ended" && variant.on_hand > 0 && html`
        <form class="fund" onSubmit=${form.onSubmit}>
          <input class="field-input numbers" type="number" name="quantity" min="1" max=${variant.on_hand} required inputmode="numeric"
            aria-label=${t("fund-quantity")} data-testid=${`fund-quantity-${variant.sku}`} defaultValue=${Math.min(SUGGESTED, variant.on_hand)} />
          <button class="button" type="submit" data-testid=${`fund-${variant.sku}`} disabled=${form.busy}>${t("fund")}</button>
        </form>
      `}
      <button class="button" type="button" aria-expanded=${String(editing)} aria-label=${t("stock-edit", { title: product.title })}
        data-testid=${`stock-edit-${variant.sku}`} onClick=${() => setEditing(!editing)}><${Icon} name=${editing ? "x" : "ellipsis"} /></button>
      ${form.rest([])}
      ${editing && html`<${StockEditor} variant=${variant} room=${room} onChanged=${() => room.loadProducts()} />`}
    </li>
  `;
}
