// @ts-check
// @css show_card.css
// A show on the start page.

import { formatDay } from "../lib/money.js";
import { html } from "./html.js";
import { LiveBadge } from "./live_badge.js";
import { Picture } from "./picture.js";
import { locale, t } from "./words.js";

/** @import { ShowView } from "../../schemas/generated/messages" */

/** @param {{ show: ShowView, children?: unknown }} props `children` stand below the card, for what is no link */
export const ShowCard = ({ show, children }) => html`
  <li>
    <a class=${`show-card show-card-${show.state}`} href=${`/watch/${show.show_id}`} data-testid=${`show-${show.show_id}`}>
      <span class="show-card-cover">
        <${Picture} url=${show.cover_url} title=${show.title} />
        <span class="show-card-badge">${badge(show)}</span>
        <span class="show-card-words">
          <span class="show-card-title">${show.title}</span>
          <span class="show-card-host">${t("show-by", { name: show.host_name })}</span>
          ${show.tags.length > 0 && html`<span class="show-card-tags">${show.tags.map((tag) => `#${tag}`).join(" ")}</span>`}
        </span>
      </span>
    </a>
    ${children}
  </li>
`;

/** @param {ShowView} show */
function badge(show) {
  if (show.state === "live") return html`<${LiveBadge} />`;
  if (show.state === "ended") return html`<span class="show-card-when">${t("show-ended-at", { when: formatDay(show.ended_at_ms ?? 0, locale()) })}</span>`;
  return html`<span class="show-card-when">${t("show-starts", { when: formatDay(show.scheduled_at_ms, locale()) })}</span>`;
}
