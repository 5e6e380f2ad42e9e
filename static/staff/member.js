// @ts-check
// @css ../components/account.css
// Somebody who works for the shop, and what they may do.

import { useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";

/** @import { StaffMember } from "../../schemas/generated/messages" */

/** @param {{ member: StaffMember, own: boolean, onTake: (role: string) => Promise<void> }} props */
export const Member = ({ member, own, onTake }) => html`
  <li class="account-row account-row-person" data-testid="member" data-name=${member.name}>
    <span class="account-face account-face-small" aria-hidden="true">${[...member.name][0]}</span>
    <div class="account-words">
      <strong>${member.name}${own && html` <span class="soft small">${t("staff-you")}</span>`}</strong>
      <span class="soft small">${member.email}</span>
    </div>
    <ul class="staff-roles">${member.roles.map((role) => html`<${Role} key=${role} role=${role} name=${member.name} onTake=${() => onTake(role)} />`)}</ul>
  </li>
`;

/** Asked once more before it is taken away. @param {{ role: string, name: string, onTake: () => Promise<void> }} props */
function Role({ role, name, onTake }) {
  const [asked, setAsked] = useState(false);
  const word = t("staff-role", { role });
  if (asked)
    return html`
      <li class="staff-role staff-role-asked">
        <button class="button button-small button-danger" type="button" data-testid="take-sure" onClick=${() => { setAsked(false); onTake(); }}>${t("staff-take", { role })}</button>
        <button class="button button-small" type="button" onClick=${() => setAsked(false)}>${t("staff-keep")}</button>
      </li>
    `;
  return html`
    <li class="staff-role" data-testid="role" data-role=${role}>
      ${word}
      <button class="staff-role-take" type="button" aria-label=${t("staff-take-of", { role, name })} data-testid=${`take-${role}`} onClick=${() => setAsked(true)}><${Icon} name="x" /></button>
    </li>
  `;
}
