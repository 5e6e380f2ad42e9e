// @ts-check
// @css poll.css
// What was voted for, as bars; while results are hidden, the options with one's own choice only.

import { useEffect, useRef } from "preact/hooks";
import { leaders, shares } from "../lib/polls.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @import { PollView } from "../../schemas/generated/messages" */

/** @param {{ poll: PollView, mine: number | null }} props */
export function PollBars({ poll, mine }) {
  const percents = poll.counts && shares(poll.counts);
  const first = poll.status === "closed" && poll.counts ? leaders(poll.counts) : [];
  return html`
    <ul class="poll-bars" data-testid="poll-bars" data-hidden=${String(poll.counts === null)}>
      ${poll.options.map((option, index) => html`
        <li class=${`poll-bar${first.includes(index) ? " poll-bar-first" : ""}`} key=${index} data-testid=${`poll-bar-${index}`} data-count=${poll.counts?.[index]}>
          <${Fill} percent=${percents?.[index] ?? 0} />
          <span class="poll-bar-text">${option}${index === mine && html`<span class="poll-mine"><${Icon} name="check" /><span class="visually-hidden">${t("poll-mine")}</span></span>`}</span>
          ${percents && html`<span class="poll-percent numbers">${t("poll-percent", { percent: percents[index] })}</span>`}
        </li>
      `)}
    </ul>
  `;
}

/** Its width is set on the element itself: the page's policy allows no inline style. @param {{ percent: number }} props */
function Fill({ percent }) {
  const ref = useRef(/** @type {HTMLSpanElement | null} */ (null));
  useEffect(() => {
    if (ref.current) ref.current.style.transform = `scaleX(${percent / 100})`;
  }, [percent]);
  return html`<span class="poll-fill" ref=${ref} aria-hidden="true"></span>`;
}
