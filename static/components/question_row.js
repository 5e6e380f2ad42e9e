// @ts-check
// @css questions.css
// One question: its votes, who asks, and where it stands.

import { useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { formatTime } from "../lib/money.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, locale, t } from "./words.js";

/** @import { Row } from "../lib/questions.js" */

/** `children`: what a host or moderator does with it. @param {{ row: Row, own: boolean, onVote: (() => Promise<void>) | null, children?: unknown }} props */
export function QuestionRow({ row, own, onVote, children }) {
  const [note, setNote] = useState(/** @type {string | null} */ (null));
  const open = row.status === "waiting" || row.status === "live";
  const vote = async () => {
    setNote(null);
    try {
      await onVote?.();
    } catch (error) {
      setNote(errorText(asApiError(error)));
    }
  };
  return html`
    <li class=${`question question-${row.status}`} data-testid="question" data-question=${row.question_id} data-status=${row.status} data-votes=${row.votes}>
      ${open && onVote
        ? html`<button class="question-vote" type="button" data-testid="question-vote" aria-pressed=${String(row.mine)}
            aria-label=${t("question-vote", { count: row.votes, text: row.text })} onClick=${vote}><${Icon} name="chevron-up" /><span class="numbers">${row.votes}</span></button>`
        : html`<span class="question-votes numbers" title=${t("question-votes", { count: row.votes })}>
            ${row.status === "answered" ? html`<${Icon} name="check" />` : html`<span aria-hidden="true">${row.votes}</span><span class="visually-hidden">${t("question-votes", { count: row.votes })}</span>`}
          </span>`}
      <div class="question-words">
        <p class="question-text">${row.text}</p>
        <p class="question-note small soft">
          <span>${own ? t("question-own") : row.asker_name}</span>
          ${row.status === "live" && html`<span class="question-now"><span class="question-lamp"></span>${t("question-live")}</span>`}
          ${row.status === "answered" && row.answered_at_ms !== null && html`<span>${t("question-answered", { time: formatTime(row.answered_at_ms, locale()) })}</span>`}
          ${row.status === "hidden" && html`<span>${t("question-hidden")}</span>`}
        </p>
        ${note && html`<p class="field-error" role="alert">${note}</p>`}
        ${children}
      </div>
    </li>
  `;
}
