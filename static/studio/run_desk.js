// @ts-check
// @css run.css
// The run of show: what comes when, what is on now, and "next". Rows are moved by the grip, or by keys for who has no pointer.

import { useState } from "preact/hooks";
import { useTimeLeft } from "../components/countdown.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { errorText, t } from "../components/words.js";
import { formatSpan } from "../lib/money.js";
import { moved, timing } from "../lib/run_of_show.js";
import { clock } from "../lib/store.js";
import { useRowDrag } from "./run_drag.js";
import { RunRow, titleOf } from "./run_row.js";
import { StepForm } from "./step_form.js";

/**
 * @import { Row } from "../lib/run_of_show.js"
 * @import { Room } from "./room.js"
 */

/** @param {{ room: Room }} props */
export function RunDesk({ room }) {
  const { run } = room;
  const rows = run.rows.value;
  const [said, setSaid] = useState("");
  const [editing, setEditing] = useState(/** @type {string | null} */ (null)); // a row's id, or "new"
  const ended = room.show.value?.state === "ended";
  const move = (/** @type {number} */ from, /** @type {number} */ to) => {
    const place = Math.max(0, Math.min(rows.length - 1, to));
    if (place !== from) void run.put(moved(rows, from, to));
    setSaid(t("run-moved", { title: titleOf(rows[from]), place: place + 1, count: rows.length }));
  };
  const { list, start, dragged } = useRowDrag(rows.map(({ id }) => id).join(), move);
  const save = (/** @type {Row} */ row) => {
    setEditing(null);
    void run.put(editing === "new" ? [...rows, row] : rows.map((each) => (each.id === row.id ? row : each)));
  };
  const next = run.next.value;
  const problem = run.problem.value ?? room.problem.value;
  return html`
    <section class="panel stack run" data-testid="tray" aria-label=${t("run-title")}>
      <header>
        <h2>${t("run-title")}</h2>
        ${!ended && html`<div class="row">
          <button class="button button-small" type="button" data-testid="run-add" aria-expanded=${String(editing === "new")} onClick=${() => setEditing("new")}>
            <${Icon} name="plus" />${t("run-add")}</button>
          <button class="button button-small button-primary" type="button" data-testid="run-next" aria-keyshortcuts="N" disabled=${!next || run.busy.value}
            onClick=${() => next && run.goTo(next.id)}><${Icon} name="skip-forward" />${t("run-next")}</button>
        </div>`}
      </header>
      <${Plan} rows=${rows} currentId=${run.currentId.value} sinceMs=${run.state.value?.current_since_ms ?? null} />
      ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
      <p class="visually-hidden" role="status" data-testid="run-said">${said}</p>
      ${editing === "new" && html`<${StepForm} row=${null} onSave=${save} onClose=${() => setEditing(null)} />`}
      ${rows.length === 0 && editing !== "new" && html`<div class="empty stack"><p>${t("products-in-show-empty")}</p>
        <button class="button" type="button" data-testid="run-stock" onClick=${() => (room.desk.value = "stock")}><${Icon} name="package" />${t("run-to-stock")}</button></div>`}
      <ol class="run-rows" ref=${list} aria-label=${t("run-title")}>
        ${rows.map((row, index) => html`
          <${RunRow} key=${row.id} room=${room} row=${row} place=${index} count=${rows.length} current=${row.id === run.currentId.value} upcoming=${row.id === next?.id}
            held=${dragged === index} onGrip=${start} onMove=${move} editing=${editing === row.id}
            onEdit=${() => setEditing(editing === row.id ? null : row.id)} onSave=${save} ended=${ended} />`)}
      </ol>
    </section>
  `;
}

/** The minutes of the plan, and what is left of the current step. @param {{ rows: Row[], currentId: string | null, sinceMs: number | null }} props */
function Plan({ rows, currentId, sinceMs }) {
  useTimeLeft(0); // drawn again as time passes
  const { plannedMinutes, leftMs } = timing(rows, currentId, sinceMs, clock.serverNowMs());
  if (plannedMinutes === 0) return null;
  return html`
    <p class="row small soft run-plan"><${Icon} name="timer" /><span class="numbers">${t("run-planned", { minutes: plannedMinutes })}</span>
      ${leftMs !== null && html`<span class=${`numbers run-left${leftMs < 0 ? " run-over" : ""}`} data-testid="run-left">
        ${t(leftMs < 0 ? "run-over" : "run-left", { time: formatSpan(Math.abs(leftMs)) })}</span>`}</p>
  `;
}
