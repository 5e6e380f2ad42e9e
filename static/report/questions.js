// @ts-check
// What viewers asked: how much of it was answered, and what was not, to answer after the show.

import { useEffect, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";

/** @import { QuestionView, RecapFigures } from "../../schemas/generated/messages" */

const SHOWN_MAX = 5;

/** @param {{ showId: string, figures: RecapFigures }} props */
export function Questions({ showId, figures }) {
  const [open, setOpen] = useState(/** @type {QuestionView[]} */ ([]));
  const { questions, questions_answered: answered } = figures;
  useEffect(() => {
    if (questions === 0) return;
    api.questions(showId, "").then(
      (state) => setOpen(state.questions.filter(({ status }) => status === "waiting")),
      (error) => asApiError(error), // the owner of another host's show sees the numbers alone
    );
  }, [questions, answered]);
  return html`
    <section class="panel" aria-labelledby="report-questions">
      <header><h2 id="report-questions">${t("report-questions")}</h2></header>
      ${questions === 0 && html`<p class="empty">${t("report-questions-none")}</p>`}
      ${questions > 0 && html`
        <p class="report-answered"><${Icon} name="circle-check" /><strong data-testid="report-answered">${t("report-answered", { answered, questions })}</strong></p>
        <progress class="report-progress" max=${questions} value=${answered} aria-label=${t("report-answered", { answered, questions })}></progress>`}
      ${open.length > 0 && html`
        <h3 class="report-open-title">${t("report-open")}</h3>
        <ul class="report-open">${open.slice(0, SHOWN_MAX).map((question) => html`<li key=${question.question_id}><span>${question.text}</span> <span class="soft small">${question.asker_name}</span></li>`)}</ul>
        ${open.length > SHOWN_MAX && html`<p class="small soft">${t("report-open-more", { count: open.length - SHOWN_MAX })}</p>`}`}
    </section>
  `;
}
