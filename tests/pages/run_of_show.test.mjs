// The rows of a run of show: their order, moving one, what comes next, and where a dragged row would lie.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dropIndex, givesWay, moved, nextOf, rowsOf, stepsOf, timing } from "../../static/lib/run_of_show.js";

const item = (sku) => ({ offer: { sku, title: sku }, pool: null, pinned: false });
const product = (sku, more = {}) => ({ item_id: sku, sku, title: "", note: "", planned_minutes: 0, ...more });
const intro = { item_id: "seg_1", sku: null, title: "Intro", note: "hello", planned_minutes: 3 };
const ids = (rows) => rows.map(({ id }) => id);

test("the host's order comes first, then what nobody has put in order, by SKU whatever is pinned", () => {
  const rows = rowsOf([product("B"), intro], [item("D"), item("A"), item("B"), item("C")]);
  assert.deepEqual(ids(rows), ["B", "seg_1", "A", "C", "D"]);
  assert.equal(rows[0].item.offer.sku, "B");
  assert.equal(rows[1].item, null);
  assert.deepEqual(stepsOf(rows)[1], intro, "notes and minutes are kept");
});

test("a product that left the show keeps its place and has no offer", () => {
  const rows = rowsOf([product("GONE"), product("A")], [item("A")]);
  assert.deepEqual(rows.map(({ item: each }) => each?.offer.sku ?? null), [null, "A"]);
});

test("moving a row keeps every other in order, loses none, and stops at the ends", () => {
  const rows = ["a", "b", "c", "d"];
  assert.deepEqual(moved(rows, 0, 2), ["b", "c", "a", "d"]);
  assert.deepEqual(moved(rows, 3, 0), ["d", "a", "b", "c"]);
  assert.deepEqual(moved(rows, 1, 99), ["a", "c", "d", "b"]);
  assert.deepEqual(moved(rows, 1, -5), ["b", "a", "c", "d"]);
  assert.deepEqual(moved(rows, 9, 0), rows);
  assert.deepEqual(rows, ["a", "b", "c", "d"], "what was given is left alone");
  for (let from = 0; from < 4; from += 1) {
    for (let to = 0; to < 4; to += 1) assert.deepEqual(moved(moved(rows, from, to), to, from), rows, "there and back");
  }
});

test("what comes next: the first before anything is on, the one after, and nothing after the last", () => {
  const rows = rowsOf([intro, product("A")], [item("A")]);
  assert.equal(nextOf(rows, null).id, "seg_1");
  assert.equal(nextOf(rows, "seg_1").id, "A");
  assert.equal(nextOf(rows, "A"), null);
  assert.equal(nextOf(rows, "seg_that_was_removed").id, "seg_1");
  assert.equal(nextOf([], null), null);
});

/** Rows of 40, 80 and 40 pixels with 10 between them. */
const boxes = [{ top: 0, height: 40 }, { top: 50, height: 80 }, { top: 140, height: 40 }];

test("a dragged row takes the place of a row whose middle it has passed", () => {
  assert.equal(dropIndex(boxes, 0, 0), 0);
  assert.equal(dropIndex(boxes, 0, 69), 0);
  assert.equal(dropIndex(boxes, 0, 71), 1);
  assert.equal(dropIndex(boxes, 0, 1_000), 2);
  assert.equal(dropIndex(boxes, 2, -69), 2);
  assert.equal(dropIndex(boxes, 2, -71), 1);
  assert.equal(dropIndex(boxes, 2, -1_000), 0);
  assert.equal(dropIndex(boxes, 1, -71), 0);
});

test("the rows between make room for the dragged one, the others stay", () => {
  assert.deepEqual([0, 1, 2].map((index) => givesWay(boxes, index, 0, 1)), [0, -50, 0]);
  assert.deepEqual([0, 1, 2].map((index) => givesWay(boxes, index, 0, 2)), [0, -50, -50]);
  assert.deepEqual([0, 1, 2].map((index) => givesWay(boxes, index, 2, 0)), [50, 50, 0]);
  assert.deepEqual([0, 1, 2].map((index) => givesWay(boxes, index, 1, 1)), [0, 0, 0]);
});

test("the plan in minutes, and what the current step has left of its own", () => {
  const rows = rowsOf([intro, product("A", { planned_minutes: 10 }), product("B")], []);
  assert.deepEqual(timing(rows, null, null, 0), { plannedMinutes: 13, leftMs: null });
  assert.equal(timing(rows, "A", 1_000, 61_000).leftMs, 540_000);
  assert.equal(timing(rows, "A", 0, 700_000).leftMs, -100_000);
  assert.equal(timing(rows, "B", 0, 700_000).leftMs, null, "no plan, nothing to be late for");
});
