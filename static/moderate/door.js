// @ts-check
// The door of the moderator's page: log in, or make the account that the host can appoint.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { api } from "../lib/api.js";

/** @import { ShowView } from "../../schemas/generated/messages" */

/** As schemas/http/auth.py. */
const PASSWORD_LENGTH_MIN = 10;

/** @param {{ show: ShowView | null, onDone: () => Promise<void> }} props */
export function Door({ show, onDone }) {
  const [fresh, setFresh] = useState(false);
  const form = useForm(async ({ name, email, password }) => {
    if (fresh) await api.register({ name: name.trim(), email: email.trim(), password, locale: locale() });
    else await api.logIn({ email: email.trim(), password });
    await onDone();
  });
  return html`
    <form class="panel door stack" key=${String(fresh)} onSubmit=${form.onSubmit} data-testid="door">
      <h1>${t(fresh ? "moderate-register" : "moderate-login")}</h1>
      <p class="soft">${t(fresh ? "moderate-register-text" : "moderate-login-text", { title: show?.title ?? "" })}</p>
      ${fresh && html`<${Field} label=${t("name-label")} name="name" required maxlength="40" autocomplete="name" data-testid="door-name" error=${form.errorOf("name")} />`}
      <${Field} label=${t("email-label")} name="email" type="email" required maxlength="255" autocomplete="username" data-testid="door-email" error=${form.errorOf("email")} />
      <${Field} label=${t("password-label")} name="password" type="password" required minlength=${fresh ? PASSWORD_LENGTH_MIN : undefined} maxlength="200"
        autocomplete=${fresh ? "new-password" : "current-password"} hint=${fresh ? t("password-hint") : ""} data-testid="door-password" error=${form.errorOf("password")} />
      ${form.rest(fresh ? ["name", "email", "password"] : ["email", "password"])}
      <button class="button button-primary button-large" type="submit" data-testid="door-submit" disabled=${form.busy}>${t(fresh ? "claim-submit" : "login-submit")}</button>
      <button class="button" type="button" data-testid="door-other" onClick=${() => setFresh(!fresh)}>${t(fresh ? "moderate-have-account" : "moderate-no-account")}</button>
    </form>
  `;
}
