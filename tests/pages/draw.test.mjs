// The browser computes the same draw as the server: the numbers of tests/modules/giveaways/test_draw.py, which were made with sha256sum.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { agrees, drawAgain } from "../../static/lib/draw.js";

const entrant = (actor_id, present = true) => ({ actor_id, name: "", present });
const published = {
  seed: "seed",
  winners_max: 5,
  commitment: "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b",
  list_digest: "9309e4f9f2632ee28854b2fce0bda4ab7010f4794b883b6a2807f1cb1b1ec50e",
  entrants: [entrant("acc_1"), entrant("acc_2", false), entrant("acc_3")],
  winners: ["acc_3", "acc_1"],
};

test("the draw that was computed by hand", async () => {
  const again = await drawAgain(published, webcrypto.subtle);
  assert.equal(again.digest, published.list_digest);
  assert.equal(again.commitment, published.commitment);
  assert.deepEqual(again.winners, ["acc_3", "acc_1"]);
  assert.equal(again.numbers.get("acc_3"), "726001f8dc6d8b34c6ec8168a6cdab6a41ae442813f510cd84fa1d39927be2df");
  assert.ok(agrees(published, again));
});

test("only as many win as there are units", async () => {
  assert.deepEqual((await drawAgain({ ...published, winners_max: 1 }, webcrypto.subtle)).winners, ["acc_3"]);
});

for (const [what, change] of Object.entries({
  "another seed": { seed: "seed!" },
  "another winner": { winners: ["acc_1", "acc_3"] },
  "somebody who was not there": { entrants: [entrant("acc_1"), entrant("acc_2"), entrant("acc_3")] },
  "another order of the list": { entrants: published.entrants.toReversed() },
})) {
  test(`${what} is noticed`, async () => {
    const told = { ...published, ...change };
    assert.equal(agrees(told, await drawAgain(told, webcrypto.subtle)), false);
  });
}
