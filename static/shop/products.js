// @ts-check
// @css page.css
// All products as the buyers' eyes go over them: the picture first, then name, price and what is left.

import { useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Picture } from "../components/picture.js";
import { Tabs } from "../components/tabs.js";
import { locale, t } from "../components/words.js";
import { matching, onHand, priceRange } from "../lib/shop_api.js";
import { HostLinks } from "../studio/host_links.js";

/**
 * @import { ProductView } from "../../schemas/generated/messages"
 * @import { ShopDesk } from "./desk.js"
 */

/** @param {{ desk: ShopDesk }} props */
export function Products({ desk }) {
  const [tab, setTab] = useState("on-sale");
  const [query, setQuery] = useState("");
  const [products, archived] = [desk.products.value ?? [], desk.archived.value ?? []];
  if (products.length === 0 && archived.length === 0) return html`<${HostLinks} here="/shop/" /><${FirstSteps} />`;
  const shown = matching(tab === "archive" ? archived : products, query);
  return html`
    <${HostLinks} here="/shop/" />
    <div class="shop-bar">
      <label class="shop-search"><${Icon} name="search" />
        <input class="field-input" type="search" placeholder=${t("shop-search")} aria-label=${t("shop-search")} data-testid="shop-search"
          onInput=${(/** @type {Event} */ event) => setQuery(/** @type {HTMLInputElement} */ (event.target).value)} /></label>
      <a class="button button-primary" href="/shop/new" data-testid="product-new"><${Icon} name="plus" />${t("product-new")}</a>
    </div>
    <div class="shop-shelves"><${Tabs} label=${t("shop-title")} chosen=${tab} onChoose=${setTab} tabs=${[
      { id: "on-sale", label: t("shop-on-sale"), count: products.length },
      { id: "archive", label: t("shop-archive"), count: archived.length },
    ]} /></div>
    ${shown.length > 0 && html`<ul class="shop-grid" data-testid="products">${shown.map((product) => html`<${Card} key=${product.product_id} product=${product} />`)}</ul>`}
    ${shown.length === 0 && html`<p class="empty" role="status">${query.trim() ? t("shop-nothing-found", { query: query.trim() }) : t(tab === "archive" ? "shop-archive-empty" : "shop-empty-title")}</p>`}
  `;
}

/** @param {{ product: ProductView }} props */
function Card({ product }) {
  const [from, to] = priceRange(product, locale());
  const left = onHand(product);
  return html`
    <li>
      <a class="product-card" href=${`/shop/${product.product_id}`} data-testid=${`product-${product.variants[0]?.sku}`}>
        <span class="product-card-picture"><${Picture} url=${product.image_url} title=${product.title} />
          ${left === 0 && html`<span class="product-card-badge">${t("shop-no-stock")}</span>`}</span>
        <span class="product-card-title">${product.title}</span>
        <span class="product-card-price numbers">${to ? t("shop-price-range", { from, to }) : from}</span>
        <span class="soft small numbers">${left > 0 && t("on-hand", { count: left })}${left > 0 && product.variants.length > 1 && " · "}${product.variants.length > 1 && t("shop-variants", { count: product.variants.length })}</span>
      </a>
    </li>
  `;
}

/** What a new host sees: how selling works here, in three steps. */
const FirstSteps = () => html`
  <section class="panel first-steps" data-testid="first-steps">
    <span class="first-steps-sign"><${Icon} name="store" /></span>
    <h2>${t("shop-empty-title")}</h2>
    <p class="soft">${t("shop-empty-text")}</p>
    <ol class="first-steps-list">
      ${["shop-step-picture", "shop-step-variants", "shop-step-show"].map((step, at) => html`
        <li key=${step}><span class="first-steps-number" aria-hidden="true">${at + 1}</span><span>${t(step)}</span></li>`)}
    </ol>
    <a class="button button-primary button-large" href="/shop/new" data-testid="product-new"><${Icon} name="plus" />${t("product-new")}</a>
  </section>
`;
