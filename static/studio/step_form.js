// @ts-check
// @css run.css
// A segment in words, or the note and minutes of any step.

import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { NOTE_LENGTH_MAX, PLANNED_MINUTES_MAX, TITLE_LENGTH_MAX } from "../lib/run_of_show.js";
import { freshId } from "../lib/store.js";

/** @import { Row } from "../lib/run_of_show.js" */

/** @param {{ row: Row | null, onSave: (row: Row) => void, onClose: () => void }} props `row` is null for a new segment */
export function StepForm({ row, onSave, onClose }) {
  const segment = !row?.step.sku;
  const form = useForm(async ({ title = "", note, minutes }) => {
    const planned_minutes = Number(minutes || 0);
    if (segment && !title.trim()) throw new FieldProblem("title", "run-title-empty");
    if (!Number.isInteger(planned_minutes) || planned_minutes < 0 || planned_minutes > PLANNED_MINUTES_MAX) throw new FieldProblem("minutes", "run-minutes-wrong");
    const id = row?.id ?? freshId("seg");
    const step = { item_id: id, sku: row?.step.sku ?? null, title: title.trim(), note: note.trim(), planned_minutes };
    onSave({ id, step, item: row?.item ?? null });
  });
  return html`
    <form class="stack run-form" onSubmit=${form.onSubmit} noValidate data-testid="run-form">
      <div class="run-pair">
        ${segment && html`<${Field} label=${t("run-title-label")} name="title" required maxlength=${TITLE_LENGTH_MAX} placeholder=${t("run-title-placeholder")} autofocus
          defaultValue=${row?.step.title ?? ""} data-testid="run-title" error=${form.errorOf("title")} />`}
        <${Field} label=${t("run-minutes-label")} name="minutes" type="number" min="0" max=${PLANNED_MINUTES_MAX} inputmode="numeric"
          defaultValue=${row?.step.planned_minutes || ""} data-testid="run-minutes" error=${form.errorOf("minutes")} />
      </div>
      <${Field} as="textarea" label=${t("run-note-label")} name="note" maxlength=${NOTE_LENGTH_MAX} hint=${t("run-note-hint")}
        defaultValue=${row?.step.note ?? ""} data-testid="run-note" error=${form.errorOf("note")} />
      ${form.rest(["title", "minutes", "note"])}
      <div class="row">
        <button class="button button-small button-primary" type="submit" data-testid="run-save">${t("run-save")}</button>
        <button class="button button-small" type="button" onClick=${onClose}>${t("run-cancel")}</button>
      </div>
    </form>
  `;
}
