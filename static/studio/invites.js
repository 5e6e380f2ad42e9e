// @ts-check
// @css ../components/guests.css
// Invitations: a form for a new one, the link of the newest, and what became of the others.

import { useState } from "preact/hooks";
import { CopyLine } from "../components/copy_line.js";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { formatDay } from "../lib/money.js";
import { clock } from "../lib/store.js";

/**
 * @import { GuestDesk } from "./guest_desk.js"
 * @import { InviteView } from "../../schemas/generated/messages"
 */

const HOUR_MS = 3_600_000;
const USES_MAX = 10;
/** How long a link may be good, in hours: this show, a day, a week. */
const HOURS = [2, 24, 168];

/** @param {{ desk: GuestDesk }} props */
export function Invites({ desk }) {
  const invites = desk.state.value?.invites ?? [];
  const link = desk.link.value;
  return html`
    <details class="invites" open=${link !== null} data-testid="invites">
      <summary data-testid="invites-open">${t("invites-title")}</summary>
      <div class="stack">
        <${InviteForm} desk=${desk} />
        ${link && html`
          <div class="stack invite-link">
            <${CopyLine} label=${t("invite-link")} value=${link.link} testid="invite-link" />
            <p class="soft small">${t("invite-link-once")}</p>
          </div>
        `}
        <ul class="invite-rows">${invites.map((invite) => html`<${InviteRow} key=${invite.invite_id} invite=${invite} desk=${desk} />`)}</ul>
      </div>
    </details>
  `;
}

/** @param {{ desk: GuestDesk }} props */
function InviteForm({ desk }) {
  const form = useForm(async ({ label, max_uses, hours }, element) => {
    const name = label.trim();
    const uses = Number(max_uses);
    if (!name) throw new FieldProblem("label", "invite-label-empty");
    if (!Number.isInteger(uses) || uses < 1 || uses > USES_MAX) throw new FieldProblem("max_uses", "invite-uses-range");
    await desk.invite(name, uses, Number(hours) * HOUR_MS);
    element.reset();
  });
  return html`
    <form class="stack" noValidate onSubmit=${form.onSubmit}>
      <${Field} label=${t("invite-label")} name="label" required maxlength="60" placeholder=${t("invite-label-placeholder")} data-testid="invite-label" error=${form.errorOf("label")} />
      <div class="field-grid">
        <${Field} label=${t("invite-uses")} name="max_uses" type="number" min="1" max=${USES_MAX} defaultValue="1" required inputmode="numeric" data-testid="invite-uses" error=${form.errorOf("max_uses")} />
        <${Field} as="select" label=${t("invite-valid")} name="hours" data-testid="invite-hours" error=${form.errorOf("valid_for_ms")}>
          ${HOURS.map((hours) => html`<option value=${hours} defaultSelected=${hours === 24}>${t("invite-hours", { hours })}</option>`)}
        <//>
      </div>
      ${form.rest(["label", "max_uses", "valid_for_ms"])}
      <button class="button button-wide" type="submit" data-testid="invite-create" disabled=${form.busy}><${Icon} name="user-plus" />${t("invite-create")}</button>
    </form>
  `;
}

/** Revoking ends the passes too, so it takes two presses. @param {{ invite: InviteView, desk: GuestDesk }} props */
function InviteRow({ invite, desk }) {
  const [asking, setAsking] = useState(false);
  const state = stateOf(invite);
  return html`
    <li class="invite-row" data-testid=${`invite-${invite.invite_id}`} data-state=${state}>
      <span class="invite-words">
        <strong>${invite.label}</strong>
        <span class="soft small">${state === "open" ? t("invite-open", { uses: invite.uses, max: invite.max_uses, when: formatDay(invite.expires_at_ms, locale()) }) : t(STATE[state])}</span>
      </span>
      ${state !== "revoked" && !asking && html`<button class="button button-small" type="button" data-testid=${`revoke-${invite.invite_id}`} onClick=${() => setAsking(true)}>${t("invite-revoke")}</button>`}
      ${asking && state !== "revoked" && html`
        <div class="invite-sure" role="alertdialog" aria-label=${t("invite-revoke-sure")}>
          <p class="small">${t("invite-revoke-sure")}</p>
          <div class="row">
            <button class="button button-small button-danger" type="button" data-testid=${`revoke-sure-${invite.invite_id}`} onClick=${() => desk.revoke(invite.invite_id)}>${t("invite-revoke")}</button>
            <button class="button button-small" type="button" onClick=${() => setAsking(false)}>${t("invite-keep")}</button>
          </div>
        </div>
      `}
    </li>
  `;
}

/** @type {Record<string, string>} */
const STATE = { used: "invite-used", expired: "invite-expired", revoked: "invite-revoked" };

/** As the server's rule: the host's word counts more than time, and time more than use. @param {InviteView} invite */
function stateOf(invite) {
  if (invite.revoked) return "revoked";
  if (clock.serverNowMs() >= invite.expires_at_ms) return "expired";
  return invite.uses < invite.max_uses ? "open" : "used";
}
