// The statement's periods and its file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { COLUMNS, csvOf, decimal, periodOf, spanOf } from "../../static/lib/books.js";

test("amounts in the file are exact decimals, whatever the currency has behind the point", () => {
  assert.equal(decimal(123456, "EUR"), "1234.56");
  assert.equal(decimal(-5, "EUR"), "-0.05");
  assert.equal(decimal(0, "EUR"), "0.00");
  assert.equal(decimal(1500, "JPY"), "1500");
  assert.equal(decimal(-1234, "KWD"), "-1.234");
  assert.equal(decimal(9007199254740991, "EUR"), "90071992547409.91");
});

test("the file has a line per order, CRLF, and quotes what needs them", () => {
  const figures = Object.fromEntries(COLUMNS.map((column, index) => [column, index * 100]));
  const line = { at_ms: 0, order_id: "ord_1", show_id: 'a "b", c', figures: { currency: "EUR", ...figures } };
  const heads = ["time", "order_id", "show_id", "currency", ...COLUMNS];
  const rows = csvOf([/** @type {any} */ (line)], heads).split("\r\n");
  assert.equal(rows.length, 3);
  assert.equal(rows[0].split(",").length, heads.length);
  assert.equal(rows[1].slice(0, 58), '1970-01-01T00:00:00.000Z,ord_1,"a ""b"", c",EUR,0.00,1.00,');
});

test("a period is from midnight to the midnight after its last day", () => {
  const [from, to] = spanOf({ from: "2026-02-01", to: "2026-02-28" });
  assert.equal(from, new Date(2026, 1, 1).getTime());
  assert.equal(to, new Date(2026, 2, 1).getTime());
});

test("named periods end today or with their month, over the turn of the year too", () => {
  const now = new Date(2026, 0, 15, 12).getTime();
  assert.deepEqual(periodOf("month", now), { from: "2026-01-01", to: "2026-01-15" });
  assert.deepEqual(periodOf("last-month", now), { from: "2025-12-01", to: "2025-12-31" });
  assert.deepEqual(periodOf("days", now), { from: "2025-12-17", to: "2026-01-15" });
  assert.deepEqual(periodOf("year", now), { from: "2026-01-01", to: "2026-01-15" });
});
