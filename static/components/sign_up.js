// @ts-check
// An account in the middle of a show: a new one, under which everything that the guest has done stays theirs, or the one that they have.

import { useState } from "preact/hooks";
import { api } from "../lib/api.js";
import { framed } from "../lib/embedded.js";
import { Field } from "./field.js";
import { useForm } from "./form.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/** As schemas/http/auth.py. */
const PASSWORD_LENGTH_MIN = 10;

/** @param {{ name: string, onDone: () => Promise<void> }} props */
export function SignUp({ name, onDone }) {
  const [fresh, setFresh] = useState(true);
  const form = useForm(async ({ name: typed, email, password }) => {
    if (fresh) await api.register({ name: typed.trim(), email: email.trim(), password, locale: locale(), ...framed });
    else await api.logIn({ email: email.trim(), password, ...framed });
    await onDone();
  });
  return html`
    <form class="stack" key=${String(fresh)} onSubmit=${form.onSubmit} data-testid="sign-up">
      ${fresh && html`<${Field} label=${t("name-label")} name="name" required maxlength="40" autocomplete="name" defaultValue=${name} data-testid="sign-up-name" error=${form.errorOf("name")} />`}
      <${Field} label=${t("email-label")} name="email" type="email" required maxlength="255" autocomplete="username" data-testid="sign-up-email" error=${form.errorOf("email")} />
      <${Field} label=${t("password-label")} name="password" type="password" required minlength=${fresh ? PASSWORD_LENGTH_MIN : undefined} maxlength="200"
        autocomplete=${fresh ? "new-password" : "current-password"} hint=${fresh ? t("password-hint") : ""} data-testid="sign-up-password" error=${form.errorOf("password")} />
      ${form.rest(fresh ? ["name", "email", "password"] : ["email", "password"])}
      <button class="button button-primary button-large" type="submit" data-testid="sign-up-submit" disabled=${form.busy}>${t(fresh ? "claim-submit" : "login-submit")}</button>
      <button class="button" type="button" data-testid="sign-up-other" onClick=${() => setFresh(!fresh)}>${t(fresh ? "moderate-have-account" : "moderate-no-account")}</button>
    </form>
  `;
}
