// @ts-check
// @css page.css
// A lot's truth: every event, refusal and deed, for whoever may know it.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { html } from "../components/html.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { Picture } from "../components/picture.js";
import { errorText, locale, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { formatMoney } from "../lib/money.js";
import { EntryRow } from "./entry_row.js";

/**
 * @import { LotHistory } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 * @import { Signal } from "@preact/signals"
 */

/** @type {Signal<LotHistory | null>} */ const history = signal(null);
/** @type {Signal<ApiError | null>} */ const problem = signal(null);
const lotId = location.pathname.split("/")[2] ?? "";

async function load() {
  try {
    const before = history.value;
    const page = await api.lotHistory(lotId, before?.next_seq ?? 0);
    history.value = before ? { ...page, entries: [...before.entries, ...page.entries] } : page;
  } catch (error) {
    problem.value = asApiError(error);
  }
}

function LotPage() {
  return html`
    <header class="top-bar"><${Brand} /><div class="top-bar-end"><${LanguageSwitch} /></div></header>
    ${problem.value && html`<main class="panel truth stack" data-testid="truth-problem"><p>${errorText(problem.value)}</p><a class="button" href="/">${t("player-to-start")}</a></main>`}
    ${history.value && html`<${Truth} lot=${history.value} />`}
  `;
}

/** @param {{ lot: LotHistory }} props */
function Truth({ lot }) {
  const price = formatMoney({ amount_minor: lot.price_minor, currency: lot.currency }, locale());
  const only = lot.entries.length === 0;
  return html`
    <main class="panel truth stack" data-testid="truth" data-state=${lot.state}>
      <div class="truth-head">
        <span class="truth-picture"><${Picture} url=${lot.image_url} title=${lot.title} /></span>
        <div>
          <h1>${lot.title}${lot.label && html`<span class="soft"> · ${lot.label}</span>`}</h1>
          ${lot.winner_name && html`<p class="truth-won" data-testid="truth-won">${t("truth-won", { name: lot.winner_name, price })}</p>`}
        </div>
      </div>
      <h2>${t("truth-heading")}</h2>
      <p class="soft small">${t(lot.full ? "truth-full" : "truth-public")}</p>
      ${only
        ? html`<p class="empty">${t("truth-empty")}</p>`
        : html`
          <div class="truth-scroll"><table class="truth-table">
            <thead><tr><th scope="col">${t("truth-when")}</th><th scope="col">${t("truth-who")}</th><th scope="col">${t("truth-what")}</th></tr></thead>
            <tbody>${lot.entries.map((entry, index) => html`<${EntryRow} key=${index} entry=${entry} currency=${lot.currency} />`)}</tbody>
          </table></div>`}
      ${lot.next_seq > 0 && html`<button class="button" type="button" data-testid="truth-more" onClick=${load}>${t("truth-more")}</button>`}
    </main>
  `;
}

await mount(LotPage, () => t("truth-title", { title: history.value?.title ?? "" }));
await load();
