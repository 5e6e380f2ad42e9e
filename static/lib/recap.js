// @ts-check
// The report of a show: asking for it, what its numbers mean beside the last show's, and what a minute says.

import { call } from "./api.js";

/**
 * @import { Money, RecapMinute, RecapMoment, RecapView } from "../../schemas/generated/messages"
 * @typedef {{ id: string, args?: Record<string, number> }} Comparison a message and its numbers
 * @typedef {{ sku: string, title: string, fromMs: number, toMs: number }} Span a product in the players
 * @typedef {{ atMs: number, title: string, kind: "pin" | "sold" }} Mark
 */

export const MINUTE_MS = 60_000;

/** From here on a share says more than a difference. */
const MANY = 10;

/** @param {string} showId @returns {Promise<RecapView>} */
export const recap = (showId) => call("GET", `/api/recaps/${showId}`);

/** What somebody takes home, by file. @param {string} showId */
export const filesOf = (showId) => ({
  "minutes-csv": `/api/recaps/${showId}/minutes.csv`,
  "products-csv": `/api/recaps/${showId}/products.csv`,
  "chat-csv": `/api/chat/${showId}/messages.csv`,
  "chat-json": `/api/chat/${showId}/messages.json`,
});

/**
 * A figure beside that of the show before, in words. Few are counted, many are compared by share.
 * @param {number} now @param {number | undefined} before @returns {Comparison | null} null: there is nothing to compare with
 */
export function compared(now, before) {
  if (before === undefined) return null;
  if (now === before) return { id: "report-same" };
  const more = now > before;
  if (before === 0) return { id: "report-first" };
  if (before < MANY) return { id: more ? "report-more-count" : "report-fewer-count", args: { count: Math.abs(now - before) } };
  const percent = Math.round((Math.abs(now - before) / before) * 100);
  if (percent === 0) return { id: "report-same" };
  if (more && percent >= 200) return { id: "report-times", args: { times: Math.round((now / before) * 10) / 10 } };
  return { id: more ? "report-more" : "report-less", args: { percent } };
}

/**
 * Amounts can be compared when both shows sold in one and the same currency. @param {Money[]} now @param {Money[] | undefined} before
 * @returns {Comparison | null}
 */
export function comparedMoney(now, before) {
  if (!before || now.length > 1 || before.length > 1) return null;
  if (now.length && before.length && now[0].currency !== before[0].currency) return null;
  const [mine, theirs] = [now[0]?.amount_minor ?? 0, before[0]?.amount_minor ?? 0];
  // Minor units are no count: a difference of 300 would be read as 300.
  if (theirs > 0 && theirs < MANY) return null;
  return compared(mine, theirs);
}

/** When which product was in the players. @param {RecapMoment[]} moments @param {number} endMs @returns {Span[]} */
export function spansOf(moments, endMs) {
  /** @type {Map<string, Span>} */
  const open = new Map();
  const spans = [];
  for (const { kind, sku, title, at_ms } of moments) {
    if (kind === "pin" && !open.has(sku)) open.set(sku, { sku, title: title || sku, fromMs: at_ms, toMs: Math.max(at_ms, endMs) });
    const span = open.get(sku);
    if (kind !== "unpin" || !span) continue;
    spans.push({ ...span, toMs: at_ms });
    open.delete(sku);
  }
  return [...spans, ...open.values()].sort((one, other) => one.fromMs - other.fromMs);
}

/** Titles that were pinned in this minute. @param {Span[]} spans @param {number} atMs */
export const pinnedIn = (spans, atMs) => [
  ...new Set(spans.filter(({ fromMs, toMs }) => fromMs < atMs + MINUTE_MS && toMs > atMs).map(({ title }) => title)),
];

/** What the plot writes above its minutes. @param {RecapMoment[]} moments @returns {Mark[]} */
export const marksOf = (moments) =>
  moments.flatMap(({ kind, at_ms, sku, title }) =>
    kind === "pin" || kind === "lot_sold" ? [{ atMs: at_ms, title: title || sku, kind: kind === "pin" ? /** @type {const} */ ("pin") : /** @type {const} */ ("sold") }] : []);

/**
 * Columns of the plot: seconds, viewers, orders. The time of a minute is its middle, so that bars stand where they belong.
 * @param {RecapMinute[]} minutes @returns {[number[], number[], number[]]}
 */
export const columnsOf = (minutes) => [
  minutes.map(({ at_ms }) => (at_ms + MINUTE_MS / 2) / 1000),
  minutes.map(({ viewers_peak }) => viewers_peak),
  minutes.map(({ orders }) => orders),
];

/**
 * Where labels may stand so that none lies on another: those that come too close to the last one are left out.
 * @param {{ left: number, width: number }[]} labels by `left` @param {number} gap @returns {boolean[]}
 */
export function withoutOverlap(labels, gap) {
  let end = Number.NEGATIVE_INFINITY;
  return labels.map(({ left, width }) => {
    if (left < end + gap) return false;
    end = left + width;
    return true;
  });
}

/** "1 hr 5 min", "12 min", "40 sec" of a span. @param {number} ms @param {string} locale */
export function formatLength(ms, locale) {
  const part = (/** @type {number} */ value, /** @type {string} */ unit) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);
  if (ms < MINUTE_MS) return part(Math.round(ms / 1000), "second");
  const minutes = Math.round(ms / MINUTE_MS);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 && part(hours, "hour"), (rest > 0 || hours === 0) && part(rest, "minute")].filter(Boolean).join(" ");
}
