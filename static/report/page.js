// @ts-check
// @css page.css
// What became of a show, for its host: the figures, every minute, the products, the best moments, and files to keep.

import { signal } from "@preact/signals";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LiveBadge } from "../components/live_badge.js";
import { mount, onWake } from "../components/page.js";
import { errorText, locale, t } from "../components/words.js";
import { asApiError } from "../lib/errors.js";
import { formatDay } from "../lib/money.js";
import { filesOf, formatLength, recap } from "../lib/recap.js";
import { Live } from "../lib/store.js";
import { HostPage } from "../studio/host_page.js";
import { Headline } from "./headline.js";
import { Highlights } from "./highlights.js";
import { MinutesTable } from "./minutes_table.js";
import { Plot } from "./plot.js";
import { Lots, Products } from "./products.js";
import { Questions } from "./questions.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { RecapView } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 */

/** While the show is live, the report grows. */
const AGAIN_MS = 15_000;

const showId = location.pathname.split("/")[2] ?? "";
const live = new Live(location.origin);
const ready = signal(false);
/** @type {Signal<RecapView | null>} */ const view = signal(null);
/** @type {Signal<ApiError | null>} */ const problem = signal(null);
let timer = 0;

async function enter() {
  await live.whoAmI();
  ready.value = true;
  if (live.me.value?.roles.includes("host")) await load();
}

async function load() {
  clearTimeout(timer);
  try {
    view.value = await recap(showId);
    problem.value = null;
  } catch (error) {
    problem.value = asApiError(error);
  }
  const over = view.value?.state === "ended" || problem.value?.temporary === false;
  if (!over) timer = setTimeout(load, AGAIN_MS);
}

function Page() {
  return html`
    <${HostPage} title=${view.value?.title ?? t("report-title")} me=${live.me.value} ready=${ready.value} onEnter=${enter}
      back=${showId ? `/studio/?show=${showId}` : "/studio/"} backLabel=${t("report-back")}>
      ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
      ${!view.value && !problem.value && html`<p class="soft">${t("loading")}</p>`}
      ${view.value && html`<${Report} recap=${view.value} />`}
    <//>
  `;
}

/** @param {{ recap: RecapView }} props */
function Report({ recap: made }) {
  const begun = made.started_at_ms !== null;
  return html`
    <div class="report" data-testid="report" data-state=${made.state}>
      <p class="report-when row soft">
        ${made.state === "live" && html`<${LiveBadge} />`}
        ${begun && html`<span>${formatDay(made.started_at_ms ?? 0, locale())} · ${formatLength(made.figures.duration_ms, locale())}</span>`}
        ${made.state === "live" && html`<span class="small">${t("report-grows")}</span>`}
      </p>
      ${!begun && html`<p class="empty" data-testid="report-empty">${t("report-not-begun")}</p>`}
      ${begun && html`
        <${Headline} figures=${made.figures} previous=${made.previous} />
        <section class="panel report-minutes" aria-labelledby="report-minutes">
          <header><h2 id="report-minutes">${t("report-minutes")}</h2></header>
          <${Plot} recap=${made} />
          <${MinutesTable} recap=${made} />
        </section>
        <div class="report-pair">
          <${Highlights} highlights=${made.highlights} />
          <${Questions} showId=${made.show_id} figures=${made.figures} />
        </div>
        <${Products} products=${made.products} />
        ${made.lots.length > 0 && html`<${Lots} lots=${made.lots} />`}
        <${Files} showId=${made.show_id} />`}
    </div>
  `;
}

/** @type {[keyof ReturnType<typeof filesOf>, string][]} */
const FILES = [["minutes-csv", "report-file-minutes"], ["products-csv", "report-file-products"], ["chat-csv", "report-file-chat"], ["chat-json", "report-file-chat-json"]];

/** @param {{ showId: string }} props */
const Files = ({ showId: id }) => html`
  <section class="panel" aria-labelledby="report-files">
    <header><h2 id="report-files">${t("report-files")}</h2></header>
    <p class="soft small">${t("report-files-text")}</p>
    <div class="row report-files">${FILES.map(([name, word]) => html`
      <a class="button" key=${name} href=${filesOf(id)[name]} download data-testid=${`report-${name}`}><${Icon} name="download" />${t(word)}</a>`)}</div>
  </section>
`;

await mount(Page, () => `${view.value?.title ?? t("report-title")} — Efir`);
onWake(() => view.value?.state === "live" && load());
await enter();
