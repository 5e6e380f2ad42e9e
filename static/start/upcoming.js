// @ts-check
// @css upcoming.css
// A show that is to come: the day as a leaf of a calendar, what it is about, and what to do not to miss it.

import { html } from "../components/html.js";
import { Picture } from "../components/picture.js";
import { WaitForShow } from "../components/wait_for_show.js";
import { locale, t } from "../components/words.js";
import { formatDay, formatTime } from "../lib/money.js";

/** @import { Inbox } from "../lib/inbox.js" */
/** @import { ShowView } from "../../schemas/generated/messages" */

const part = (/** @type {number} */ atMs, /** @type {Intl.DateTimeFormatOptions} */ options) => new Intl.DateTimeFormat(locale(), options).format(atMs);

/** @param {{ show: ShowView, inbox: Inbox, enter: () => Promise<unknown> }} props */
export const Upcoming = ({ show, inbox, enter }) => html`
  <li class="upcoming">
    <a class="upcoming-link" href=${`/watch/${show.show_id}`} data-testid=${`show-${show.show_id}`}>
      <span class="upcoming-cover"><${Picture} url=${show.cover_url} title=${show.title} />
        <time class="upcoming-day" datetime=${new Date(show.scheduled_at_ms).toISOString()} aria-label=${t("show-starts", { when: formatDay(show.scheduled_at_ms, locale()) })}>
          <span>${part(show.scheduled_at_ms, { month: "short" })}</span><strong>${part(show.scheduled_at_ms, { day: "numeric" })}</strong>
        </time></span>
      <span class="upcoming-words">
        <span class="upcoming-when">${part(show.scheduled_at_ms, { weekday: "long" })}, ${formatTime(show.scheduled_at_ms, locale())}</span>
        <strong class="upcoming-title">${show.title}</strong>
        <span class="soft small">${t("show-by", { name: show.host_name })}</span>
        ${show.tags.length > 0 && html`<span class="upcoming-tags">${show.tags.map((tag) => `#${tag}`).join(" ")}</span>`}
      </span>
    </a>
    <${WaitForShow} inbox=${inbox} show=${show} enter=${enter} />
  </li>
`;
