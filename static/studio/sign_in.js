// @ts-check
// The door of the studio: claim the shop with the set-up key, or sign in.

import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { locale, t } from "../components/words.js";
import { api } from "../lib/api.js";

/** As schemas/http/auth.py. */
const PASSWORD_LENGTH_MIN = 10;

/** @param {{ setupKey: string, onDone: () => Promise<void> }} props */
export function ClaimForm({ setupKey, onDone }) {
  const form = useForm(async ({ name, email, password }) => {
    await api.claim({ key: setupKey, name: name.trim(), email: email.trim(), password, locale: locale() });
    await onDone();
  });
  return html`
    <form class="panel door stack" onSubmit=${form.onSubmit} data-testid="claim">
      <h1>${t("claim-title")}</h1>
      <p class="soft">${t("claim-text")}</p>
      <${Field} label=${t("name-label")} name="name" required maxlength="40" autocomplete="name" data-testid="claim-name" error=${form.errorOf("name")} />
      <${Email} testid="claim-email" error=${form.errorOf("email")} />
      <${Field} label=${t("password-label")} name="password" type="password" required minlength=${PASSWORD_LENGTH_MIN} maxlength="200"
        autocomplete="new-password" hint=${t("password-hint")} data-testid="claim-password" error=${form.errorOf("password")} />
      ${form.rest(["name", "email", "password"])}
      <button class="button button-primary button-large" type="submit" data-testid="claim-submit" disabled=${form.busy}>${t("claim-submit")}</button>
    </form>
  `;
}

/** @param {{ notHost: boolean, onDone: () => Promise<void> }} props */
export function LogInForm({ notHost, onDone }) {
  const form = useForm(async ({ email, password }) => {
    await api.logIn({ email: email.trim(), password });
    await onDone();
  });
  return html`
    <form class="panel door stack" onSubmit=${form.onSubmit} data-testid="login">
      <h1>${t("login-title")}</h1>
      <p class="soft">${notHost ? t("host-only") : t("login-text")}</p>
      <${Email} testid="login-email" error=${form.errorOf("email")} />
      <${Field} label=${t("password-label")} name="password" type="password" required autocomplete="current-password"
        data-testid="login-password" error=${form.errorOf("password")} />
      ${form.rest(["email", "password"])}
      <button class="button button-primary button-large" type="submit" data-testid="login-submit" disabled=${form.busy}>${t("login-submit")}</button>
    </form>
  `;
}

/** @param {{ testid: string, error: string | null }} props */
const Email = ({ testid, error }) =>
  html`<${Field} label=${t("email-label")} name="email" type="email" required maxlength="255" autocomplete="username" data-testid=${testid} error=${error} />`;
