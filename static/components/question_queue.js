// @ts-check
// @css questions.css
// Questions as a host or moderator sees them: what to answer next, by votes.

import { useEffect, useState } from "preact/hooks";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { QuestionRow } from "./question_row.js";
import { errorText, t } from "./words.js";

/**
 * @import { SetQuestionStatus } from "../../schemas/generated/messages"
 * @import { Questions, Row } from "../lib/questions.js"
 * @typedef {SetQuestionStatus["status"]} QuestionStatus
 */

/** What can be done from where: the status, its icon and its words. @type {Record<QuestionStatus, [QuestionStatus, string, string][]>} */
const STEPS = {
  waiting: [["live", "radio", "question-put-live"], ["answered", "check", "question-done"], ["hidden", "eye-off", "question-hide"]],
  live: [["answered", "check", "question-done"], ["waiting", "undo-2", "question-back"]],
  answered: [["hidden", "eye-off", "question-hide"]],
  hidden: [["waiting", "eye", "question-show"]],
};

/** @param {{ questions: Questions }} props */
export function QuestionQueue({ questions }) {
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    // Without votes the queue is there all the same, by age.
    questions.watchVotes().catch(() => undefined);
    return questions.watchHidden();
  }, [questions]);
  const move = async (/** @type {Row} */ row, /** @type {QuestionStatus} */ status) => {
    setBusy(true);
    setProblem(null);
    try {
      await api.setQuestionStatus(questions.showId, row.question_id, { status });
    } catch (error) {
      setProblem(errorText(asApiError(error)));
    }
    setBusy(false);
  };
  const rows = questions.all.value;
  return html`
    ${problem && html`<${ErrorLine} text=${problem} />`}
    <ul class="question-list" aria-label=${t("questions-title")} data-testid="question-queue">
      ${rows.map((row) => html`
        <${QuestionRow} key=${row.question_id} row=${row} own=${false} onVote=${null}>
          <div class="row question-steps">${STEPS[row.status].map(([status, icon, text], index) => html`
            <button class=${`button button-small${index === 0 && row.status !== "answered" ? " button-primary" : ""}`} key=${status} type="button" data-testid=${`question-${status}`} disabled=${busy}
              onClick=${() => move(row, status)}><${Icon} name=${icon} />${t(text)}</button>`)}</div>
        <//>
      `)}
      ${rows.length === 0 && html`<li class="empty">${t("questions-none")}</li>`}
    </ul>
  `;
}
