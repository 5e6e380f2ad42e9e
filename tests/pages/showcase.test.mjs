// What the start page makes of the list of shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, hostsOf, mayPreview, soonest, tagsOf } from "../../static/lib/showcase.js";

const show = (over = {}) => ({ title: "Tea bowls", host_id: "act_1", host_name: "Жанна", state: "scheduled", scheduled_at_ms: 1, tags: ["Clay"], ...over });

test("a search finds words of title, host and tags, however they are written", () => {
  for (const query of ["", "tea", "BOWLS tea", "жанна", "#clay", " tea  clay "]) assert.ok(fits(show(), query, ""), query);
  for (const query of ["mug", "tea mug"]) assert.ok(!fits(show(), query, ""), query);
  assert.ok(fits(show(), "", "CLAY"));
  assert.ok(!fits(show(), "tea", "wood"));
});

test("tags come once each, the most frequent first", () => {
  assert.deepEqual(tagsOf([show({ tags: ["wood"] }), show({ tags: ["Clay"] }), show({ tags: ["clay"] })]), ["Clay", "wood"]);
});

test("hosts come once each, who is on air first", () => {
  const hosts = hostsOf([show(), show({ host_id: "act_2", host_name: "Ann", state: "live" }), show({ host_id: "act_2", host_name: "Ann" })]);
  assert.deepEqual(hosts, [{ id: "act_2", name: "Ann", live: true }, { id: "act_1", name: "Жанна", live: false }]);
});

test("the soonest show comes first, and a moving picture only where it costs nobody too much", () => {
  assert.deepEqual(soonest([show({ scheduled_at_ms: 3 }), show({ scheduled_at_ms: 2 })]).map((each) => each.scheduled_at_ms), [2, 3]);
  assert.equal(mayPreview({ wide: true, calm: false, saveData: false }), true);
  for (const over of [{ wide: false }, { calm: true }, { saveData: true }]) assert.equal(mayPreview({ wide: true, calm: false, saveData: false, ...over }), false);
});
