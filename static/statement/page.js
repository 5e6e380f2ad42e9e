// @ts-check
// @css page.css
// The seller's statement: a period, its totals, its orders, and a file for the accountant.

import { signal } from "@preact/signals";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { mount } from "../components/page.js";
import { errorText, locale, t } from "../components/words.js";
import { periodOf } from "../lib/books.js";
import { formatDay } from "../lib/money.js";
import { clock, Live } from "../lib/store.js";
import { HostPage } from "../studio/host_page.js";
import { Figures } from "./figures.js";
import { Lines } from "./lines.js";
import { OrderSheet } from "./order_sheet.js";
import { HEADS, StatementPage } from "./statement_page.js";

/** @import { AuditView } from "../../schemas/generated/messages" */

const live = new Live(location.origin);
const page = new StatementPage();
const opened = signal(/** @type {string | null} */ (null));
const ready = signal(false);

/** @type {[Parameters<typeof periodOf>[0], string][]} */
const PERIODS = [["month", "statement-this-month"], ["last-month", "statement-last-month"], ["days", "statement-30-days"], ["year", "statement-this-year"]];

async function enter() {
  await live.whoAmI();
  ready.value = true;
  if (live.me.value?.roles.includes("host")) await page.show(page.days.value);
}

function Page() {
  return html`<${HostPage} title=${t("statement-title")} me=${live.me.value} ready=${ready.value} onEnter=${enter}><${Statement} /><//>`;
}

function Statement() {
  const lines = page.lines.value;
  return html`
    <${Period} />
    ${page.problem.value && html`<${ErrorLine} text=${errorText(page.problem.value)} />`}
    ${lines?.length === 0 && html`<p class="empty">${t("statement-empty")}</p>`}
    ${lines && lines.length > 0 && html`
      <div class="statement-totals">${page.totals.value.map((figures) => html`
        <section class="panel" key=${figures.currency} aria-label=${figures.currency}><${Figures} figures=${figures} /></section>`)}</div>
      <section class="panel statement-orders">
        <header>
          <h2>${t("statement-orders")}</h2>
          <button class="button button-small" type="button" data-testid="statement-csv" disabled=${page.busy.value} onClick=${() => page.download(HEADS, save)}>${t("statement-csv")}</button>
        </header>
        <${Lines} lines=${lines} onOpen=${(/** @type {string} */ id) => (opened.value = id)} />
        ${page.after.value && html`<button class="button button-wide" type="button" data-testid="statement-more" disabled=${page.busy.value} onClick=${() => page.more()}>${t("statement-more")}</button>`}
      </section>`}
    ${page.audit.value && lines && lines.length > 0 && html`<${Audit} audit=${page.audit.value} />`}
    ${opened.value && html`<${OrderSheet} orderId=${opened.value} onClose=${() => (opened.value = null)} />`}
  `;
}

function Period() {
  const days = page.days.value;
  const change = (/** @type {"from" | "to"} */ end) => (/** @type {Event} */ event) => {
    const next = { ...days, [end]: /** @type {HTMLInputElement} */ (event.target).value };
    if (next.from && next.to) page.show(next);
  };
  const spans = PERIODS.map(([name]) => periodOf(name, clock.serverNowMs()));
  // On the 30th two of them are the same days: one is enough to light up.
  const chosen = spans.findIndex((span) => span.from === days.from && span.to === days.to);
  return html`
    <form class="statement-period" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <div class="row" role="group" aria-label=${t("statement-period")}>${PERIODS.map(([name, word], index) => html`
        <button class="button button-small" type="button" key=${name} aria-pressed=${String(index === chosen)} data-testid=${`period-${name}`} onClick=${() => page.show(spans[index])}>${t(word)}</button>`)}</div>
      <div class="row statement-days">
        <label class="field"><span class="field-label">${t("statement-from")}</span><input class="field-input" type="date" max=${days.to} value=${days.from} data-testid="statement-from" onChange=${change("from")} /></label>
        <label class="field"><span class="field-label">${t("statement-to")}</span><input class="field-input" type="date" min=${days.from} value=${days.to} data-testid="statement-to" onChange=${change("to")} /></label>
      </div>
    </form>
  `;
}

/** @param {{ audit: AuditView }} props */
function Audit({ audit }) {
  if (audit.ended_at_ms === null) return html`<p class="audit soft small" data-testid="audit">${t("statement-audit-running")}</p>`;
  const args = { when: formatDay(audit.ended_at_ms, locale()), transfers: audit.transfers, problems: audit.problems.length };
  return audit.problems.length === 0
    ? html`<p class="audit soft small" data-testid="audit"><${Icon} name="shield-check" />${t("statement-audit-good", args)}</p>`
    : html`<p class="error-line" data-testid="audit" role="alert"><${Icon} name="triangle-alert" />${t("statement-audit-bad", args)}</p>`;
}

/** Hands a file to the browser. @param {string} text @param {string} name */
function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}

await mount(Page, () => `${t("statement-title")} — Efir`);
await enter();
