// @ts-check
// One endpoint: where it is, how it does, and what can be done about it.

import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { formatDay } from "../lib/money.js";
import { Deliveries } from "./deliveries.js";
import { HookForm } from "./hook_form.js";

/**
 * @import { HookView } from "../../schemas/generated/messages"
 * @import { HookDesk } from "./desk.js"
 * @typedef {"form" | "deliveries" | "rotate" | "remove" | null} Sheet
 */

/** @param {{ desk: HookDesk, hook: HookView }} props */
export function HookCard({ desk, hook }) {
  const [sheet, setSheet] = useState(/** @type {Sheet} */ (null));
  const close = () => {
    setSheet(null);
    desk.load();
  };
  const enable = (/** @type {boolean} */ enabled) => desk.attempt(() => desk.change(hook.hook_id, { enabled }));
  return html`
    <section class="panel stack hook" data-testid="hook" data-state=${hook.state}>
      <div class="hook-head">
        <div class="hook-words">
          <h2>${hook.description || new URL(hook.url).host}</h2>
          <p class="soft small hook-url">${hook.url}</p>
        </div>
        <${Health} hook=${hook} />
      </div>
      ${hook.state === "failed" && html`<p class="error-line" role="alert"><${Icon} name="triangle-alert" />${t("webhooks-failed-text", { since: formatDay(hook.failing_since_ms ?? 0, locale()) })}</p>`}
      ${hook.previous_until_ms !== null && html`<p class="soft small">${t("webhooks-old-secret", { until: formatDay(hook.previous_until_ms, locale()) })}</p>`}
      <p class="small hook-event-names">${hook.events.map((event) => html`<code key=${event}>${event}</code>`)}</p>
      <div class="row">
        <button class="button button-small" type="button" data-testid="hook-deliveries" onClick=${() => setSheet("deliveries")}>${t("webhooks-deliveries")}${hook.dead > 0 && html`<span class="hook-dead numbers">${hook.dead}</span>`}</button>
        <button class="button button-small" type="button" data-testid="hook-edit" onClick=${() => setSheet("form")}>${t("webhooks-edit")}</button>
        <button class="button button-small" type="button" data-testid="hook-rotate" onClick=${() => setSheet("rotate")}>${t("webhooks-rotate")}</button>
        ${hook.state === "on"
          ? html`<button class="button button-small" type="button" data-testid="hook-off" onClick=${() => enable(false)}>${t("webhooks-switch-off")}</button>`
          : html`<button class="button button-small button-primary" type="button" data-testid="hook-on" onClick=${() => enable(true)}>${t("webhooks-switch-on")}</button>`}
        <button class="button button-small button-danger" type="button" data-testid="hook-remove" onClick=${() => setSheet("remove")}>${t("webhooks-remove")}</button>
      </div>
      ${sheet === "form" && html`<${Dialog} title=${t("webhooks-edit")} onClose=${close} testid="hook-sheet"><${HookForm} desk=${desk} hook=${hook} onDone=${close} /><//>`}
      ${sheet === "deliveries" && html`<${Deliveries} hook=${hook} onClose=${close} />`}
      ${sheet === "rotate" && html`<${Confirm} title=${t("webhooks-rotate")} text=${t("webhooks-rotate-text")} onClose=${close} onYes=${() => desk.rotate(hook)} />`}
      ${sheet === "remove" && html`<${Confirm} title=${t("webhooks-remove")} text=${t("webhooks-remove-text")} danger onClose=${close} onYes=${() => desk.remove(hook)} />`}
    </section>
  `;
}

/** @param {{ hook: HookView }} props */
function Health({ hook }) {
  if (hook.state === "off") return html`<span class="hook-state">${t("webhooks-off")}</span>`;
  if (hook.state === "failed") return html`<span class="hook-state hook-state-poor"><${Icon} name="circle-x" />${t("webhooks-failed")}</span>`;
  if (hook.failing_since_ms !== null) return html`<span class="hook-state hook-state-fair"><${Icon} name="triangle-alert" />${t("webhooks-failing", { waiting: hook.waiting })}</span>`;
  return html`<span class="hook-state hook-state-good"><${Icon} name="circle-check" />${t("webhooks-on")}</span>`;
}

/** @param {{ title: string, text: string, danger?: boolean, onYes: () => Promise<void>, onClose: () => void }} props */
const Confirm = ({ title, text, danger = false, onYes, onClose }) => html`
  <${Dialog} title=${title} onClose=${onClose} testid="hook-confirm">
    <p>${text}</p>
    <button class=${`button button-large ${danger ? "button-danger" : "button-primary"}`} type="button" data-testid="hook-yes" onClick=${() => onYes().then(onClose)}>${title}</button>
  <//>
`;
