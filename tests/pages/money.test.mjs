// Amounts as people type and read them, and the language to begin with.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { chooseLocale, translator } from "../../static/lib/fluent.js";
import { problemError } from "../../static/lib/errors.js";
import { digitsOf, formatCount, formatMoney, formatPause, formatSpan, parseAmount, sums } from "../../static/lib/money.js";

test("whole amounts lose their zeros and others keep two digits", () => {
  assert.equal(formatMoney({ amount_minor: 3900, currency: "EUR" }, "en"), "€39");
  assert.equal(formatMoney({ amount_minor: 3950, currency: "EUR" }, "en"), "€39.50");
  assert.equal(formatMoney({ amount_minor: 123450, currency: "RUB" }, "ru").replace(/\s/g, " "), "1 234,50 ₽");
  assert.equal(formatMoney({ amount_minor: 500, currency: "JPY" }, "en"), "¥500");
});

test("every currency has the digits of ISO 4217, as the server has them, whatever the browser knows", async () => {
  const source = await readFile(new URL("../../schemas/money.py", import.meta.url), "utf8");
  const digits = { _NONE: 0, _THREE: 3, _FOUR: 4 };
  const table = [...source.matchAll(/^(_\w+) = \(([^)]+)\)/gm)].flatMap(([, name, codes]) => (codes.match(/[A-Z]{3}/g) ?? []).map((code) => [code, digits[name]]));
  assert.ok(table.length > 20);
  const known = new Map(table);
  for (const code of Intl.supportedValuesOf("currency")) assert.equal(digitsOf(code), known.get(code) ?? 2, code);
  assert.equal(formatMoney({ amount_minor: 1990, currency: "KWD" }, "en").replace(/\s/g, " "), "KWD 1.990");
  assert.equal(formatMoney({ amount_minor: 199_050, currency: "HUF" }, "en").replace(/\s/g, " "), "Ft 1,990.50");
});

test("what people type becomes minor units or nothing", () => {
  const typed = [["39", 3900], ["39.5", 3950], ["39,50", 3950], ["1 200", 120000], ["0.07", 7], ["19.999", null], ["-5", null], ["abc", null], ["", null]];
  for (const [text, amount] of typed) assert.equal(parseAmount(text, "EUR"), amount, text);
  assert.equal(parseAmount("500", "JPY"), 500);
  assert.equal(parseAmount("5.5", "JPY"), null);
});

test("amounts of different currencies are never added", () => {
  const money = (amount_minor, currency) => ({ amount_minor, currency });
  assert.deepEqual(sums([money(1, "EUR"), money(5, "USD"), money(2, "EUR")]), [money(3, "EUR"), money(5, "USD")]);
});

test("a span counts down to zero and not below", () => {
  assert.deepEqual([-5, 0, 1, 59_001, 245_000, 3_845_000].map(formatSpan), ["0:00", "0:00", "0:01", "1:00", "4:05", "1:04:05"]);
});

test("a count is short where it is long", () => {
  assert.deepEqual([0, 999, 1_284, 9_999, 12_345, 2_500_000].map((count) => formatCount(count, "en")), ["0", "999", "1,284", "9,999", "12.3K", "2.5M"]);
  assert.deepEqual([12_345, 2_500_000].map((count) => formatCount(count, "ru").replace(/\s/g, " ")), ["12,3К", "2,5М"]);
});

test("a pause is said in the largest unit that it is whole in", () => {
  assert.deepEqual([10, 60, 90, 300, 3_600].map((seconds) => formatPause(seconds, "en")), ["10 sec", "1 min", "90 sec", "5 min", "1 hr"]);
});

test("the cookie chooses the language, then the browser, then English", () => {
  assert.equal(chooseLocale("a=b; efir_locale=ru", ["en-GB"]), "ru");
  assert.equal(chooseLocale("", ["de-DE", "ru-RU", "en"]), "ru");
  assert.equal(chooseLocale("efir_locale=xx", ["en-GB"]), "en");
  assert.equal(chooseLocale("", ["de"]), "en");
});

test("a message takes its variables without isolation marks, and a missing one shows its id", () => {
  const translate = translator("ru", "left = { $count ->\n    [one] { $count } штука\n    [few] { $count } штуки\n   *[many] { $count } штук\n}\n");
  assert.deepEqual([1, 3, 5, 21].map((count) => translate("left", { count })), ["1 штука", "3 штуки", "5 штук", "21 штука"]);
  assert.equal(translate("nothing"), "nothing");
});

test("a message is found wherever it stands, with comments around it and however often it is asked for", (context) => {
  const said = context.mock.method(console, "error");
  const translate = translator("en", "# Of the page\n\nfirst = One\n  more line\n# Of the second\nsecond =\n    Two { $what }\nthird = =3\n");
  for (const _ of [1, 2]) {
    assert.deepEqual([translate("second", { what: "x" }), translate("first"), translate("third")], ["Two x", "One\nmore line", "=3"]);
    assert.equal(translate("constructor"), "constructor");
  }
  assert.equal(said.mock.callCount(), 0);
});

test("a problem is known by its name, whatever else it says", () => {
  const error = problemError(409, { type: "/problems#sold_out", title: "Sold out", detail: "0 left", available: 0 }, null);
  assert.deepEqual([error.name, error.status, error.temporary, error.extra.available], ["sold_out", 409, false, 0]);
  assert.equal(problemError(429, { type: "/problems#rate_limited" }, "2").retryAfterMs, 2000);
  assert.equal(problemError(502, "<html>", null).name, "unavailable");
});
