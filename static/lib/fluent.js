// @ts-check
// The words of the pages: Fluent catalogues in static/locales/, one language at a time, chosen by cookie or by the browser.

import { FluentBundle, FluentResource } from "@fluent/bundle";

/** @typedef {"en" | "ru"} Locale */
/** @typedef {(id: string, args?: Record<string, string | number>) => string} Translate */

/** Where a message begins (Fluent syntax 1.0): its name in the first column. */
const MESSAGE = /^(?=[a-z])/m;

/** @type {readonly Locale[]} */
export const LOCALES = Object.freeze(["en", "ru"]);

/**
 * The language to show: what the person chose, else the first of the browser's that we speak, else English.
 * @param {string} cookies as `document.cookie` @param {readonly string[]} preferred language tags, best first @returns {Locale}
 */
export function chooseLocale(cookies, preferred) {
  const chosen = /(?:^|;\s*)efir_locale=(\w+)/.exec(cookies)?.[1];
  const wanted = [chosen ?? "", ...preferred].map((tag) => tag.split("-")[0].toLowerCase());
  return LOCALES.find((locale) => locale === wanted.find((each) => LOCALES.includes(/** @type {Locale} */ (each)))) ?? "en";
}

/** `document.cookie` line that remembers the choice for a year. @param {Locale} locale */
export const localeCookie = (locale) => `efir_locale=${locale}; Path=/; Max-Age=31536000; SameSite=Lax`;

/**
 * @param {Locale} locale @param {string} catalogue text of an .ftl file; its messages stand for themselves, without terms or references
 * @returns {Translate} a missing message gives its id
 */
export function translator(locale, catalogue) {
  // No isolation marks: both languages run left to right, and copied text would carry them along.
  const bundle = new FluentBundle(locale, { useIsolating: false });
  // A page shows a few of its messages at first, and a phone is long at reading them all.
  const unread = new Map(catalogue.split(MESSAGE).map((text) => [text.slice(0, text.search(/[ =]/)), text]));
  return (id, args) => {
    const text = unread.get(id);
    if (text !== undefined) {
      unread.delete(id);
      for (const error of bundle.addResource(new FluentResource(text))) console.error(error);
    }
    const message = bundle.getMessage(id);
    if (!message?.value) return id;
    /** @type {Error[]} */
    const errors = [];
    const shown = bundle.formatPattern(message.value, args, errors);
    for (const error of errors) console.error(id, error);
    return shown;
  };
}
