// @ts-check
// @css ../components/account.css
// A link that makes one person part of the shop: what they shall do, then the link, which is shown once.

import { useState } from "preact/hooks";
import { CopyLine } from "../components/copy_line.js";
import { Dialog } from "../components/dialog.js";
import { Field } from "../components/field.js";
import { useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { staffApi } from "../lib/account_api.js";

/** @import { InviteStaff, StaffView } from "../../schemas/generated/messages" */

/** The most common first. @type {InviteStaff["role"][]} */
const ROLES = ["packer", "moderator", "host", "owner"];

/** @param {{ onMade: (staff: StaffView) => void, onClose: () => void }} props */
export function InviteSheet({ onMade, onClose }) {
  const [link, setLink] = useState("");
  const form = useForm(async ({ role, label }) => {
    const made = await staffApi.invite({ role: /** @type {InviteStaff["role"]} */ (role), label: label.trim() });
    setLink(made.link);
    onMade(made.staff);
  });
  return html`
    <${Dialog} title=${t("staff-invite")} testid="invite-sheet" onClose=${onClose}>
      ${link
        ? html`
          <div class="stack">
            <p>${t("staff-link-text")}</p>
            <${CopyLine} label=${t("staff-link")} value=${link} testid="staff-link" />
            <button class="button button-primary button-large" type="button" data-testid="invite-done" onClick=${onClose}>${t("staff-done")}</button>
          </div>`
        : html`
          <form class="stack" onSubmit=${form.onSubmit} data-testid="invite-form">
            <fieldset class="staff-choice">
              <legend class="field-label">${t("staff-which")}</legend>
              ${ROLES.map((role, place) => html`
                <label class="staff-option" key=${role}>
                  <input type="radio" name="role" value=${role} defaultChecked=${place === 0} data-testid=${`role-${role}`} />
                  <span><strong>${t("staff-role", { role })}</strong><br /><span class="soft small">${t("staff-role-text", { role })}</span></span>
                </label>`)}
            </fieldset>
            <${Field} label=${t("staff-label")} name="label" maxlength="60" hint=${t("staff-label-hint")} data-testid="invite-label" error=${form.errorOf("label")} />
            ${form.rest(["label"])}
            <button class="button button-primary button-large" type="submit" data-testid="invite-make" disabled=${form.busy}>${t("staff-make")}</button>
          </form>`}
    <//>
  `;
}
