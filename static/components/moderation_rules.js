// @ts-check
// @css moderation.css
// The rules of the chat: how often, who, and what is looked at before everybody sees it.

import { formatPause } from "../lib/money.js";
import { Field } from "./field.js";
import { FieldProblem, useForm } from "./form.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/**
 * @import { ModerationSettings } from "../../schemas/generated/messages"
 * @import { ModerationDesk } from "../lib/moderation_desk.js"
 */

/** Seconds between two messages of one person that are offered; the server takes up to ten minutes. */
const SLOW_MODES_S = [0, 5, 10, 30, 60, 300];
/** As schemas/http/moderation.py. */
const WORDS_MAX = 500;
const WORD_LENGTH_MIN = 2;
const WORD_LENGTH_MAX = 60;

/** @type {["approve_first" | "followers_only" | "filter_words" | "filter_links", string, string][]} */
const SWITCHES = [
  ["approve_first", "rule-approve-first", "rule-approve-first-hint"],
  ["followers_only", "rule-followers-only", "rule-followers-only-hint"],
  ["filter_words", "rule-filter-words", "rule-filter-words-hint"],
  ["filter_links", "rule-filter-links", "rule-filter-links-hint"],
];

/** @param {{ desk: ModerationDesk }} props */
export function ModerationRules({ desk }) {
  const state = desk.state.value;
  if (!state) return null;
  const { settings } = state;
  const chosen = settings.slow_mode_s ?? 0;
  const offered = [...new Set([...SLOW_MODES_S, chosen])].sort((a, b) => a - b);
  return html`
    <div class="stack" data-testid="rules">
      <label class="field"><span class="field-label">${t("rule-slow-mode")}</span>
        <select class="field-input" data-testid="rule-slow-mode" disabled=${desk.busy.value}
          onChange=${(/** @type {Event} */ event) => desk.set({ slow_mode_s: Number(/** @type {HTMLSelectElement} */ (event.target).value) })}>
          ${offered.map((seconds) => html`<option value=${seconds} selected=${seconds === chosen}>
            ${seconds === 0 ? t("rule-slow-mode-off") : t("rule-slow-mode-span", { span: formatPause(seconds, locale()) })}</option>`)}
        </select>
      </label>
      ${SWITCHES.map(([name, label, hint]) => html`<${Switch} key=${name} desk=${desk} name=${name} on=${settings[name]} label=${t(label)} hint=${t(hint)} />`)}
      <${Words} desk=${desk} words=${state.words} />
    </div>
  `;
}

/** @param {{ desk: ModerationDesk, name: keyof ModerationSettings, on: boolean, label: string, hint: string }} props */
const Switch = ({ desk, name, on, label, hint }) => html`
  <label class="switch">
    <input type="checkbox" role="switch" data-testid=${`rule-${name}`} checked=${on} disabled=${desk.busy.value}
      onChange=${(/** @type {Event} */ event) => desk.set({ [name]: /** @type {HTMLInputElement} */ (event.target).checked })} />
    <span class="switch-words"><span>${label}</span><span class="small soft">${hint}</span></span>
  </label>
`;

/** @param {{ desk: ModerationDesk, words: string[] }} props */
function Words({ desk, words }) {
  const form = useForm(async ({ words: typed }) => {
    const next = [...new Set(typed.split(/[\n,;]/).map((word) => word.trim()).filter(Boolean))];
    if (next.some((word) => word.length < WORD_LENGTH_MIN || word.length > WORD_LENGTH_MAX) || next.length > WORDS_MAX) throw new FieldProblem("words", "rule-words-invalid");
    await desk.setWords(next);
  });
  // Another moderator's list replaces what stands here, unless something is being typed.
  return html`
    <form class="stack" onSubmit=${form.onSubmit}>
      <${Field} key=${words.join()} as="textarea" label=${t("rule-words")} name="words" rows="3" hint=${t("rule-words-hint")} data-testid="rule-words"
        defaultValue=${words.join("\n")} error=${form.errorOf("words")} />
      ${form.rest(["words"])}
      <button class="button button-small" type="submit" data-testid="rule-words-save" disabled=${form.busy}>${t("rule-words-save")}</button>
    </form>
  `;
}
