// @ts-check
// @css ../components/poll.css
// A new poll: what is asked, two to six answers, for how long, and whether counts are shown before the end.

import { useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { FieldProblem, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { formatPause } from "../lib/money.js";
import { freshId } from "../lib/store.js";

/** As schemas/http/polls.py. */
const OPTIONS_MIN = 2;
const OPTIONS_MAX = 6;
const OPTION_LENGTH_MAX = 80;
const QUESTION_LENGTH_MAX = 200;
/** Lengths that are offered; the server takes ten seconds to an hour. */
const SPANS_S = [15, 30, 60, 120, 300];
const SPAN_S = 60;

/** `about`: a product's title. @param {{ showId: string, about: string | null, onDone: () => void }} props */
export function PollForm({ showId, about, onDone }) {
  // A retry of the same intent is the same poll.
  const [pollId] = useState(() => freshId("pol"));
  const [count, setCount] = useState(OPTIONS_MIN);
  const form = useForm(async (values) => {
    const options = Array.from({ length: count }, (_, index) => values[`option-${index}`].trim()).filter(Boolean);
    if (!values.question.trim()) throw new FieldProblem("question", "poll-question-empty");
    if (options.length < OPTIONS_MIN) throw new FieldProblem("option-0", "poll-options-few");
    if (new Set(options).size < options.length) throw new FieldProblem("option-0", "poll-options-same");
    const hidden = values.hide_results === "on";
    await api.openPoll({ poll_id: pollId, show_id: showId, question: values.question.trim(), options, duration_ms: Number(values.span) * 1000, hide_results: hidden });
    onDone();
  });
  return html`
    <form class="stack" onSubmit=${form.onSubmit} noValidate data-testid="poll-form">
      <${Field} label=${t("poll-question-label")} name="question" required maxlength=${QUESTION_LENGTH_MAX} placeholder=${t("poll-question-placeholder")}
        defaultValue=${about ? t("poll-about", { title: about }) : ""} data-testid="poll-question" error=${form.errorOf("question")} />
      ${Array.from({ length: count }, (_, index) => html`
        <${Field} key=${index} label=${t("poll-option-label", { number: index + 1 })} name=${`option-${index}`} maxlength=${OPTION_LENGTH_MAX} defaultValue=${about && index < OPTIONS_MIN ? t(index === 0 ? "poll-yes" : "poll-no") : ""}
          data-testid=${`poll-answer-${index}`} error=${form.errorOf(`option-${index}`)} />`)}
      ${count < OPTIONS_MAX && html`
        <button class="button button-small poll-more" type="button" data-testid="poll-more" onClick=${() => setCount(count + 1)}><${Icon} name="plus" />${t("poll-option-add")}</button>`}
      <${Field} as="select" label=${t("poll-span-label")} name="span" data-testid="poll-span">
        ${SPANS_S.map((seconds) => html`<option value=${seconds} selected=${seconds === SPAN_S}>${formatPause(seconds, locale())}</option>`)}
      <//>
      <label class="check"><input type="checkbox" name="hide_results" data-testid="poll-hide" />${t("poll-hide")}</label>
      ${form.rest(["question", "option-0"])}
      <div class="row">
        <button class="button button-primary" type="submit" data-testid="poll-open" disabled=${form.busy}>${t("poll-open")}</button>
        <button class="button" type="button" onClick=${onDone}>${t("poll-cancel")}</button>
      </div>
    </form>
  `;
}
