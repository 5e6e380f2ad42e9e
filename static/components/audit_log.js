// @ts-check
// Everything that moderators did, with who and when.

import { formatTime } from "../lib/money.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/**
 * @import { AuditEntry } from "../../schemas/generated/messages"
 * @import { ModerationDesk } from "../lib/moderation_desk.js"
 */

/** @type {Record<AuditEntry["action"], string>} */
const ACTIONS = {
  remove_messages: "audit-remove",
  mute: "audit-mute",
  block: "audit-block",
  shadow: "audit-shadow",
  lift: "audit-lift",
  settings: "audit-settings",
  words: "audit-words",
  pin: "audit-pin",
  unpin: "audit-unpin",
  approve: "audit-approve",
  reject: "audit-reject",
  appoint: "audit-appoint",
  dismiss: "audit-dismiss",
};

/** @param {{ desk: ModerationDesk }} props */
export function AuditLog({ desk }) {
  const entries = desk.audit.value;
  return html`
    <ol class="desk-list audit" aria-label=${t("audit-title")} data-testid="audit">
      ${entries.map((entry) => html`<${Entry} key=${entry.entry_id} entry=${entry} />`)}
      ${entries.length === 0 && html`<li class="empty">${t("audit-empty")}</li>`}
    </ol>
    ${entries.length > 0 && desk.auditBefore.value !== null && html`
      <button class="button button-small" type="button" data-testid="audit-more" disabled=${desk.busy.value} onClick=${() => desk.loadAudit()}>${t("audit-more")}</button>`}
  `;
}

/** @param {{ entry: AuditEntry }} props */
const Entry = ({ entry }) => html`
  <li class="audit-row" data-testid="audit-row" data-action=${entry.action}>
    <span class="numbers small soft">${formatTime(entry.at_ms, locale())}</span>
    <span class="desk-words"><b>${t(ACTIONS[entry.action])}</b>${entry.target && ` ${entry.target}`}
      <span class="small soft">${entry.by_name}${entry.detail && ` · ${entry.detail}`}</span></span>
  </li>
`;
