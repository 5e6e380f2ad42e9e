// What is said to people who listen: once, and not for ever.

import assert from "node:assert/strict";
import { test } from "node:test";
import { announce, markPassed, said } from "../../static/lib/announcer.js";

test("what is said goes away again, each in its own time", () => {
  const waiting = [];
  const later = (call) => waiting.push(call);
  announce("outbid", { urgent: true, later });
  announce("sold", { later });
  assert.deepEqual(said.value.map(({ text, urgent }) => [text, urgent]), [["outbid", true], ["sold", false]]);
  waiting[0]();
  assert.deepEqual(said.value.map(({ text }) => text), ["sold"]);
  announce("sold", { later });
  assert.notEqual(said.value[0].number, said.value[1].number, "the same words again are said again");
});

test("ten and five seconds are said once, as they pass", () => {
  assert.equal(markPassed(10_200, 9_950), 10_000);
  assert.equal(markPassed(9_950, 9_700), null);
  assert.equal(markPassed(5_001, 5_000), 5_000);
  assert.equal(markPassed(3_000, 10_000), null, "a bid has set the clock back");
  assert.equal(markPassed(10_000, 9_750), null);
  assert.equal(markPassed(12_000, 0), null, "a tab that slept through it says nothing of it");
});
