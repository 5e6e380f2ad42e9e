// @ts-check
// How long ago something was, in words.

const MINUTE_MS = 60_000;
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["day", 24 * 60 * MINUTE_MS],
  ["hour", 60 * MINUTE_MS],
  ["minute", MINUTE_MS],
];

/** "5 minutes ago", "now"; a moment of a clock that is a little ahead is now. @param {number} atMs @param {number} nowMs @param {string} locale */
export function ago(atMs, nowMs, locale) {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const passedMs = Math.max(0, nowMs - atMs);
  const [unit, unitMs] = UNITS.find(([, each]) => passedMs >= each) ?? ["second", Infinity];
  return format.format(-Math.floor(passedMs / unitMs), unit);
}
