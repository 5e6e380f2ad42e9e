// @ts-check
// What a prize needs before somebody can win it: an account, and an address that it would go to.

import { api } from "../lib/api.js";
import { salesApi } from "../lib/sales_api.js";
import { freshId } from "../lib/store.js";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.js";
import { Field } from "./field.js";
import { useForm } from "./form.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/** As schemas/http/auth.py. */
const PASSWORD_LENGTH_MIN = 10;

/** @param {{ needs: "account" | "address", onAccount: () => Promise<void>, onReady: () => Promise<void>, onClose: () => void }} props */
export const EntryGate = ({ needs, onAccount, onReady, onClose }) => html`
  <${Dialog} title=${t(needs === "account" ? "gate-account" : "gate-address")} testid="entry-gate" onClose=${onClose}>
    ${needs === "account" ? html`<${AccountForm} onDone=${async () => {
      await onAccount();
      await onReady();
    }} />` : html`<${AddressForm} onDone=${onReady} />`}
  <//>
`;

/** @param {{ onDone: () => Promise<void> }} props */
function AccountForm({ onDone }) {
  const [fresh, setFresh] = useState(true);
  const form = useForm(async ({ name, email, password }) => {
    if (fresh) await api.register({ name: name.trim(), email: email.trim(), password, locale: locale() });
    else await api.logIn({ email: email.trim(), password });
    await onDone();
  });
  return html`
    <form class="stack" key=${String(fresh)} onSubmit=${form.onSubmit} noValidate data-testid="gate-account">
      <p class="soft">${t("gate-account-text")}</p>
      ${fresh && html`<${Field} label=${t("name-label")} name="name" required maxlength="40" autocomplete="name" data-testid="gate-name" error=${form.errorOf("name")} />`}
      <${Field} label=${t("email-label")} name="email" type="email" required maxlength="255" autocomplete="username" data-testid="gate-email" error=${form.errorOf("email")} />
      <${Field} label=${t("password-label")} name="password" type="password" required minlength=${fresh ? PASSWORD_LENGTH_MIN : undefined} maxlength="200"
        autocomplete=${fresh ? "new-password" : "current-password"} hint=${fresh ? t("password-hint") : ""} data-testid="gate-password" error=${form.errorOf("password")} />
      ${form.rest(fresh ? ["name", "email", "password"] : ["email", "password"])}
      <button class="button button-primary button-large button-wide" type="submit" data-testid="gate-submit" disabled=${form.busy}>${t(fresh ? "claim-submit" : "login-submit")}</button>
      <button class="button button-wide" type="button" data-testid="gate-other" onClick=${() => setFresh(!fresh)}>${t(fresh ? "moderate-have-account" : "moderate-no-account")}</button>
    </form>
  `;
}

/** @param {{ onDone: () => Promise<void> }} props */
function AddressForm({ onDone }) {
  const [addressId] = useState(() => freshId("adr"));
  const form = useForm(async ({ name, country, city, street, postal_code }) => {
    await salesApi.saveAddress({ address_id: addressId, name: name.trim(), country: country.trim().toUpperCase(), city: city.trim(), street: street.trim(), postal_code: postal_code.trim() });
    await onDone();
  });
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ auto, /** @type {Record<string, unknown>} */ more = {}) =>
    html`<${Field} label=${t(label)} name=${name} autocomplete=${auto} data-testid=${`gate-${name}`} error=${form.errorOf(name)} ...${more} />`;
  return html`
    <form class="stack" onSubmit=${form.onSubmit} noValidate data-testid="gate-address">
      <p class="soft">${t("gate-address-text")}</p>
      ${field("name", "gate-name-label", "name", { required: true })}
      ${field("street", "gate-street-label", "street-address", { required: true })}
      ${field("postal_code", "gate-postal-label", "postal-code")}
      ${field("city", "gate-city-label", "address-level2", { required: true })}
      ${field("country", "gate-country-label", "country", { required: true, maxlength: 2, hint: t("gate-country-hint") })}
      ${form.rest(["name", "street", "postal_code", "city", "country"])}
      <button class="button button-primary button-large button-wide" type="submit" data-testid="gate-save" disabled=${form.busy}>${t("gate-save")}</button>
    </form>
  `;
}
