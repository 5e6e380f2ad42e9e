// @ts-check
// @css chat.css
// What stands above the line that is being written: whom it answers, and what keeps it from being sent.

import { useEffect } from "preact/hooks";
import { formatPause, formatSpan } from "../lib/money.js";
import { clock } from "../lib/store.js";
import { useTimeLeft } from "./countdown.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { locale, t } from "./words.js";

/** @import { Restraint, Talk } from "../lib/talk.js" */

/** Somebody who is muted asks this often whether a moderator has relented: nobody is told otherwise. */
const ASK_AGAIN_MS = 15_000;

/** The restraint that holds now; one with an end lets go by itself. @param {Talk} talk @returns {Restraint | null} */
export function useRestraint(talk) {
  const restraint = talk.restraint.value;
  const untilMs = restraint?.untilMs ?? null;
  useEffect(() => {
    if (untilMs === null) return;
    const timer = setTimeout(() => talk.waited(), Math.max(0, untilMs - clock.serverNowMs()));
    return () => clearTimeout(timer);
  }, [untilMs]);
  const muted = restraint?.why === "muted";
  useEffect(() => {
    if (!muted) return;
    // A question that is not answered is asked again.
    const timer = setInterval(() => talk.learnStanding().catch(() => undefined), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [muted]);
  return restraint;
}

/** @param {{ talk: Talk, restraint: Restraint | null, follow: unknown }} props */
export function ComposerState({ talk, restraint, follow }) {
  const answered = talk.replyTo.value;
  const room = talk.room.value;
  return html`
    ${answered && html`
      <div class="composer-reply" data-testid="replying">
        <${Icon} name="reply" />
        <span class="composer-reply-text"><b>${t("chat-reply-to", { name: answered.author_name })}</b> ${answered.text}</span>
        <button class="chat-action" type="button" data-testid="reply-cancel" aria-label=${t("chat-reply-cancel")} onClick=${() => (talk.replyTo.value = null)}>
          <${Icon} name="x" />
        </button>
      </div>`}
    ${restraint
      ? html`<div class="composer-state" role="status" data-testid="composer-state" data-why=${restraint.why}>
          <${Icon} name=${ICONS[restraint.why]} /><span>${restraint.untilMs === null ? t(ALWAYS[restraint.why]) : html`<${Wait} restraint=${restraint} untilMs=${restraint.untilMs} />`}</span>
          ${restraint.why === "followers_only" && follow}
        </div>`
      : room && !talk.mayModerate.value && html`<${Rules} talk=${talk} />`}
  `;
}

/** @type {Record<Restraint["why"], string>} */
const ICONS = { muted: "mic-off", blocked: "ban", followers_only: "users", slow_mode: "timer" };
/** @type {Record<Restraint["why"], string>} */
const ALWAYS = { muted: "chat-muted", blocked: "error-blocked", followers_only: "chat-followers", slow_mode: "error-slow_mode" };

/** @param {{ restraint: Restraint, untilMs: number }} props */
function Wait({ restraint, untilMs }) {
  const time = formatSpan(useTimeLeft(untilMs));
  return html`<span class="numbers" data-testid="chat-wait">${t(restraint.why === "muted" ? "chat-muted-until" : "chat-wait", { time })}</span>`;
}

/** The rules of the room that a writer should know before. @param {{ talk: Talk }} props */
function Rules({ talk }) {
  const { slow_mode_s: seconds, followers_only: followers, approve_first: approve } = /** @type {NonNullable<typeof talk.room.value>} */ (talk.room.value);
  const [icon, text] = approve
    ? ["shield-check", t("chat-approve-first")]
    : followers
      ? ["users", t("chat-followers")]
      : seconds > 0
        ? ["timer", t("chat-slow", { span: formatPause(seconds, locale()) })]
        : ["", ""];
  return text && html`<p class="composer-rule" data-testid="composer-rule"><${Icon} name=${icon} /><span>${text}</span></p>`;
}
