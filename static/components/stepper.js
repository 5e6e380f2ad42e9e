// @ts-check
// @css product_sheet.css
// How many: minus, the number, plus.

import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @param {{ value: number, max: number, onChange: (value: number) => void, disabled?: boolean }} props */
export const Stepper = ({ value, max, onChange, disabled = false }) => html`
  <div class="stepper" role="group" aria-label=${t("quantity")}>
    <button class="button button-round" type="button" data-testid="quantity-less" aria-label=${t("quantity-less")}
      disabled=${disabled || value <= 1} onClick=${() => onChange(value - 1)}><${Icon} name="minus" /></button>
    <output class="stepper-value numbers" data-testid="quantity" aria-live="polite">${value}</output>
    <button class="button button-round" type="button" data-testid="quantity-more" aria-label=${t("quantity-more")}
      disabled=${disabled || value >= max} onClick=${() => onChange(value + 1)}><${Icon} name="plus" /></button>
  </div>
`;
