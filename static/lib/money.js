// @ts-check
// Money, times and counts in the reader's language. Amounts are whole minor units and an ISO 4217 code, never a float of ours.

/** @typedef {import("../../schemas/generated/messages").Money} Money */

/**
 * Digits after the point, where they are not two (ISO 4217), as schemas/money.py has them. Browsers answer with how people write
 * prices today, which differs between browsers: the same amount of forints would be a hundred times as much in another one.
 * @type {Record<string, number>}
 */
const DIGITS = {};
for (const code of "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ")) DIGITS[code] = 0;
for (const code of "BHD IQD JOD KWD LYD OMR TND".split(" ")) DIGITS[code] = 3;
for (const code of "CLF UYW".split(" ")) DIGITS[code] = 4;

/** Digits after the point of a currency. @param {string} currency */
export const digitsOf = (currency) => DIGITS[currency] ?? 2;

/** "€39", "39,50 €". Whole amounts lose their zeros. @param {Money} money @param {string} locale */
export function formatMoney(money, locale) {
  const digits = digitsOf(money.currency);
  const whole = money.amount_minor % 10 ** digits === 0;
  const options = { style: /** @type {const} */ ("currency"), currency: money.currency, currencyDisplay: /** @type {const} */ ("narrowSymbol") };
  const format = new Intl.NumberFormat(locale, { ...options, minimumFractionDigits: whole ? 0 : digits, maximumFractionDigits: digits });
  return format.format(money.amount_minor / 10 ** digits);
}

/** @param {Money} money @param {number} quantity @returns {Money} */
export const times = (money, quantity) => ({ amount_minor: money.amount_minor * quantity, currency: money.currency });

/**
 * Sum per currency, in the order of the first amount of each. @param {Money[]} amounts @returns {Money[]}
 */
export function sums(amounts) {
  /** @type {Map<string, number>} */
  const totals = new Map();
  for (const { amount_minor, currency } of amounts) totals.set(currency, (totals.get(currency) ?? 0) + amount_minor);
  return [...totals].map(([currency, amount_minor]) => ({ amount_minor, currency }));
}

/**
 * What a person typed ("39", "39.5", "39,50") as minor units, or null when it is no amount of this currency.
 * @param {string} typed @param {string} currency @returns {number | null}
 */
export function parseAmount(typed, currency) {
  const match = /^(\d{1,11})(?:[.,](\d*))?$/.exec(typed.replace(/[\s\u00a0]/g, ""));
  const digits = digitsOf(currency);
  if (!match || (match[2] ?? "").length > digits) return null;
  return Number(match[1]) * 10 ** digits + Number((match[2] ?? "").padEnd(digits, "0") || 0);
}

/** What `parseAmount` reads as this money: "39.90". @param {Money} money */
export function amountText({ amount_minor, currency }) {
  const digits = digitsOf(currency);
  return (amount_minor / 10 ** digits).toFixed(digits);
}

/** "21 Nov, 19:30". @param {number} atMs @param {string} locale */
export const formatDay = (atMs, locale) =>
  new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(atMs);

/** "19:30". @param {number} atMs @param {string} locale */
export const formatTime = (atMs, locale) => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(atMs);

/** "4:05", "1:04:05" of a span. @param {number} spanMs */
export function formatSpan(spanMs) {
  const seconds = Math.max(0, Math.ceil(spanMs / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** @type {[number, string][]} */
const PAUSES = [[3_600, "hour"], [60, "minute"]];

/** "10 sec", "5 min", "1 hr" of whole seconds. @param {number} seconds @param {string} locale */
export function formatPause(seconds, locale) {
  const [span, unit] = PAUSES.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "second"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(seconds / span);
}

/** "1,234", and from ten thousand on "12.3K": counts stand where there is little room. @param {number} count @param {string} locale */
export function formatCount(count, locale) {
  if (count < 10_000) return new Intl.NumberFormat(locale).format(count);
  // The short Russian forms are the ones of social networks; CLDR's are as long as the number.
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }).format(count);
  return compact.replace(/\s?тыс\.$/, "К").replace(/\s?млн$/, "М");
}
