// @ts-check
// @css ../components/account.css
// Another password; whoever knew the old one is logged out everywhere.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";
import { accountApi } from "../lib/account_api.js";

/** As schemas/http/auth.py. */
const PASSWORD_LENGTH_MIN = 10;

export function Password() {
  const [saved, setSaved] = useState(false);
  const form = useForm(async ({ current, fresh }, element) => {
    setSaved(false);
    await accountApi.changePassword({ current, new: fresh });
    element.reset();
    setSaved(true);
  });
  return html`
    <form class="panel stack" onSubmit=${form.onSubmit} data-testid="password">
      <h2 class="account-section-title">${t("account-password")}</h2>
      <${Field} label=${t("account-password-current")} name="current" type="password" required maxlength="200" autocomplete="current-password" data-testid="password-current" error=${form.errorOf("password")} />
      <${Field} label=${t("account-password-new")} name="fresh" type="password" required minlength=${PASSWORD_LENGTH_MIN} maxlength="200" autocomplete="new-password" hint=${t("password-hint")} data-testid="password-new" error=${form.errorOf("new")} />
      ${form.rest(["password", "new"])}
      <div class="row">
        <button class="button" type="submit" data-testid="password-save" disabled=${form.busy}>${t("account-password-save")}</button>
        <span class="row soft small" role="status" data-testid="password-saved">${saved && html`<${Icon} name="check" />${t("account-password-saved")}`}</span>
      </div>
    </form>
  `;
}
