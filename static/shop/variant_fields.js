// @ts-check
// The fields of one variant, and the variant that they spell.

import { Field } from "../components/field.js";
import { FieldProblem } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { parseAmount } from "../lib/money.js";
import { skuFor } from "../lib/shop_api.js";

/**
 * @import { NewVariant } from "../../schemas/generated/messages"
 * @typedef {{ row: number, at: number, currency: string, title: string, productId: string }} Place
 *   `row` names the inputs, `at` is the place in the list that the server gets
 */

const SKU = /^[A-Z0-9][A-Z0-9._-]{0,31}$/;

/** @param {{ row: number, at: number, form: { errorOf: (name: string) => string | null } }} props */
export function VariantFields({ row, at, form }) {
  const error = (/** @type {string} */ name) => form.errorOf(`/variants/${at}/${name}`);
  return html`
    <div class="variant-fields">
      <${Field} label=${t("product-variant-label")} name=${`label-${row}`} maxlength="60" placeholder=${t("product-variant-placeholder")}
        data-testid=${`variant-label-${at}`} error=${error("label")} />
      <${Field} label=${t("product-price-label")} name=${`price-${row}`} required inputmode="decimal" data-testid=${`variant-price-${at}`} error=${error("price")} />
      <${Field} label=${t("product-stock-label")} name=${`stock-${row}`} type="number" min="0" max="1000000" required inputmode="numeric"
        data-testid=${`variant-stock-${at}`} error=${error("on_hand")} />
      <${Field} label=${t("product-sku-label")} name=${`sku-${row}`} maxlength="32" hint=${t("product-sku-auto")} autocapitalize="characters"
        data-testid=${`variant-sku-${at}`} error=${error("sku")} />
      <${Field} label=${t("product-tax-label")} name=${`tax-${row}`} inputmode="decimal" defaultValue="0" data-testid=${`variant-tax-${at}`} error=${error("tax_rate_bp")} />
    </div>
  `;
}

/**
 * Throws a FieldProblem that names the field as the server would.
 * @param {Record<string, string>} values @param {Place} place @returns {NewVariant}
 */
export function variantFrom(values, { row, at, currency, title, productId }) {
  const wrong = (/** @type {string} */ name, /** @type {string} */ message) => new FieldProblem(`/variants/${at}/${name}`, message);
  const amount = parseAmount(values[`price-${row}`], currency);
  if (amount === null) throw wrong("price", "price-invalid");
  const sku = values[`sku-${row}`].trim().toUpperCase() || skuFor(title, productId, at);
  if (!SKU.test(sku)) throw wrong("sku", "product-sku-invalid");
  const tax = parseAmount(values[`tax-${row}`].trim() || "0", "EUR");
  if (tax === null || tax > 10_000) throw wrong("tax_rate_bp", "stock-tax-invalid");
  const price = { amount_minor: amount, currency };
  return { sku, label: values[`label-${row}`].trim(), price, on_hand: Number(values[`stock-${row}`]), tax_rate_bp: tax };
}
