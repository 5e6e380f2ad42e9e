// @ts-check
// @css questions.css
// Questions to the host: ask, vote, and see what has been answered.

import { useEffect } from "preact/hooks";
import { Field } from "./field.js";
import { ErrorLine, useForm } from "./form.js";
import { html } from "./html.js";
import { QuestionRow } from "./question_row.js";
import { errorText, t } from "./words.js";

/** @import { Questions } from "../lib/questions.js" */

/** As schemas/http/questions.py QUESTION_LENGTH_MAX. */
const QUESTION_LENGTH_MAX = 300;

/** @param {{ questions: Questions, me: string | null, beforeAsk: () => Promise<boolean>, disabled: boolean }} props `beforeAsk`: false when the person did not want to after all */
export function QuestionsPanel({ questions, me, beforeAsk, disabled }) {
  useEffect(() => {
    // Without votes the list is there all the same, by age.
    questions.watchVotes().catch(() => undefined);
  }, [questions]);
  const form = useForm(async ({ text }, element) => {
    if (!text.trim() || !(await beforeAsk())) return;
    await questions.ask(text.trim());
    element.reset();
  });
  const rows = questions.rows.value;
  const refused = questions.channel.refused.value;
  return html`
    <section class="questions" aria-label=${t("questions-title")} data-testid="questions">
      <ul class="question-list" tabindex="0" aria-label=${t("questions-title")}>
        ${rows.map((row) => html`<${QuestionRow} key=${row.question_id} row=${row} own=${row.asker_id === me} onVote=${() => questions.toggle(row)} />`)}
        ${rows.length === 0 && html`<li class="empty">${t("questions-empty")}</li>`}
      </ul>
      ${refused && html`<${ErrorLine} text=${errorText(refused)} />`}
      ${!disabled && html`
        <form class="question-form" onSubmit=${form.onSubmit}>
          <${Field} as="textarea" label=${t("question-label")} name="text" rows="2" required maxlength=${QUESTION_LENGTH_MAX} data-testid="question-text" error=${form.errorOf("text")} />
          ${form.rest(["text"])}
          <button class="button button-primary button-wide" type="submit" data-testid="question-ask" disabled=${form.busy}>${t("question-ask")}</button>
        </form>
      `}
    </section>
  `;
}
