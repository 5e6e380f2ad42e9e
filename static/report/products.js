// @ts-check
// What the show did for each product, and what its auctions brought.

import { html } from "../components/html.js";
import { Picture } from "../components/picture.js";
import { locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";
import { formatLength } from "../lib/recap.js";

/** @import { RecapLot, RecapProduct } from "../../schemas/generated/messages" */

/** @param {{ products: RecapProduct[] }} props */
export const Products = ({ products }) => html`
  <section class="panel" aria-labelledby="report-products">
    <header><h2 id="report-products">${t("report-products")}</h2></header>
    ${products.length === 0 && html`<p class="empty">${t("report-products-none")}</p>`}
    ${products.length > 0 && html`
      <table class="report-rows report-cards">
        <thead><tr>
          <th scope="col">${t("report-product")}</th>
          ${["report-pinned", "report-orders", "report-sold", "report-after-pin", "report-revenue"].map((word) => html`<th key=${word} scope="col" class="report-number">${t(word)}</th>`)}
        </tr></thead>
        <tbody>${products.map((product) => html`<${Product} key=${product.sku} product=${product} />`)}</tbody>
      </table>`}
  </section>
`;

/** @param {{ product: RecapProduct }} props */
function Product({ product }) {
  const { title, label, sku, image_url, pins, pinned_ms, orders, units, units_after_pin, revenue } = product;
  const cell = (/** @type {string} */ word, /** @type {string | number} */ value, extra = "") => html`<td class=${`report-number numbers${extra}`} data-label=${t(word)}>${value}</td>`;
  return html`
    <tr data-testid="report-product" data-sku=${sku}>
      <th scope="row"><span class="report-product"><span class="report-product-picture"><${Picture} url=${image_url} title=${title || sku} /></span>
        <span><strong>${title || sku}</strong>${label && html` <span class="soft small">${label}</span>`}</span></span></th>
      ${cell("report-pinned", pins > 0 ? formatLength(pinned_ms, locale()) : "—")}
      ${cell("report-orders", orders)}
      ${cell("report-sold", units)}
      ${cell("report-after-pin", pins > 0 ? units_after_pin : "—")}
      ${cell("report-revenue", revenue.map((money) => formatMoney(money, locale())).join(" + ") || "—", " report-strong")}
    </tr>
  `;
}

/** @param {{ lots: RecapLot[] }} props */
export const Lots = ({ lots }) => html`
  <section class="panel" aria-labelledby="report-lots">
    <header><h2 id="report-lots">${t("report-lots")}</h2></header>
    <ul class="report-lots">${lots.map(({ lot_id, title, sku, price, sold }) => html`
      <li key=${lot_id} data-testid="report-lot" data-sold=${String(sold)}>
        <a href=${`/lot/${lot_id}`}>${title || sku}</a>
        <span class="numbers">${sold && price ? formatMoney(price, locale()) : html`<span class="soft">${t("report-lot-unsold")}</span>`}</span>
      </li>`)}</ul>
  </section>
`;
