// @ts-check
// @css moderation.css
// Everything that moderators did, with who and when.

import { aboutOf } from "../lib/audit.js";
import { formatPause, formatTime } from "../lib/money.js";
import { ErrorLine } from "./form.js";
import { HELD_REASONS } from "./held_queue.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/**
 * @import { AuditEntry, ModerationSettings } from "../../schemas/generated/messages"
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
    ${desk.auditBroken.value && html`<${ErrorLine} text=${t("audit-broken")} />`}
    <ol class="desk-list audit" tabindex="0" aria-label=${t("audit-title")} data-testid="audit">
      ${entries.map((entry) => html`<${Entry} key=${entry.entry_id} entry=${entry} entries=${entries} />`)}
      ${entries.length === 0 && html`<li class="empty">${t("audit-empty")}</li>`}
    </ol>
    ${entries.length > 0 && desk.auditBefore.value !== null && html`
      <button class="button button-small" type="button" data-testid="audit-more" disabled=${desk.busy.value} onClick=${() => desk.loadAudit()}>${t("audit-more")}</button>`}
  `;
}

/** @param {{ entry: AuditEntry, entries: AuditEntry[] }} props */
function Entry({ entry, entries }) {
  const { name, text, spanMs, held, settings } = aboutOf(entry, entries);
  const notes = [spanMs && formatPause(Math.round(spanMs / 1000), locale()), held && t(HELD_REASONS[held]), settings && rulesText(settings), text];
  return html`
    <li class="audit-row" data-testid="audit-row" data-action=${entry.action}>
      <span class="numbers small soft">${formatTime(entry.at_ms, locale())}</span>
      <span class="desk-words"><span><b>${t(ACTIONS[entry.action])}</b> ${name}</span>
        ${notes.some(Boolean) && html`<span>${notes.filter(Boolean).join(" · ")}</span>`}
        <span class="small soft">${entry.by_name}</span></span>
    </li>
  `;
}

/** The rules that were on after a change. @param {ModerationSettings} settings */
function rulesText(settings) {
  const rules = [
    settings.slow_mode_s && `${t("rule-slow-mode")} ${formatPause(settings.slow_mode_s, locale())}`,
    settings.approve_first && t("rule-approve-first"),
    settings.followers_only && t("rule-followers-only"),
    settings.filter_words && t("rule-filter-words"),
    settings.filter_links && t("rule-filter-links"),
  ];
  return rules.filter(Boolean).join(", ");
}
