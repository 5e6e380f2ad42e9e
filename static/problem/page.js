// @ts-check
// @css ../components/notice.css
// What a browser shows in the place of a page that the server would not or could not give: what happened, and what to do.

import { Brand } from "../components/brand.js";
import { html } from "../components/html.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { Notice } from "../components/notice.js";
import { mount } from "../components/page.js";
import { errorText, t } from "../components/words.js";

/** @typedef {{ icon: string, title: string, text: string, again: boolean }} Look message ids of title and text */

/** By the name of the error; whatever else is refused says its own sentence. @type {Record<string, Look>} */
const LOOKS = {
  not_found: { icon: "search", title: "problem-not-found", text: "problem-not-found-text", again: false },
  internal: { icon: "triangle-alert", title: "problem-internal", text: "problem-internal-text", again: true },
  unavailable: { icon: "wifi-off", title: "problem-unavailable", text: "problem-unavailable-text", again: true },
};
/** A part that is gone is back within seconds; a crowd should not come back in the same one. */
const AGAIN_MS = 5_000;

const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="problem"]'));
const name = meta?.content ?? "not_found";
const requestId = meta?.dataset.request ?? "";
const look = LOOKS[name] ?? null;
const again = () => location.reload();
const title = () => t(look?.title ?? "problem-refused");

const ProblemPage = () => html`
  <header class="top-bar"><${Brand} /><div class="top-bar-end"><${LanguageSwitch} /></div></header>
  <${Notice} icon=${look?.icon ?? "circle-x"} title=${title()} text=${look ? t(look.text) : errorText({ name })} testid="problem" data-name=${name}>
    <div class="notice-actions">
      ${look?.again && html`<button class="button button-primary button-large" type="button" data-testid="problem-again" onClick=${again}>${t("retry")}</button>`}
      <a class=${`button button-large${look?.again ? "" : " button-primary"}`} href="/" data-testid="problem-home">${t("player-to-start")}</a>
    </div>
    ${name === "unavailable" && html`<p class="soft small" role="status">${t("problem-by-itself")}</p>`}
    ${name === "internal" && requestId && html`<p class="soft small">${t("problem-request", { id: requestId })}</p>`}
  <//>
`;

if (name === "unavailable") setTimeout(again, AGAIN_MS + Math.random() * AGAIN_MS);
await mount(ProblemPage, title);
