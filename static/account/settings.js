// @ts-check
// @css ../components/account.css
// Name, e-mail, language, password; sessions; one's data.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { choose, locale, t } from "../components/words.js";
import { accountApi } from "../lib/account_api.js";
import { Leave } from "./leave.js";
import { Password } from "./password.js";

/** @import { ProfileView } from "../../schemas/generated/messages" */
/** @import { Locale } from "../lib/fluent.js" */

/** @param {{ person: ProfileView, onChange: (changed: ProfileView) => void }} props */
export const Settings = ({ person, onChange }) => html`
  <${Profile} person=${person} onChange=${onChange} />
  ${person.email !== null && html`<${Password} />`}
  <${Leave} person=${person} />
`;

/** @param {{ person: ProfileView, onChange: (changed: ProfileView) => void }} props */
function Profile({ person, onChange }) {
  const [email, setEmail] = useState(person.email ?? "");
  const [saved, setSaved] = useState(false);
  const other = person.email !== null && email.trim().toLowerCase() !== person.email;
  const form = useForm(async ({ name, language, password }) => {
    setSaved(false);
    const body = { name: name.trim(), locale: language, ...(other && { email: email.trim(), password }) };
    const changed = await accountApi.change(body);
    await choose(/** @type {Locale} */ (language));
    onChange(changed);
    setEmail(changed.email ?? "");
    setSaved(true);
  });
  return html`
    <form class="panel stack" onSubmit=${form.onSubmit} data-testid="profile">
      <h2 class="account-section-title">${t("account-profile")}</h2>
      <${Field} label=${t("name-label")} name="name" required maxlength="40" autocomplete="name" defaultValue=${person.name} data-testid="profile-name" error=${form.errorOf("name")} />
      ${person.email !== null && html`
        <${Field} label=${t("email-label")} name="email" type="email" required maxlength="255" autocomplete="email" value=${email} data-testid="profile-email" error=${form.errorOf("email")}
          onInput=${(/** @type {InputEvent} */ event) => setEmail(/** @type {HTMLInputElement} */ (event.target).value)} />`}
      ${other && html`
        <${Field} label=${t("account-password-for-email")} name="password" type="password" required maxlength="200" autocomplete="current-password" data-testid="profile-password" error=${form.errorOf("password")} />`}
      <${Field} label=${t("language-switch")} name="language" as="select" data-testid="profile-language" error=${form.errorOf("locale")}>
        <option value="en" lang="en" selected=${locale() === "en"}>English</option>
        <option value="ru" lang="ru" selected=${locale() === "ru"}>Русский</option>
      <//>
      ${form.rest(["name", "email", "password", "locale"])}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="profile-save" disabled=${form.busy}>${t("account-save")}</button>
        <span class="row soft small" role="status" data-testid="profile-saved">${saved && html`<${Icon} name="check" />${t("account-saved")}`}</span>
      </div>
    </form>
  `;
}
