// @ts-check
// @css variant_picker.css
// Which size or colour: the variants of one product that the show sells, side by side. One that is gone can be looked at all the same.

import { availability } from "../lib/offers.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Item } from "../lib/offers.js" */

/** @param {{ variants: Item[], chosen: string, disabled: boolean, onChoose: (item: Item) => void }} props `chosen` is a SKU */
export const VariantPicker = ({ variants, chosen, disabled, onChoose }) =>
  variants.length > 1 &&
  html`
    <fieldset class="variants" data-testid="variants" disabled=${disabled}>
      <legend class="field-label">${t("variants")}</legend>
      ${variants.map((item) => {
        const { sku, label, title } = item.offer;
        const gone = availability(item) === "sold_out";
        return html`
          <label class=${`variant${gone ? " variant-gone" : ""}`} key=${sku}>
            <input class="visually-hidden" type="radio" name="variant" value=${sku} checked=${sku === chosen} data-testid=${`variant-${sku}`} onChange=${() => onChoose(item)} />
            <span class="variant-label">${label || title}</span>
            ${gone && html`<span class="visually-hidden">${t("stock-sold-out")}</span>`}
          </label>
        `;
      })}
    </fieldset>
  `;
