// @ts-check
// Which card pays. The sandbox provider's cards behave as their names say; the server never sees a card's number.

import { html } from "./html.js";
import { t } from "./words.js";

/** Payment method tokens of the provider `sandbox`, and what they are called. @type {readonly [string, string][]} */
const CARDS = [
  ["tok_visa", "card-visa"],
  ["tok_declined", "card-declined"],
  ["tok_slow", "card-slow"],
  ["tok_timeout", "card-timeout"],
  ["tok_3ds", "card-3ds"],
  ["tok_chargeback", "card-chargeback"],
];

export const FIRST_CARD = CARDS[0][0];

/** @param {{ value: string, onChange: (method: string) => void, disabled?: boolean }} props */
export const CardPicker = ({ value, onChange, disabled = false }) => html`
  <div class="field">
    <label class="field-label" for="card">${t("pay-with")}</label>
    <select class="field-input" id="card" data-testid="card" value=${value} disabled=${disabled}
      onChange=${(/** @type {Event} */ event) => onChange(/** @type {HTMLSelectElement} */ (event.target).value)}>
      ${CARDS.map(([method, messageId]) => html`<option value=${method} selected=${method === value}>${t(messageId)}</option>`)}
    </select>
    <p class="field-hint">${t("card-sandbox")}</p>
  </div>
`;
