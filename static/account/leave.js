// @ts-check
// @css ../components/account.css
// Going: for now, on every device, or for good and with everything.

import { useState } from "preact/hooks";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { errorText, t } from "../components/words.js";
import { accountApi, EXPORT_PATH } from "../lib/account_api.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { EraseSheet } from "./erase_sheet.js";

/** @import { ProfileView } from "../../schemas/generated/messages" */
/** @import { ApiError } from "../lib/errors.js" */

/** @param {{ person: ProfileView }} props */
export function Leave({ person }) {
  const [erasing, setErasing] = useState(false);
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  const go = async (/** @type {() => Promise<unknown>} */ end) => {
    try {
      await end();
      location.assign("/");
    } catch (error) {
      setProblem(asApiError(error));
    }
  };
  return html`
    ${person.kind !== "guest" && html`
      <section class="panel stack">
        <h2 class="account-section-title">${t("account-sessions")}</h2>
        ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
        <div class="row">
          <button class="button" type="button" data-testid="log-out" onClick=${() => go(api.logOut)}><${Icon} name="log-out" />${t("account-log-out")}</button>
          <button class="button" type="button" data-testid="log-out-everywhere" onClick=${() => go(accountApi.logOutEverywhere)}>${t("account-log-out-everywhere")}</button>
        </div>
      </section>`}
    <section class="panel stack">
      <h2 class="account-section-title">${t("account-data")}</h2>
      <p class="soft small">${t("account-data-text")}</p>
      <div class="row">
        <a class="button" href=${EXPORT_PATH} download="my-data.json" data-testid="download"><${Icon} name="download" />${t("account-download")}</a>
        <button class="button button-danger" type="button" data-testid="erase" onClick=${() => setErasing(true)}><${Icon} name="trash-2" />${t("account-erase")}</button>
      </div>
    </section>
    ${erasing && html`<${EraseSheet} person=${person} onClose=${() => setErasing(false)} />`}
  `;
}
