// Taps gathered into commands, and totals turned into what flies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AT_ONCE_MAX, Taps, Totals, totalOf } from "../../static/lib/reactions.js";

test("taps of one second leave as one command for each kind", () => {
  const taps = new Taps();
  for (const kind of ["heart", "heart", "fire"]) assert.equal(taps.add(kind), true);
  assert.deepEqual(taps.take(), [{ kind: "heart", count: 2 }, { kind: "fire", count: 1 }]);
  assert.deepEqual(taps.take(), []);
});

test("a command carries no more than the server takes", () => {
  const taps = new Taps();
  const counted = Array.from({ length: 50 }, () => taps.add("heart")).filter(Boolean);
  assert.equal(counted.length, AT_ONCE_MAX);
  assert.deepEqual(taps.take(), [{ kind: "heart", count: AT_ONCE_MAX }]);
});

test("the first totals are history: nothing flies", () => assert.deepEqual(new Totals().news({ counts: { heart: 9_000 } }), []));

test("what the totals grew by flies, without one's own", () => {
  const totals = new Totals();
  totals.news({ counts: { heart: 10 } });
  totals.sent("heart", 3);
  assert.deepEqual(totals.news({ counts: { heart: 12 } }), []);
  assert.deepEqual(totals.news({ counts: { heart: 15, fire: 1 } }), ["heart", "heart", "fire"]);
});

test("a command that was refused hides nobody else's", () => {
  const totals = new Totals();
  totals.news({ counts: {} });
  totals.sent("heart", 5);
  totals.refused("heart", 5);
  assert.deepEqual(totals.news({ counts: { heart: 2 } }), ["heart", "heart"]);
});

test("a storm of reactions flies as few, of every kind", () => {
  const totals = new Totals();
  totals.news({ counts: {} });
  const flying = totals.news({ counts: { heart: 5_000, fire: 2_500 } });
  assert.equal(flying.length, 12);
  assert.deepEqual(new Set(flying), new Set(["heart", "fire"]));
});

test("totals that begin again at zero fly when they grow again", () => {
  const totals = new Totals();
  totals.news({ counts: { heart: 100 } });
  assert.deepEqual(totals.news({ counts: {} }), []);
  assert.deepEqual(totals.news({ counts: { heart: 1 } }), ["heart"]);
});

test("a kind that this page does not know is counted and does not fly", () => {
  const totals = new Totals();
  totals.news({ counts: {} });
  assert.deepEqual(totals.news({ counts: { rocket: 5 } }), []);
  assert.equal(totalOf({ counts: { rocket: 5, heart: 2 } }), 7);
});
