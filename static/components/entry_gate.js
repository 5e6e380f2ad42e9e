// @ts-check
// What a prize needs before somebody can win it: an account, and an address that it would go to.

import { useState } from "preact/hooks";
import { api } from "../lib/api.js";
import { framed } from "../lib/embedded.js";
import { ordersApi } from "../lib/orders_api.js";
import { AddressForm } from "./address_form.js";
import { Dialog } from "./dialog.js";
import { Field } from "./field.js";
import { useForm } from "./form.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/** @import { SaveAddress } from "../../schemas/generated/messages" */

/** As schemas/http/auth.py. */
const PASSWORD_LENGTH_MIN = 10;

/** @param {{ needs: "account" | "address", onAccount: () => Promise<void>, onReady: () => Promise<void>, onClose: () => void }} props */
export const EntryGate = ({ needs, onAccount, onReady, onClose }) => html`
  <${Dialog} title=${t(needs === "account" ? "gate-account" : "gate-address")} testid="entry-gate" onClose=${onClose}>
    ${needs === "account" ? html`<${AccountForm} onDone=${async () => {
      await onAccount();
      await onReady();
    }} />` : html`<p class="soft">${t("gate-address-text")}</p><${AddressForm} save="gate-save" onSave=${(/** @type {SaveAddress} */ body) => ordersApi.saveAddress(body).then(onReady)} />`}
  <//>
`;

/** @param {{ onDone: () => Promise<void> }} props */
function AccountForm({ onDone }) {
  const [fresh, setFresh] = useState(true);
  const form = useForm(async ({ name, email, password }) => {
    if (fresh) await api.register({ name: name.trim(), email: email.trim(), password, locale: locale(), ...framed });
    else await api.logIn({ email: email.trim(), password, ...framed });
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
