// @ts-check
// The host's shows, the form for a new one, and the sheet that changes one.

import { useEffect, useState } from "preact/hooks";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LiveBadge } from "../components/live_badge.js";
import { Picture } from "../components/picture.js";
import { errorText, locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { formatDay } from "../lib/money.js";
import { HostLinks } from "./host_links.js";
import { SetUp } from "./set_up.js";
import { EditShow, NewShow } from "./show_form.js";

/** @import { MeView, ShowView } from "../../schemas/generated/messages" */

/** @type {Record<string, string>} */
const STATES = { scheduled: "state-scheduled", live: "state-live", ended: "state-ended" };

/** Address of a show's room. @param {string} showId */
export const roomUrl = (showId) => `/studio/?show=${showId}`;

/** @param {{ me: MeView }} props */
export function Shows({ me }) {
  const [shows, setShows] = useState(/** @type {ShowView[] | null} */ (null));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [editing, setEditing] = useState(/** @type {ShowView | null} */ (null));
  const changed = (/** @type {ShowView} */ show) => {
    setShows((known) => known?.map((each) => (each.show_id === show.show_id ? show : each)) ?? null);
    setEditing(null);
  };
  useEffect(() => {
    api.shows().then(
      (view) => setShows(view.shows.filter((show) => show.host_id === me.actor_id)),
      (error) => setProblem(errorText(asApiError(error))),
    );
  }, []);
  return html`
    <main class="studio-home">
      <${HostLinks} />
      <${SetUp} shows=${shows} />
      <section class="panel stack">
        <h2>${t("studio-shows")}</h2>
        ${problem && html`<${ErrorLine} text=${problem} />`}
        ${shows?.length === 0 && html`<p class="empty">${t("studio-shows-empty")}</p>`}
        ${shows && shows.length > 0 && html`<ul class="show-rows">${shows.map((show) => html`<${ShowRow} key=${show.show_id} show=${show} onEdit=${() => setEditing(show)} />`)}</ul>`}
      </section>
      <${NewShow} onMade=${(/** @type {string} */ showId) => location.assign(roomUrl(showId))} />
      ${editing && html`<${EditShow} show=${editing} onClose=${() => setEditing(null)} onDone=${changed} />`}
    </main>
  `;
}

/** @param {{ show: ShowView, onEdit: () => void }} props */
const ShowRow = ({ show, onEdit }) => html`
  <li class="show-line">
    <a class="show-row" href=${roomUrl(show.show_id)} data-testid=${`open-${show.show_id}`}>
      <span class="show-row-cover"><${Picture} url=${show.cover_url} title=${show.title} /></span>
      <span class="show-row-words"><strong>${show.title}</strong>
        <span class="row soft small">${show.state === "live" && html`<${LiveBadge} />`}${formatDay(show.started_at_ms ?? show.scheduled_at_ms, locale())}${show.state !== "live" && ` · ${t(STATES[show.state])}`}</span></span>
      <${Icon} name="chevron-right" />
    </a>
    ${show.state !== "scheduled" && html`
      <a class="button button-round" href=${`/report/${show.show_id}`} aria-label=${t("report-of", { title: show.title })} data-testid=${`report-${show.show_id}`}>
        <${Icon} name="chart-bar" /></a>`}
    ${show.state === "scheduled" && html`
      <button class="button button-round" type="button" aria-label=${t("show-edit", { title: show.title })} data-testid=${`edit-${show.show_id}`} onClick=${onEdit}>
        <${Icon} name="pencil" /></button>`}
  </li>
`;
