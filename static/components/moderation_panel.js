// @ts-check
// @css moderation.css
// Rules, people and the log of a chat's moderation, in tabs.

import { useState } from "preact/hooks";
import { AuditLog } from "./audit_log.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { ModerationRules } from "./moderation_rules.js";
import { SanctionsList } from "./sanctions_list.js";
import { Tabs } from "./tabs.js";
import { errorText, t } from "./words.js";

/** @import { ModerationDesk } from "../lib/moderation_desk.js" */

/** @param {{ desk: ModerationDesk, mayAppoint?: boolean }} props */
export function ModerationPanel({ desk, mayAppoint = false }) {
  const [panel, setPanel] = useState("rules");
  const problem = desk.problem.value ?? desk.channel.refused.value;
  const tabs = [
    { id: "rules", label: t("rules-title") },
    { id: "people", label: t("people-title"), count: desk.sanctions.value.length },
    { id: "log", label: t("audit-title") },
  ];
  return html`
    <section class="panel stack moderation" aria-label=${t("moderation-title")} data-testid="moderation">
      <header><h2>${t("moderation-title")}</h2></header>
      <${Tabs} label=${t("moderation-title")} tabs=${tabs} chosen=${panel} onChoose=${setPanel} />
      ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
      ${panel === "rules" && html`<${ModerationRules} desk=${desk} />`}
      ${panel === "people" && html`<${SanctionsList} desk=${desk} mayAppoint=${mayAppoint} />`}
      ${panel === "log" && html`<${AuditLog} desk=${desk} />`}
    </section>
  `;
}
