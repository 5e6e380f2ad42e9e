// @ts-check
// @css ../components/poll.css
// The host's polls: ask, watch the counts, close early.

import { useState } from "preact/hooks";
import { useTimeLeft } from "../components/countdown.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { PollBars } from "../components/poll_bars.js";
import { errorText, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { formatSpan } from "../lib/money.js";
import { useDraft } from "./draft.js";
import { PollForm } from "./poll_form.js";

/**
 * @import { PollView } from "../../schemas/generated/messages"
 * @import { Room } from "./room.js"
 */

/** As schemas/http/polls.py. */
const POLLS_MAX = 3;

/** @param {{ room: Room }} props */
export function PollDesk({ room }) {
  const polls = room.polls.value?.polls ?? [];
  const full = polls.filter(({ status }) => status === "open").length >= POLLS_MAX;
  const [asking, setAsking] = useState(false);
  const { sku, close } = useDraft(room, "polls", setAsking);
  const about = room.items.value.find(({ offer }) => offer.sku === sku)?.offer.title ?? null;
  const ended = room.show.value?.state === "ended";
  return html`
    <section class="panel stack poll-desk" data-testid="poll-desk">
      <header><h2>${t("polls-title")}</h2>
        ${!full && !asking && !ended && html`
          <button class="button button-small" type="button" data-testid="poll-new" onClick=${() => setAsking(true)}><${Icon} name="plus" />${t("poll-new")}</button>`}
      </header>
      ${asking && !full && html`<${PollForm} key=${sku} showId=${room.showId} about=${about} onDone=${close} />`}
      ${polls.length === 0 && !asking && html`<p class="empty">${t("polls-empty")}</p>`}
      ${polls.map((poll) => html`<${DeskPoll} key=${poll.poll_id} poll=${poll} />`)}
    </section>
  `;
}

/** @param {{ poll: PollView }} props */
function DeskPoll({ poll }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const open = poll.status === "open";
  const close = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await api.closePoll(poll.poll_id);
    } catch (error) {
      setProblem(errorText(asApiError(error)));
    }
    setBusy(false);
  };
  return html`
    <article class="desk-poll" data-testid="desk-poll" data-status=${poll.status} data-total=${poll.total}>
      <p class="row desk-poll-head"><strong>${poll.question}</strong>${open && html`<${Left} poll=${poll} />`}</p>
      <${PollBars} poll=${poll} mine=${null} />
      <p class="row small soft"><span>${t("poll-votes", { count: poll.total })}</span>
        ${poll.hide_results && open && html`<span>· ${t("poll-hidden-now")}</span>`}
        ${!open && html`<span>· ${t("poll-final")}</span>`}</p>
      ${problem && html`<${ErrorLine} text=${problem} />`}
      ${open && html`<button class="button button-small" type="button" data-testid="poll-close" disabled=${busy} onClick=${close}>${t("poll-close")}</button>`}
    </article>
  `;
}

/** @param {{ poll: PollView }} props */
const Left = ({ poll }) => html`<span class="poll-left numbers">${formatSpan(useTimeLeft(poll.closes_at_ms))}</span>`;
