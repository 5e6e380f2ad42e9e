// @ts-check
// @css page.css
// The page of the sandbox's bank (3-D Secure): the buyer says yes or no, and goes back to the shop.

import { signal } from "@preact/signals";
import { Brand } from "../components/brand.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { LanguageSwitch } from "../components/language_switch.js";
import { mount } from "../components/page.js";
import { errorText, locale, t } from "../components/words.js";
import { cardsApi } from "../lib/cards_api.js";
import { asApiError } from "../lib/errors.js";
import { formatMoney } from "../lib/money.js";

/**
 * @import { ApiError } from "../lib/errors.js"
 * @import { SandboxView } from "../../schemas/generated/messages"
 */

/** @type {Record<"approved" | "refused", [string, string]>} message and icon */
const ANSWERS = { approved: ["bank-approved", "circle-check"], refused: ["bank-refused", "circle-x"] };

const key = location.pathname.split("/")[2] ?? "";
const asked = signal(/** @type {SandboxView | null} */ (null));
const answer = signal(/** @type {"approved" | "refused" | null} */ (null));
const busy = signal(false);
const problem = signal(/** @type {ApiError | null} */ (null));

/** @param {() => Promise<void>} step */
async function attempt(step) {
  if (busy.value) return;
  busy.value = true;
  problem.value = null;
  try {
    await step();
  } catch (error) {
    problem.value = asApiError(error);
  }
  busy.value = false;
}

/** @param {boolean} approve */
const confirm = (approve) =>
  attempt(async () => {
    await cardsApi.confirmSandbox(key, { approve });
    answer.value = approve ? "approved" : "refused";
  });

function BankPage() {
  const view = asked.value;
  return html`
    <header class="top-bar">
      <${Brand} />
      <div class="top-bar-end"><${LanguageSwitch} /></div>
    </header>
    <main class="door panel stack" data-testid="bank">
      <h1>${t("bank-title")}</h1>
      ${!view && !problem.value && html`<p class="row" role="status"><${Icon} name="loader-circle" turning />${t("loading")}</p>`}
      ${view && !answer.value && html`<${Question} view=${view} />`}
      ${view && answer.value && html`
        <p class="row" role="status" data-testid="bank-answer" data-answer=${answer.value}>
          <${Icon} name=${ANSWERS[answer.value][1]} />${t(ANSWERS[answer.value][0])}
        </p>
        <a class="button button-primary button-large button-wide" href=${view.return_path || "/"} data-testid="bank-back">${t("bank-back")}</a>`}
      ${problem.value && html`<${ErrorLine} text=${errorText(problem.value)} />`}
    </main>
  `;
}

/** @param {{ view: SandboxView }} props */
const Question = ({ view }) => html`
  <p>${view.amount ? t("bank-pay") : t("bank-keep")}</p>
  ${view.amount && html`<p class="bank-amount numbers">${formatMoney(view.amount, locale())}</p>`}
  <p class="soft">${t("bank-text")}</p>
  <div class="bank-answers">
    <button class="button button-large" type="button" data-testid="bank-refuse" disabled=${busy.value} onClick=${() => confirm(false)}>${t("bank-refuse")}</button>
    <button class="button button-primary button-large" type="button" data-testid="bank-approve" disabled=${busy.value} onClick=${() => confirm(true)}>${t("bank-approve")}</button>
  </div>
`;

await mount(BankPage, () => t("bank-title"));
await attempt(async () => {
  asked.value = await cardsApi.seeSandbox(key);
});
