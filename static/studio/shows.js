// @ts-check
// The host's shows and the form for a new one.

import { useEffect, useState } from "preact/hooks";
import { Field } from "../components/field.js";
import { ErrorLine, useForm } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LiveBadge } from "../components/live_badge.js";
import { errorText, locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { formatDay } from "../lib/money.js";
import { freshId } from "../lib/store.js";
import { HostLinks } from "./host_links.js";
import { SetUp } from "./set_up.js";

/** @import { MeView, ShowView } from "../../schemas/generated/messages" */

/** @type {Record<string, string>} */
const STATES = { scheduled: "state-scheduled", live: "state-live", ended: "state-ended" };

/** Address of a show's room. @param {string} showId */
export const roomUrl = (showId) => `/studio/?show=${showId}`;

/** @param {{ me: MeView }} props */
export function Shows({ me }) {
  const [shows, setShows] = useState(/** @type {ShowView[] | null} */ (null));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
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
        ${shows && shows.length > 0 && html`<ul class="show-rows">${shows.map((show) => html`<${ShowRow} key=${show.show_id} show=${show} />`)}</ul>`}
      </section>
      <${NewShow} />
    </main>
  `;
}

/** @param {{ show: ShowView }} props */
const ShowRow = ({ show }) => html`
  <li>
    <a class="show-row" href=${roomUrl(show.show_id)} data-testid=${`open-${show.show_id}`}>
      <span class="show-row-words"><strong>${show.title}</strong>
        <span class="soft small">${formatDay(show.started_at_ms ?? show.scheduled_at_ms, locale())}</span></span>
      ${show.state === "live" ? html`<${LiveBadge} />` : html`<span class="soft small">${t(STATES[show.state])}</span>`}
      <${Icon} name="chevron-right" />
    </a>
  </li>
`;

function NewShow() {
  const [showId] = useState(() => freshId("shw"));
  const form = useForm(async ({ title, description, unlisted }) => {
    await api.scheduleShow({ show_id: showId, title: title.trim(), description: description.trim(), unlisted: unlisted === "on" });
    location.assign(roomUrl(showId));
  });
  return html`
    <form class="panel stack" id="show-new" onSubmit=${form.onSubmit} data-testid="show-new">
      <h2>${t("show-new")}</h2>
      <${Field} label=${t("show-title-label")} name="title" required maxlength="120" placeholder=${t("show-title-placeholder")}
        data-testid="show-title" error=${form.errorOf("title")} />
      <${Field} as="textarea" label=${t("show-description-label")} name="description" maxlength="2000" data-testid="show-description"
        error=${form.errorOf("description")} />
      <label class="check"><input type="checkbox" name="unlisted" data-testid="show-unlisted" />${t("show-unlisted")}</label>
      ${form.rest(["title", "description"])}
      <button class="button button-primary button-large" type="submit" data-testid="show-create" disabled=${form.busy}>${t("show-create")}</button>
    </form>
  `;
}
