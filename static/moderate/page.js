// @ts-check
// @css page.css
// The moderator's page: chat, questions, held messages, rules and log of one show. No sales, no broadcast.

import { Brand } from "../components/brand.js";
import { Connection } from "../components/connection.js";
import { HeldQueue } from "../components/held_queue.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { LiveBadge } from "../components/live_badge.js";
import { ModerationPanel } from "../components/moderation_panel.js";
import { mount, onWake } from "../components/page.js";
import { QuestionQueue } from "../components/question_queue.js";
import { TalkPanel } from "../components/talk_panel.js";
import { Viewers } from "../components/viewers.js";
import { useWide } from "../components/wide.js";
import { errorText, t } from "../components/words.js";
import { DeskPage } from "./desk_page.js";
import { Door } from "./door.js";

/** @import { Desk } from "./desk_page.js" */

const page = new DeskPage(location.pathname.split("/")[2] ?? "", location.origin);

function ModeratePage() {
  const step = page.step.value;
  const desk = page.desk.value;
  const account = page.live.me.value?.kind === "account";
  return html`
    <header class="top-bar">
      <${Brand} />
      <div class="top-bar-end">
        <${LanguageSwitch} />
        ${account && html`<button class="button button-round" type="button" data-testid="logout" aria-label=${t("logout")} onClick=${() => page.leave()}><${Icon} name="log-out" /></button>`}
      </div>
    </header>
    ${step === "door" && html`<main><${Door} show=${page.show.value?.show ?? null} onDone=${() => page.enter()} /></main>`}
    ${step === "refused" && html`<${Refused} />`}
    ${step === "failed" && html`<${Failed} />`}
    ${step === "desk" && desk && html`<${ModeratorDesk} desk=${desk} />`}
  `;
}

/** @param {{ desk: Desk }} props */
function ModeratorDesk({ desk }) {
  const wide = useWide();
  const show = desk.show.value?.show ?? page.show.value?.show ?? null;
  return html`
    <${Connection} live=${page.live} />
    <main class="desk" data-testid="desk">
      <div class="desk-title">
        <h1>${show?.title ?? t("loading")}</h1>
        ${show?.state === "live" && html`<${LiveBadge} />`}
        <${Viewers} state=${desk.presence.value} />
        <a class="button button-small desk-watch" href=${`/watch/${page.showId}`} target="_blank" rel="noopener"><${Icon} name="play" />${t("moderate-watch")}</a>
      </div>
      <${TalkPanel} talk=${desk.talk} questions=${desk.questions} desk=${desk.desk} ended=${show?.state === "ended"} chatOnly=${wide} />
      ${wide && html`
        <div class="desk-waiting">
          <section class="panel desk-part" aria-label=${t("held-title")}><h2>${t("held-title")}</h2><${HeldQueue} desk=${desk.desk} /></section>
          <section class="panel desk-part" aria-label=${t("questions-title")}><h2>${t("questions-title")}</h2><${QuestionQueue} questions=${desk.questions} /></section>
        </div>`}
      <${ModerationPanel} desk=${desk.desk} mayAppoint=${show?.host_id === page.live.me.value?.actor_id} />
    </main>
  `;
}

/** Who may not, is told what would change that. */
const Refused = () => html`
  <main class="panel door stack" data-testid="refused">
    <h1>${t("moderate-refused")}</h1>
    <p>${t("moderate-refused-text", { name: page.live.me.value?.name ?? "", host: page.show.value?.show.host_name ?? "" })}</p>
    <div class="row">
      <a class="button button-primary" href=${`/watch/${page.showId}`}>${t("moderate-to-show")}</a>
      <button class="button" type="button" data-testid="check-again" onClick=${() => page.enter()}>${t("moderate-check-again")}</button>
    </div>
  </main>
`;

const Failed = () => html`
  <main class="panel door stack" data-testid="failed">
    <h1>${t("moderation-title")}</h1>
    <p>${page.problem.value && errorText(page.problem.value)}</p>
    <div class="row">
      <button class="button button-primary" type="button" onClick=${() => page.enter()}>${t("retry")}</button>
      <a class="button" href="/">${t("player-to-start")}</a>
    </div>
  </main>
`;

await mount(ModeratePage, () => t("moderate-title"));
onWake(() => page.wake());
await page.enter();
