// The report's words and columns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, compared, comparedMoney, formatLength, marksOf, MINUTE_MS, pinnedIn, spansOf, withoutOverlap } from "../../static/lib/recap.js";

const moment = (kind, minute, sku = "MUG", title = "Mug") => ({ kind, at_ms: minute * MINUTE_MS, sku, title, count: 1, amount: null });

test("few are counted, many are compared by share, and nothing with nothing is the same", () => {
  assert.equal(compared(5, undefined), null);
  assert.deepEqual(compared(0, 0), { id: "report-same" });
  assert.deepEqual(compared(5, 0), { id: "report-first" });
  assert.deepEqual(compared(5, 3), { id: "report-more-count", args: { count: 2 } });
  assert.deepEqual(compared(0, 3), { id: "report-fewer-count", args: { count: 3 } });
  assert.deepEqual(compared(120, 100), { id: "report-more", args: { percent: 20 } });
  assert.deepEqual(compared(75, 100), { id: "report-less", args: { percent: 25 } });
  assert.deepEqual(compared(1000, 1001), { id: "report-same" });
  assert.deepEqual(compared(350, 100), { id: "report-times", args: { times: 3.5 } });
});

test("amounts of different currencies are not compared", () => {
  const money = (amount_minor, currency = "EUR") => ({ amount_minor, currency });
  assert.deepEqual(comparedMoney([money(1500)], [money(1000)]), { id: "report-more", args: { percent: 50 } });
  assert.deepEqual(comparedMoney([], [money(1000)]), { id: "report-less", args: { percent: 100 } });
  assert.equal(comparedMoney([money(1500)], [money(1000, "RUB")]), null);
  assert.equal(comparedMoney([money(1), money(1, "RUB")], [money(1)]), null);
  assert.equal(comparedMoney([money(1)], undefined), null);
});

test("a product is pinned from its pin to its unpin, or to the end", () => {
  const spans = spansOf([moment("pin", 1), moment("pin", 2, "POT", ""), moment("pin", 3), moment("unpin", 4)], 9 * MINUTE_MS);
  assert.deepEqual(spans.map(({ title, fromMs, toMs }) => [title, fromMs / MINUTE_MS, toMs / MINUTE_MS]), [["Mug", 1, 4], ["POT", 2, 9]]);
  assert.deepEqual(pinnedIn(spans, 0), []);
  assert.deepEqual(pinnedIn(spans, 3 * MINUTE_MS), ["Mug", "POT"]);
  assert.deepEqual(pinnedIn(spans, 4 * MINUTE_MS), ["POT"]);
});

test("the plot marks pins and hammers", () => {
  const marks = marksOf([moment("pin", 1), moment("unpin", 2), moment("lot_sold", 3), moment("guest", 4)]);
  assert.deepEqual(marks.map(({ kind, atMs }) => [kind, atMs / MINUTE_MS]), [["pin", 1], ["sold", 3]]);
});

test("a minute stands at its middle, in seconds", () => {
  assert.deepEqual(columnsOf([/** @type {any} */ ({ at_ms: 60_000, viewers_peak: 7, orders: 2 })]), [[90], [7], [2]]);
});

test("labels that would lie on another are left out", () => {
  assert.deepEqual(withoutOverlap([{ left: 0, width: 50 }, { left: 40, width: 10 }, { left: 60, width: 10 }], 5), [true, false, true]);
  assert.deepEqual(withoutOverlap([], 5), []);
});

test("lengths are said as people say them", () => {
  assert.equal(formatLength(40_000, "en"), "40 sec");
  assert.equal(formatLength(12 * MINUTE_MS, "en"), "12 min");
  assert.equal(formatLength(65 * MINUTE_MS, "en"), "1 hr 5 min");
  assert.equal(formatLength(120 * MINUTE_MS, "en"), "2 hr");
  assert.equal(formatLength(0, "en"), "0 sec");
});
