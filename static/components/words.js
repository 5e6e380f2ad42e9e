// @ts-check
// The language on screen, as a signal: components that call `t` are drawn again when it changes.

import { signal } from "@preact/signals";
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
  const catalogues = await Promise.all(addresses(chosen).map(async (address) => (await fetch(address)).text()));
  words.value = { locale: chosen, translate: translator(chosen, catalogues) };
  document.documentElement.lang = chosen;
}

/** Catalogues of this page; the server has named them in the head, in the language in which it sent the page. @param {Locale} chosen */
function addresses(chosen) {
  const links = /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll("link[data-words]"));
  return [...links].map((link) => (link.href.includes(`/locales/${chosen}/`) ? link.href : `/static/locales/${chosen}/${link.dataset.words}.ftl`));
}

/** The person's choice, kept for the next visit. @param {Locale} chosen */
export async function choose(chosen) {
  document.cookie = localeCookie(chosen);
  await speak(chosen);
}

/** The language to begin with. */
export const speakPreferred = () => speak(chooseLocale(document.cookie, navigator.languages));

/** Text of a refusal. @param {{ name: string }} error */
export function errorText(error) {
  const id = `error-${error.name}`;
  const text = t(id);
  return text === id ? t("error-internal") : text;
}
