// @ts-check
// The language on screen, as a signal: components that call `t` are drawn again when it changes.

import { signal } from "@preact/signals";
import { embedded } from "../lib/embedded.js";
import { chooseLocale, localeCookie, translator } from "../lib/fluent.js";

/** @import { Locale, Translate } from "../lib/fluent.js" */

/** @type {import("@preact/signals").Signal<{ locale: Locale, translate: Translate }>} */
const words = signal({ locale: /** @type {Locale} */ ("en"), translate: (/** @type {string} */ id) => id });

/** Text of a message. @type {Translate} */
export const t = (id, args) => words.value.translate(id, args);

/** Language tag for Intl. */
export const locale = () => words.value.locale;

/** Loads a language and shows it. @param {Locale} chosen */
export async function speak(chosen) {
  // The server has named this page's words in its head, in every language.
  const link = /** @type {HTMLLinkElement} */ (document.querySelector(`link[data-words="${chosen}"]`));
  const answer = await fetch(link.href);
  words.value = { locale: chosen, translate: translator(chosen, await answer.text()) };
  document.documentElement.lang = chosen;
}

/** The person's choice, kept for the next visit. @param {Locale} chosen */
export async function choose(chosen) {
  document.cookie = localeCookie(chosen);
  await speak(chosen);
}

/** The language to begin with: a site that shows the page in a frame may ask for its own. */
export const speakPreferred = () => speak(chooseLocale(document.cookie, [embedded?.asked.locale ?? "", ...navigator.languages]));

/** Text of a refusal. @param {{ name: string }} error */
export function errorText(error) {
  const id = `error-${error.name}`;
  const text = t(id);
  return text === id ? t("error-internal") : text;
}
