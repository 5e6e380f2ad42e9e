// @ts-check
// @css page.css
// The guest's page: the invitation, the camera, the waiting room, the stage, and the end.

import { Brand } from "../components/brand.js";
import { Connection } from "../components/connection.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount, onNetworkChange, onWake } from "../components/page.js";
import { errorText, locale, t } from "../components/words.js";
import { Check } from "./check.js";
import { GuestPage } from "./guest_page.js";
import { Invitation } from "./invitation.js";
import { Joined } from "./joined.js";
import { Over } from "./over.js";

const page = new GuestPage(location.origin, location.hash.slice(1), location.pathname.split("/")[2] ?? "");

function Page() {
  const step = page.step.value;
  const problem = page.problem.value;
  const seat = page.seat.value;
  if (step === "joined" && seat) return html`<${Joined} seat=${seat} onLeave=${() => page.leave()} />`;
  return html`
    <header class="top-bar">
      <${Brand} />
      <div class="top-bar-end"><${LanguageSwitch} /></div>
    </header>
    <${Connection} live=${page.live} />
    <main class="door panel stack" data-testid="guest" data-step=${step}>
      ${step === "looking" && !problem && html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`}
      ${step === "invited" && page.invite.value && html`
        <${Invitation} invite=${page.invite.value} onAccept=${(/** @type {string} */ name) => page.accept(name, locale())} />`}
      ${step === "checking" && seat && html`<${Check} seat=${seat} onJoin=${() => page.join()} />`}
      ${step === "left" && html`<${Left} />`}
      ${step === "over" && html`<${Over} why=${page.why.value} />`}
      ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
      ${step === "looking" && problem && html`<button class="button button-primary" type="button" data-testid="retry" onClick=${() => page.start()}>${t("retry")}</button>`}
    </main>
  `;
}

const Left = () => html`
  <h1>${t("guest-left")}</h1>
  <p class="soft">${t("guest-left-text")}</p>
  <button class="button button-primary button-large button-wide" type="button" data-testid="come-back" onClick=${() => page.comeBack()}>
    <${Icon} name="camera" />${t("guest-come-back")}
  </button>
`;

await mount(Page, () => t("guest-title"));
onWake(() => page.wake());
onNetworkChange(() => page.seat.value?.networkChanged());
window.addEventListener("pagehide", () => page.seat.value?.close());
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
// Another link opened in the same tab changes only the fragment.
window.addEventListener("hashchange", () => location.reload());
await page.start();
