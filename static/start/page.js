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
import { ShowCard } from "../components/show_card.js";
import { WaitForShow } from "../components/wait_for_show.js";
import { errorText, locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { launch, showIdOf } from "../lib/launch.js";
import { Inbox } from "../lib/inbox.js";
import { Live } from "../lib/store.js";

/**
 * @import { ApiError } from "../lib/errors.js"
 * @import { ShowView } from "../../schemas/generated/messages"
 */

/** A show that begins meanwhile appears within this time. */
const REFRESH_MS = 15_000;

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

function StartPage() {
  const all = shows.value ?? [];
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
      <div class="start-head">
        <h1>${t("start-headline")}</h1>
        <p class="start-lead">${t("start-lead")}</p>
      </div>
      ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
      ${shows.value && all.length === 0 && html`<${Empty} />`}
      <${Section} title=${t("start-live")} testid="live" shows=${all.filter((show) => show.state === "live")} />
      <${Section} title=${t("start-next")} testid="next" shows=${all.filter((show) => show.state === "scheduled")} />
      ${!launch && html`<${InstallCard} />`}
      <${Section} title=${t("start-ended")} testid="ended" shows=${all.filter((show) => show.state === "ended")} />
    </main>
  `;
}

/** @param {{ title: string, testid: string, shows: ShowView[] }} props */
const Section = ({ title, testid, shows: listed }) =>
  listed.length > 0 &&
  html`
    <section class="start-section" data-testid=${`section-${testid}`}>
      <h2>${title}</h2>
      <ul class=${`start-grid start-grid-${testid}`}>
        ${listed.map((show) => html`
          <${ShowCard} key=${show.show_id} show=${show}>
            ${show.state === "scheduled" && html`<${WaitForShow} inbox=${inbox} show=${show} enter=${enter} />`}
          <//>`)}
      </ul>
    </section>
  `;

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
