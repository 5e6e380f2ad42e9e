// @ts-check
// @css ../components/account.css
// Before everything is erased: what has to be settled first, what goes, what stays, and whether one is sure.

import { useEffect, useMemo } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Waiting } from "../components/waiting.js";
import { t } from "../components/words.js";
import { accountApi } from "../lib/account_api.js";
import { Loaded } from "../lib/loaded.js";

/** @import { Obstacle, ObstacleListView, ProfileView } from "../../schemas/generated/messages" */

/** @type {Record<Obstacle["kind"], string>} */
const WORDS = {
  order: "account-blocked-order",
  sale: "account-blocked-sale",
  payment: "account-blocked-payment",
  bid: "account-blocked-bid",
  show: "account-blocked-show",
  stage: "account-blocked-stage",
  last_owner: "account-blocked-owner",
};

/** @param {{ person: ProfileView, onClose: () => void }} props */
export function EraseSheet({ person, onClose }) {
  const found = useMemo(() => new Loaded(() => accountApi.obstacles()), []);
  useEffect(() => void found.load(), []);
  return html`
    <${Dialog} title=${t("account-erase")} testid="erase-sheet" onClose=${onClose}>
      <${Waiting} of=${found}>${(/** @type {ObstacleListView} */ { obstacles }) =>
        obstacles.length > 0 ? html`<${Blocked} obstacles=${obstacles} />` : html`<${Sure} person=${person} onBlocked=${() => found.load()} />`}<//>
    <//>
  `;
}

/** @param {{ obstacles: Obstacle[] }} props */
const Blocked = ({ obstacles }) => html`
  <div class="stack" data-testid="obstacles">
    <p>${t("account-blocked")}</p>
    <ul class="account-obstacles">${obstacles.map((each) => html`
      <li key=${each.kind + each.subject_id} data-testid="obstacle" data-kind=${each.kind}>
        <span>${t(WORDS[each.kind], { title: each.title })}</span>
        ${each.link && html`<a class="button button-small" href=${each.link}>${t("account-blocked-go")}</a>`}
      </li>`)}</ul>
  </div>
`;

/** @param {{ person: ProfileView, onBlocked: () => Promise<void> }} props */
function Sure({ person, onBlocked }) {
  const hasPassword = person.email !== null;
  const form = useForm(async ({ password }) => {
    try {
      await accountApi.erase({ confirm: true, ...(hasPassword && { password }) });
    } catch (error) {
      await onBlocked(); // something may have come in between
      throw error;
    }
    location.replace("/");
  });
  return html`
    <form class="stack" onSubmit=${form.onSubmit} data-testid="erase-form">
      <p>${t("account-erase-goes")}</p>
      <p class="soft small">${t("account-erase-stays")}</p>
      ${hasPassword && html`
        <${Field} label=${t("password-label")} name="password" type="password" required maxlength="200" autocomplete="current-password" data-testid="erase-password" error=${form.errorOf("password")} />`}
      <label class="check"><input type="checkbox" required data-testid="erase-sure" />${t("account-erase-sure")}</label>
      ${form.rest(["password"])}
      <button class="button button-danger button-large" type="submit" data-testid="erase-now" disabled=${form.busy}>${t("account-erase-now")}</button>
    </form>
  `;
}
