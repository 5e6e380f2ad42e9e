// @ts-check
// @css page.css
// The start page: what is on air, what comes next, what was.

import { effect, signal } from "@preact/signals";
import { AccountLink } from "../components/account_link.js";
import { Bell } from "../components/bell.js";
import { Brand } from "../components/brand.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { InstallCard } from "../components/install_card.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount, onWake } from "../components/page.js";
import { errorText, locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { launch, showIdOf } from "../lib/launch.js";
import { Inbox } from "../lib/inbox.js";
import { fits, hostsOf, soonest, tagsOf } from "../lib/showcase.js";
import { Live } from "../lib/store.js";
import { Finder } from "./finder.js";
import { Hero } from "./hero.js";
import { Hosts } from "./hosts.js";
import { Section, Waiting, Watching } from "./sections.js";
import { Upcoming } from "./upcoming.js";

/**
 * @import { ApiError } from "../lib/errors.js"
 * @import { ShowView } from "../../schemas/generated/messages"
 */

/** A show that begins meanwhile appears within this time. */
const REFRESH_MS = 15_000;

const query = signal("");
const tag = signal("");
const shows = signal(/** @type {ShowView[] | null} */ (null));
const problem = signal(/** @type {ApiError | null} */ (null));

const live = new Live(location.origin);
const inbox = new Inbox(live);

/** Who only looks needs no session; who wants to be reminded gets one. */
async function enter() {
  await live.enter(t("guest-name", { number: String(1000 + Math.floor(Math.random() * 9000)) }), locale());
  live.connect();
}

async function load() {
  try {
    shows.value = (await api.shows()).shows;
    problem.value = null;
  } catch (error) {
    problem.value = asApiError(error);
  }
}

const ofState = (/** @type {ShowView[]} */ all, /** @type {string} */ state) => all.filter((show) => show.state === state && fits(show, query.value, tag.value));

function StartPage() {
  const all = shows.value ?? [];
  const searching = query.value.trim() !== "" || tag.value !== "";
  const [onAir, next, ended] = ["live", "scheduled", "ended"].map((state) => ofState(all, state));
  const hero = searching ? undefined : onAir[0];
  return html`
    <header class="top-bar">
      <${Brand} />
      <div class="top-bar-end">
        <${LanguageSwitch} />
        <${Bell} inbox=${inbox} />
        <${AccountLink} />
        <a class="button" href="/studio/" data-testid="to-studio" aria-label=${t("start-open-studio")}>
          <${Icon} name="radio" /><span class="start-studio-word">${t("studio")}</span>
        </a>
      </div>
    </header>
    <main class="start">
      ${!hero && html`<div class="start-head"><h1>${t("start-headline")}</h1><p class="start-lead">${t("start-lead")}</p></div>`}
      ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
      ${!shows.value && !problem.value && html`<${Waiting} />`}
      ${hero && html`<section data-testid="section-live" aria-label=${t("start-live")}><${Hero} show=${hero} refreshMs=${REFRESH_MS}><${Watching} live=${live} showId=${hero.show_id} /><//></section>`}
      ${all.length > 0 && html`<${Finder} query=${query} tag=${tag} tags=${tagsOf(all)} />`}
      ${shows.value && all.length === 0 && html`<${Empty} />`}
      ${searching && onAir.length + next.length + ended.length === 0 && html`<p class="empty" role="status" data-testid="nothing-found">${t("start-nothing-found")}</p>`}
      <${Section} live=${live} refreshMs=${REFRESH_MS} title=${t(hero ? "start-also-live" : "start-live")} testid=${hero ? "also-live" : "live"} shows=${hero ? onAir.slice(1) : onAir} />
      ${next.length > 0 && html`
        <section class="start-section" data-testid="section-next"><h2>${t("start-next")}</h2>
          <ul class="start-grid start-grid-next">${soonest(next).map((show) => html`<${Upcoming} key=${show.show_id} show=${show} inbox=${inbox} enter=${enter} />`)}</ul></section>`}
      ${!searching && all.length > 0 && html`
        <section class="start-section" data-testid="section-hosts"><h2>${t("start-hosts")}</h2>
          <${Hosts} hosts=${hostsOf(all)} inbox=${inbox} me=${live.me.value?.actor_id ?? ""} enter=${enter} /></section>`}
      ${!launch && html`<${InstallCard} />`}
      <${Section} live=${live} refreshMs=${REFRESH_MS} title=${t("start-ended")} testid="ended" shows=${ended} />
    </main>
  `;
}

const Empty = () => html`
  <div class="start-empty" data-testid="empty">
    <${Icon} name="radio" />
    <h2>${t("start-empty-title")}</h2>
    <p class="soft">${t("start-empty-text")}</p>
    <a class="button button-primary" href="/studio/">${t("start-open-studio")}</a>
  </div>
`;

/** A bot may name the shop itself as its app: whoever follows a link to a show gets there, everybody is known. */
async function enterByTelegram() {
  const showId = showIdOf("", launch);
  if (showId && !document.referrer.startsWith(location.origin)) location.replace(`/watch/${showId}`);
  const [{ enterByTelegram: enterBy }, { telegram }] = await Promise.all([import("../lib/telegram_entry.js"), import("../lib/telegram.js")]);
  // Only looking needs nobody's name: the player says what is wrong.
  if (telegram) await enterBy(telegram, live, locale()).catch(() => null);
}

await mount(StartPage, () => t("start-title"));
// Whoever is told of a show sees it in the list as well.
effect(() => {
  if (inbox.unread.value > 0) load();
});
onWake(() => {
  load();
  live.wake();
});
setInterval(() => document.visibilityState === "visible" && load(), REFRESH_MS);
await load();
if (launch) await enterByTelegram();
if (await live.whoAmI().catch(() => null)) live.connect();
