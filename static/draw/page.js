// @ts-check
// @css page.css
// The draw of a giveaway: everything it was made of, computed again in this browser.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { errorText, t } from "../components/words.js";
import { agrees, drawAgain } from "../lib/draw.js";
import { asApiError } from "../lib/errors.js";
import { salesApi } from "../lib/sales_api.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { DrawView, EntrantView } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 * @typedef {Awaited<ReturnType<typeof drawAgain>>} Again
 */

/** @type {Signal<DrawView | null>} */ const draw = signal(null);
/** @type {Signal<Again | null>} */ const again = signal(null);
/** @type {Signal<ApiError | null>} */ const problem = signal(null);

async function load() {
  try {
    draw.value = await salesApi.draw(location.pathname.split("/")[2] ?? "");
  } catch (error) {
    problem.value = asApiError(error);
    return;
  }
  // Only pages over https, or of this machine, may compute digests.
  if (crypto.subtle) again.value = await drawAgain(draw.value, crypto.subtle);
}

function DrawPage() {
  const made = draw.value;
  return html`
    <header class="top-bar"><${Brand} /><div class="top-bar-end"><${LanguageSwitch} /></div></header>
    <main class="draw stack">
      <h1>${t("draw-title")}</h1>
      ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
      ${made && html`
        <${Verdict} made=${made} />
        <p class="soft">${t("draw-how")}</p>
        <dl class="draw-facts">
          <${Fact} label=${t("draw-commitment")} value=${made.commitment} />
          <${Fact} label=${t("draw-seed")} value=${made.seed} />
          <${Fact} label=${t("draw-digest")} value=${made.list_digest} />
        </dl>
        <h2>${t("draw-entrants", { count: made.entrants.length, present: made.entrants.filter(({ present }) => present).length })}</h2>
        <ol class="draw-list">${made.entrants.map((entrant) => html`<${Entrant} key=${entrant.actor_id} entrant=${entrant} winners=${made.winners} />`)}</ol>
      `}
    </main>
  `;
}

/** @param {{ made: DrawView }} props */
function Verdict({ made }) {
  const computed = again.value;
  if (!computed) return html`<p class="draw-verdict" role="status" data-testid="draw-verdict" data-agrees="unknown">${t(crypto.subtle ? "loading" : "draw-insecure")}</p>`;
  const right = agrees(made, computed);
  return html`
    <p class=${`draw-verdict ${right ? "draw-right" : "draw-wrong"}`} role="status" data-testid="draw-verdict" data-agrees=${String(right)}>
      <${Icon} name=${right ? "circle-check" : "circle-x"} />${t(right ? "draw-right" : "draw-wrong")}</p>
  `;
}

/** @param {{ label: string, value: string }} props */
const Fact = ({ label, value }) => html`<div><dt class="small soft">${label}</dt><dd class="draw-digits">${value}</dd></div>`;

/** @param {{ entrant: EntrantView, winners: string[] }} props */
function Entrant({ entrant, winners }) {
  const won = winners.includes(entrant.actor_id);
  const number = again.value?.numbers.get(entrant.actor_id);
  return html`
    <li class=${won ? "draw-winner" : ""} data-testid="draw-entrant" data-won=${String(won)}>
      <span class="row"><strong>${entrant.name || t("giveaway-nameless")}</strong>${won && html`<span class="row small"><${Icon} name="trophy" />${t("draw-won")}</span>`}
        ${!entrant.present && html`<span class="small soft">${t("draw-absent")}</span>`}</span>
      <span class="draw-digits small soft">${entrant.actor_id}${number && html`<br />${number}`}</span>
    </li>
  `;
}

await mount(DrawPage, () => t("draw-title"));
await load();
