// @ts-check
// @css chat.css
// @css poll.css
// A poll in the player: options to choose from, then bars that grow; the time that is left counts on the server's clock.

import { useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { formatSpan } from "../lib/money.js";
import { RESULT_MS } from "../lib/polls.js";
import { useTimeLeft } from "./countdown.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { PollBars } from "./poll_bars.js";
import { errorText, t } from "./words.js";

/**
 * @import { PollView } from "../../schemas/generated/messages"
 * @import { Polls } from "../lib/polls.js"
 */

/** @param {{ polls: Polls, poll: PollView }} props */
export function PollCard({ polls, poll }) {
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const left = useTimeLeft(poll.closes_at_ms);
  const resultLeft = useTimeLeft(poll.closes_at_ms + RESULT_MS);
  const mine = polls.mine.value.get(poll.poll_id) ?? null;
  const over = poll.status === "closed" || left === 0;
  const choosing = mine === null && !over;
  if (poll.status === "closed" && resultLeft === 0) return null;
  const vote = async (/** @type {number} */ option) => {
    setProblem(null);
    try {
      await polls.vote(poll, option);
    } catch (error) {
      setProblem(errorText(asApiError(error)));
    }
  };
  return html`
    <section class="poll" aria-label=${t("poll-title")} data-testid="poll" data-status=${poll.status} data-mine=${mine}>
      <header class="poll-head">
        <span class="poll-kind"><${Icon} name="chart-bar" />${over ? t("poll-final") : t("poll-title")}</span>
        ${!over && html`<span class="poll-left numbers" data-testid="poll-left">${formatSpan(left)}</span>`}
        ${(over || mine !== null) && html`
          <button class="chat-action" type="button" data-testid="poll-away" aria-label=${t("close")} onClick=${() => polls.putAway(poll)}><${Icon} name="x" /></button>`}
      </header>
      <p class="poll-question">${poll.question}</p>
      ${problem && html`<${ErrorLine} text=${problem} />`}
      ${choosing
        ? html`<div class="poll-options" role="group" aria-label=${poll.question}>${poll.options.map((option, index) => html`
            <button class="button poll-option" key=${index} type="button" data-testid=${`poll-option-${index}`} onClick=${() => vote(index)}>${option}</button>`)}</div>`
        : html`<${PollBars} poll=${poll} mine=${mine} />`}
      <p class="poll-foot small soft" role="status">
        ${t("poll-votes", { count: poll.total })}
        ${poll.counts === null && html`<span> · ${t("poll-hidden")}</span>`}
      </p>
    </section>
  `;
}
