// @ts-check
// @css card_picker.css
// Which card pays: a saved one, one that the provider asks for on its own page, or a test card. No page of ours sees a card's number.

import { useEffect, useState } from "preact/hooks";
import { embedded } from "../lib/embedded.js";
import { TEST_CARDS } from "../lib/wallet.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/** @import { Option, Wallet } from "../lib/wallet.js" */

/** Names that buyers know. @type {Record<string, string>} */
const BRANDS = { stripe: "Stripe", yookassa: "ЮKassa" };

/** @param {string} name of a provider */
export const brandOf = (name) => BRANDS[name] ?? name;

/** @param {{ wallet: Wallet, disabled?: boolean, link?: boolean }} props `link`: to the page of one's own cards */
export function CardPicker({ wallet, disabled = false, link = true }) {
  useEffect(() => void wallet.load(), [wallet]);
  const options = wallet.options.value;
  const now = wallet.option.value;
  const [all, showAll] = useState(false);
  if (wallet.problem.value) return html`<${ErrorLine} text=${errorText(wallet.problem.value)} />`;
  if (!wallet.providers.value) return html`<p class="row soft" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`;
  if (!now) return html`<p class="error-line" data-testid="no-way">${t("pay-no-way")}</p>`;
  // One tap is enough for who has a card here; the others are one tap further away.
  const folded = now.kind === "saved" && !all;
  return html`
    <fieldset class="ways" data-testid="ways" data-way=${now.kind} disabled=${disabled}>
      <legend class="field-label">${t(wallet.toKeep ? "cards-new" : "pay-with")}</legend>
      ${options.length > 1 && (folded ? [now] : options).map((option) => html`
        <label key=${option.key} class=${`way ${option === now ? "way-chosen" : ""}`} data-testid=${`way-${option.key}`} data-kind=${option.kind}>
          <input type="radio" name="way" value=${option.key} checked=${option === now} onChange=${() => (wallet.chosen.value = option.key)} />
          <span class="way-words">${nameOf(option)}${option.kind === "saved" && option.card.is_default && html`<small>${t("pay-usual")}</small>`}</span>
        </label>`)}
      ${folded && options.length > 1 && html`
        <button class="button button-small" type="button" data-testid="other-ways" onClick=${() => showAll(true)}>${t("pay-other-card")}</button>`}
      ${now.kind === "test" && html`<${TestCards} wallet=${wallet} />`}
      ${now.kind === "page" && html`<p class="field-hint" data-testid="on-their-page">${t("pay-on-page-hint", { provider: brandOf(now.provider.name) })}</p>`}
      ${wallet.mayKeep && html`
        <label class="check"><input type="checkbox" data-testid="keep-card" checked=${wallet.keep.value}
          onChange=${(/** @type {Event} */ event) => (wallet.keep.value = /** @type {HTMLInputElement} */ (event.target).checked)} />${t("pay-keep")}</label>`}
      ${link && !folded && !embedded && html`<a class="small" href="/cards/" data-testid="to-cards">${t("cards-title")}</a>`}
    </fieldset>
  `;
}

/** @param {Option} option */
const nameOf = (option) =>
  option.kind === "saved" ? option.card.label : option.kind === "test" ? t("pay-test") : t("pay-on-page", { provider: brandOf(option.provider.name) });

/** @param {{ wallet: Wallet }} props */
const TestCards = ({ wallet }) => html`
  <div class="field">
    <label class="visually-hidden" for="card">${t("pay-test")}</label>
    <select class="field-input" id="card" data-testid="card" value=${wallet.testCard.value}
      onChange=${(/** @type {Event} */ event) => (wallet.testCard.value = /** @type {HTMLSelectElement} */ (event.target).value)}>
      ${TEST_CARDS.map(([method, messageId]) => html`<option value=${method} selected=${method === wallet.testCard.value}>${t(messageId)}</option>`)}
    </select>
    <p class="field-hint">${t("card-sandbox")}</p>
  </div>
`;
