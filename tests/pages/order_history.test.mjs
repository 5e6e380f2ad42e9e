// An entry of an order's history in words and sums.

import assert from "node:assert/strict";
import { test } from "node:test";
import { entryDetails } from "../../static/lib/order_history.js";

const spaced = (/** @type {string} */ text) => text.replace(/\s/g, " ");

test("an amount has the digits of its currency", () => {
  const shown = (/** @type {string} */ amount_minor, /** @type {string} */ currency, locale = "en") => spaced(entryDetails({ amount_minor, currency }, locale).join());
  assert.equal(shown("1990", "EUR"), "€19.90");
  assert.equal(shown("1990", "JPY"), "¥1,990");
  assert.equal(shown("1990", "KWD"), "KWD 1.990");
  assert.equal(shown("123450", "RUB", "ru"), "1 234,50 ₽");
});

test("everything that an entry knows stands in one order, and nothing stands for what it does not know", () => {
  const all = { seq: "7", tracking: "0034", carrier: "DHL", currency: "USD", amount_minor: "500", units: "2 × MUG", hold_id: "hld_1" };
  assert.deepEqual(entryDetails(all, "en"), ["2 × MUG", "$5", "DHL", "0034", "#7"]);
  assert.deepEqual(entryDetails({ carrier: "DHL", tracking: "" }, "en"), ["DHL"]);
  assert.deepEqual(entryDetails({ amount_minor: "500" }, "en"), []);
  assert.deepEqual(entryDetails({}, "en"), []);
});
