// Where the people on stage are in the player.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange } from "../../static/lib/arrange.js";

const guest = (id, place, more = {}) => ({ participant_id: id, place, name: id.toUpperCase(), muted: [], live: true, ...more });
const stage = (layout, featured, ...places) => ({ layout, featured, places });
const slots = (arrangement) => Object.fromEntries(arrangement.spots.map(({ id, slot }) => [id, slot]));

test("without a stage, and with nobody else on it, the host is alone whatever the layout", () => {
  for (const nobody of [null, stage("picture_in_picture", "gone"), stage("side_by_side", "host", guest("a", 1, { live: false }))]) {
    const { shape, spots } = arrange(nobody, "Olga");
    assert.equal(shape, "solo");
    assert.deepEqual(spots, [{ id: "host", place: 0, name: "Olga", slot: 0, silent: false, dark: false }]);
  }
});

test("the featured one is large and the others follow by their arrival", () => {
  const three = [guest("a", 2), guest("b", 1), guest("c", 3)];
  assert.deepEqual(slots(arrange(stage("picture_in_picture", "b", ...three), "")), { host: 1, a: 2, b: 0, c: 3 });
  assert.deepEqual(slots(arrange(stage("solo", "host", ...three), "")), { host: 0, a: 1, b: 2, c: 3 });
  assert.deepEqual(slots(arrange(stage("picture_in_picture", "who left", ...three), "")), { host: 0, a: 1, b: 2, c: 3 });
});

test("side by side everybody is equal, the host first", () => {
  assert.deepEqual(slots(arrange(stage("side_by_side", "b", guest("a", 2), guest("b", 1)), "")), { host: 0, a: 1, b: 2 });
});

test("spots stay in the order of their places when another one is featured", () => {
  const places = (featured) => arrange(stage("picture_in_picture", featured, guest("a", 2), guest("b", 1)), "").spots.map(({ place }) => place);
  assert.deepEqual(places("host"), [0, 1, 2]);
  assert.deepEqual(places("a"), [0, 1, 2]);
});

test("guests without a place, or with one that this player has no media for, are left out", () => {
  const { spots } = arrange(stage("side_by_side", "host", guest("a", null), guest("b", 4), guest("c", 0), guest("d", 3)), "");
  assert.deepEqual(spots.map(({ id }) => id), ["host", "d"]);
});

test("what the host withholds is known", () => {
  const { spots } = arrange(stage("solo", "host", guest("a", 1, { muted: ["audio"] }), guest("b", 2, { muted: ["video"] })), "");
  assert.deepEqual(spots.map(({ silent, dark }) => [silent, dark]), [[false, false], [true, false], [false, true]]);
});
