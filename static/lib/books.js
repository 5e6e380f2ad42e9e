// @ts-check
// A seller's statement: asking for it, periods in the reader's time, and the file for their spreadsheet.

import { call } from "./api.js";
import { digitsOf } from "./money.js";

/**
 * @import { FiguresView, OrderBooksView, StatementLine, StatementView } from "../../schemas/generated/messages"
 * @typedef {{ from: string, to: string }} Days both included, as `<input type="date">` has them
 */

/** Money columns of a statement, in their order. @type {Exclude<keyof FiguresView, "currency">[]} */
export const COLUMNS = [
  "gross_minor",
  "discount_minor",
  "shipping_minor",
  "total_minor",
  "refunded_minor",
  "tax_minor",
  "platform_fee_minor",
  "provider_fee_minor",
  "disputed_minor",
  "lost_minor",
  "net_minor",
];

/** @param {Days} days @param {string | null} after @returns {Promise<StatementView>} */
export function statement(days, after) {
  const [from, to] = spanOf(days);
  return call("GET", `/api/books/statement?from=${from}&to=${to}${after ? `&after=${encodeURIComponent(after)}` : ""}`);
}

/** @param {string} orderId @returns {Promise<OrderBooksView>} */
export const orderBooks = (orderId) => call("GET", `/api/books/orders/${orderId}`);

/** Every line of a period. @param {Days} days @returns {Promise<StatementLine[]>} */
export async function allLines(days) {
  const lines = [];
  /** @type {string | null} */
  let after = null;
  do {
    const page = /** @type {StatementView} */ (await statement(days, after));
    lines.push(...page.lines);
    after = page.after;
  } while (after);
  return lines;
}

/** From midnight up to the midnight after the last day, where the reader is. @param {Days} days @returns {[number, number]} */
export function spanOf({ from, to }) {
  const [year, month, day] = to.split("-").map(Number);
  const [fromYear, fromMonth, fromDay] = from.split("-").map(Number);
  return [new Date(fromYear, fromMonth - 1, fromDay).getTime(), new Date(year, month - 1, day + 1).getTime()];
}

/**
 * @param {"month" | "last-month" | "days" | "year"} name @param {number} nowMs @returns {Days}
 */
export function periodOf(name, nowMs) {
  const now = new Date(nowMs);
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const spans = {
    month: [new Date(year, month, 1), now],
    "last-month": [new Date(year, month - 1, 1), new Date(year, month, 0)],
    days: [new Date(year, month, day - 29), now],
    year: [new Date(year, 0, 1), now],
  };
  const [from, to] = spans[name];
  return { from: isoDay(from), to: isoDay(to) };
}

/** @param {Date} date */
const isoDay = (date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

/**
 * RFC 4180, with amounts as decimal numbers that every spreadsheet and script reads alike.
 * @param {StatementLine[]} lines @param {string[]} heads one per column, the time, order, show and currency first
 */
export function csvOf(lines, heads) {
  const rows = lines.map(({ at_ms, order_id, show_id, figures }) => [
    new Date(at_ms).toISOString(),
    order_id,
    show_id,
    figures.currency,
    ...COLUMNS.map((column) => decimal(figures[column], figures.currency)),
  ]);
  return [heads, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** Exact: no float is involved. @param {number} minor @param {string} currency */
export function decimal(minor, currency) {
  const digits = digitsOf(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const sign = minor < 0 ? "-" : "";
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** @param {string} text */
const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
