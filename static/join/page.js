// @ts-check
// @css ../components/account.css
// An invitation to work for the shop: what one will be, then with which account.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { ErrorLine, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { SignUp } from "../components/sign_up.js";
import { Waiting } from "../components/waiting.js";
import { t } from "../components/words.js";
import { staffApi } from "../lib/account_api.js";
import { Loaded } from "../lib/loaded.js";
import { Live } from "../lib/store.js";

/** @import { StaffInvitation } from "../../schemas/generated/messages" */

/** Where each role's work is. @type {Record<string, string>} */
const PLACES = { owner: "/staff/", host: "/studio/", packer: "/packing/", moderator: "/" };

const key = location.hash.slice(1);
const live = new Live(location.origin);
const joined = signal("");

const invitation = new Loaded(async () => {
  const found = await staffApi.look(key);
  await live.whoAmI();
  return found;
});

const JoinPage = () => html`
  <header class="top-bar">
    <${Brand} />
    <div class="top-bar-end"><${LanguageSwitch} /></div>
  </header>
  <main class="door panel stack" data-testid="join">
    ${key ? html`<${Waiting} of=${invitation}>${(/** @type {StaffInvitation} */ found) => (joined.value ? html`<${Welcome} />` : html`<${Invited} invitation=${found} />`)}<//>`
      : html`<h1>${t("join-title")}</h1><${ErrorLine} text=${t("error-invite_invalid")} />`}
  </main>
`;

/** @param {{ invitation: StaffInvitation }} props */
const Invited = ({ invitation: { role, invited_by } }) => html`
  <h1>${t("join-title")}</h1>
  <p>${t("join-text", { name: invited_by })}</p>
  <div class="join-role" data-testid="join-role" data-role=${role}>
    <strong>${t("staff-role", { role })}</strong>
    <span class="soft small">${t("staff-role-text", { role })}</span>
  </div>
  ${live.me.value?.kind === "account"
    ? html`<${Accept} name=${live.me.value.name} />`
    : html`<p class="soft small">${t("join-account")}</p><${SignUp} name=${live.me.value?.name ?? ""} onDone=${async () => void (await live.whoAmI())} />`}
`;

/** @param {{ name: string }} props */
function Accept({ name }) {
  const form = useForm(async () => {
    await staffApi.join(key);
    joined.value = invitation.value.value?.role ?? "";
    history.replaceState(null, "", "/join/"); // the key has done its work
  });
  return html`
    <form class="stack" onSubmit=${form.onSubmit}>
      ${form.rest([])}
      <button class="button button-primary button-large button-wide" type="submit" data-testid="join-accept" disabled=${form.busy}>${t("join-accept", { name })}</button>
    </form>
  `;
}

const Welcome = () => html`
  <h1>${t("join-welcome")}</h1>
  <p class="soft">${t("staff-role-text", { role: joined.value })}</p>
  <a class="button button-primary button-large button-wide" href=${PLACES[joined.value] ?? "/"} data-testid="join-go">${t("join-go")}</a>
`;

await mount(JoinPage, () => t("join-title"));
// Another link opened in the same tab changes only the fragment.
window.addEventListener("hashchange", () => location.reload());
if (key) await invitation.load();
