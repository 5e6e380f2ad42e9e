// @ts-check
// What a host does with products and announcements: the server's operations, and what their lists show.

import { call } from "./api.js";
import { formatMoney } from "./money.js";

/**
 * @import { EditProduct, EditShow, NewVariant, ProductListView, ProductView, ShowState } from "../../schemas/generated/messages"
 */

export const shopApi = {
  /** @param {boolean} archived @returns {Promise<ProductListView>} */
  products: (archived) => call("GET", `/api/catalog/products${archived ? "?archived=1" : ""}`),
  /** @param {string} id @param {EditProduct} body @returns {Promise<ProductView>} */
  edit: (id, body) => call("PATCH", `/api/catalog/products/${id}`, body),
  /** @param {string} id @param {NewVariant} body @returns {Promise<ProductView>} */
  addVariant: (id, body) => call("POST", `/api/catalog/products/${id}/variants`, body),
  /** @param {string} id @param {boolean} archived @returns {Promise<ProductView>} */
  setArchived: (id, archived) => call("POST", `/api/catalog/products/${id}/${archived ? "archive" : "restore"}`),
  /** @param {string} id @param {EditShow} body @returns {Promise<ShowState>} */
  editShow: (id, body) => call("PATCH", `/api/shows/${id}`, body),
};

/** Lowest and highest price, as text; the highest is null when it is the same. @param {ProductView} product @param {string} locale @returns {[string, string | null]} */
export function priceRange(product, locale) {
  const prices = product.variants.map(({ price }) => price).sort((a, b) => a.amount_minor - b.amount_minor);
  const [from, to] = [prices[0], prices[prices.length - 1]];
  return [formatMoney(from, locale), to.amount_minor === from.amount_minor ? null : formatMoney(to, locale)];
}

/** Units in the warehouse of all variants. @param {ProductView} product */
export const onHand = (product) => product.variants.reduce((sum, variant) => sum + variant.on_hand, 0);

/** Products in whose words every word of the query begins one. @param {ProductView[]} products @param {string} query */
export function matching(products, query) {
  const wanted = words(query);
  return products.filter((product) => {
    const own = words([product.title, ...product.variants.flatMap(({ sku, label }) => [sku, label])].join(" "));
    return wanted.every((word) => own.some((each) => each.startsWith(word)));
  });
}

/** A SKU for who does not care: of Latin letters in the title where there are some, and unlikely to be taken. @param {string} title @param {string} id of the product @param {number} at */
export function skuFor(title, id, at) {
  const letters = title.toUpperCase().replace(/[^A-Z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 18).replace(/-+$/, "");
  return `${letters || "P"}-${id.slice(-6).toUpperCase()}${at > 0 ? `-${at + 1}` : ""}`;
}

/** What somebody typed as tags, each once however it is spelled; as the server tidies them. @param {string} text */
export function tagsOf(text) {
  const tags = text.split(",").map((tag) => tag.trim().replace(/^#/, "").trim().replace(/\s+/g, " ")).filter(Boolean);
  return tags.filter((tag, at) => tags.findIndex((other) => other.toLowerCase() === tag.toLowerCase()) === at);
}

/** @param {string} text */
const words = (text) => text.toLowerCase().normalize("NFKD").split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
