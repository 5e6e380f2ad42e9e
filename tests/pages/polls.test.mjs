// Which poll is shown, and shares that add up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { current, leaders, shares } from "../../static/lib/polls.js";

const poll = (poll_id, status) => ({ poll_id, status });

test("shares add up to a hundred whatever the counts are", () => {
  for (let seed = 1; seed < 500; seed += 1) {
    const counts = Array.from({ length: 2 + (seed % 5) }, (_, index) => (seed * (index + 7) * 31) % 97);
    if (counts.some((each) => each > 0)) assert.equal(shares(counts).reduce((sum, each) => sum + each, 0), 100, counts.join());
  }
});

test("shares are the nearest that do", () => {
  assert.deepEqual(shares([1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(shares([2, 1]), [67, 33]);
  assert.deepEqual(shares([0, 5]), [0, 100]);
});

test("without votes nobody has a share, nor leads", () => {
  assert.deepEqual(shares([0, 0]), [0, 0]);
  assert.deepEqual(leaders([0, 0]), []);
});

test("two options with the most votes lead both", () => assert.deepEqual(leaders([3, 1, 3]), [0, 2]));

test("a poll that waits for a vote is shown first, then any open one, then the newest result", () => {
  const polls = [poll("c", "closed"), poll("b", "open"), poll("a", "open")];
  const shown = (away, mine) => current(polls, new Set(away), new Map(mine.map((id) => [id, 0])))?.poll_id ?? null;
  assert.equal(shown([], []), "b");
  assert.equal(shown([], ["b"]), "a");
  assert.equal(shown([], ["a", "b"]), "b");
  assert.equal(shown(["a", "b"], []), "c");
  assert.equal(shown(["a", "b", "c"], []), null);
  assert.equal(current([], new Set(), new Map()), null);
});
