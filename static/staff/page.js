// @ts-check
// @css ../components/account.css
// The people who work for the shop, for its owner: who has which role, links that give one, taking one away.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { Waiting } from "../components/waiting.js";
import { errorText, locale, t } from "../components/words.js";
import { staffApi } from "../lib/account_api.js";
import { asApiError } from "../lib/errors.js";
import { Loaded } from "../lib/loaded.js";
import { Live } from "../lib/store.js";
import { InviteSheet } from "./invite_sheet.js";
import { Member } from "./member.js";

/** @import { StaffInvite, StaffView } from "../../schemas/generated/messages" */
/** @import { ApiError } from "../lib/errors.js" */

const live = new Live(location.origin);
const staff = new Loaded(async () => {
  await live.whoAmI();
  return staffApi.staff();
});
const inviting = signal(false);
const problem = signal(/** @type {ApiError | null} */ (null));

/** @param {() => Promise<StaffView>} action */
async function change(action) {
  try {
    problem.value = null;
    staff.value.value = await action();
  } catch (error) {
    problem.value = asApiError(error);
  }
}

const StaffPage = () => html`
  <header class="top-bar">
    <${Brand} />
    <div class="top-bar-end"><${LanguageSwitch} /></div>
  </header>
  <main class="account">
    <div class="staff-head">
      <div>
        <h1>${t("staff-title")}</h1>
        <p class="soft">${t("staff-text")}</p>
      </div>
      ${staff.value.value && html`
        <button class="button button-primary" type="button" data-testid="invite" onClick=${() => (inviting.value = true)}><${Icon} name="user-plus" />${t("staff-invite")}</button>`}
    </div>
    ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
    <${Waiting} of=${staff}>${(/** @type {StaffView} */ view) => html`
      <ul class="account-list">${view.people.map((member) => html`
        <${Member} key=${member.actor_id} member=${member} own=${member.actor_id === live.me.value?.actor_id}
          onTake=${(/** @type {"owner" | "host" | "moderator" | "packer"} */ role) => change(() => staffApi.takeRole({ actor_id: member.actor_id, role }))} />`)}</ul>
      ${view.invites.length > 0 && html`
        <section class="stack" data-testid="invites">
          <h2 class="account-section-title">${t("staff-invites")}</h2>
          <ul class="account-list">${view.invites.map((each) => html`<${Invite} key=${each.invite_id} invite=${each} />`)}</ul>
        </section>`}
    `}<//>
    ${inviting.value && html`<${InviteSheet} onMade=${(/** @type {StaffView} */ view) => (staff.value.value = view)} onClose=${() => (inviting.value = false)} />`}
  </main>
`;

/** @param {{ invite: StaffInvite }} props */
const Invite = ({ invite }) => html`
  <li class="account-row account-row-person" data-testid="staff-invite">
    <span class="account-face account-face-small account-face-empty" aria-hidden="true"><${Icon} name="link-2" /></span>
    <div class="account-words">
      <strong>${invite.label || t("staff-role", { role: invite.role })}</strong>
      <span class="soft small">${t("staff-role", { role: invite.role })} · ${t("staff-until", { date: new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(invite.expires_at_ms) })}</span>
    </div>
    <button class="button button-small button-danger" type="button" data-testid="revoke" onClick=${() => change(() => staffApi.revoke(invite.invite_id))}>${t("staff-revoke")}</button>
  </li>
`;

await mount(StaffPage, () => t("staff-title"));
await staff.load();
