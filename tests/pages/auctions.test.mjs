import assert from "node:assert/strict";
import { test } from "node:test";
import { Auctions, current, leastOf, numberOf, place } from "../../static/lib/auctions.js";
import { ApiError } from "../../static/lib/errors.js";
import { signal } from "../../static/vendor/signals-core.js";

const lot = (fields = {}) => ({ lot_id: "lot_1", state: "open", price_minor: 0, next_minor: 1_000, start_minor: 1_000, leader_id: "", currency: "EUR", ...fields });

test("where one stands follows from the lot, the leader and one's own bids", () => {
  assert.equal(place(lot(), false, false), "none");
  assert.equal(place(lot({ state: "announced" }), false, true), "waiting");
  assert.equal(place(lot(), true, true), "leading");
  assert.equal(place(lot(), false, true), "outbid");
  assert.equal(place(lot({ state: "sold" }), true, true), "won");
  assert.equal(place(lot({ state: "sold" }), false, true), "lost");
  assert.equal(place(lot({ state: "unsold" }), false, true), "lost");
  assert.equal(place(lot({ state: "sold" }), false, false), "none");
});

test("the running lot is shown, else the last one that was not put away", () => {
  const [first, second] = [lot({ state: "sold" }), lot({ lot_id: "lot_2" })];
  assert.equal(current([first, second], new Set()), second);
  assert.equal(current([first], new Set()), first);
  assert.equal(current([first], new Set(["lot_1"])), null);
  assert.equal(current([lot({ state: "void" })], new Set()), null);
});

test("the least that one may bid is the start price until somebody has bid", () => {
  assert.equal(leastOf(lot({ next_minor: 0 })), 1_000);
  assert.equal(leastOf(lot({ next_minor: 1_200 })), 1_200);
});

test("a bidder without a name has a number, always the same", () => {
  assert.equal(numberOf("acc_000000000000000000000000000000ff"), 1_255);
  assert.equal(numberOf("acc_000000000000000000000000000000ff"), numberOf("acc_000000000000000000000000000000ff"));
});

/** A connection that answers what the test says. */
function live(answers) {
  const sent = [];
  return {
    sent,
    me: signal({ actor_id: "acc_me" }),
    channel: () => ({ state: signal(null) }),
    publish: async (channel, id, data) => {
      sent.push({ channel, id, data });
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return { echo: answer };
    },
  };
}

const accepted = { lot_id: "lot_1", leads: true, maximum_minor: 2_000, price_minor: 1_000, next_minor: 1_100, ends_at_ms: 1, reserve_met: true };

test("a bid whose answer was lost is sent again under its id, a refused one is not", async () => {
  const lost = new ApiError("unavailable", { temporary: true });
  const connection = live([lost, new ApiError("bid_too_low"), accepted]);
  const auctions = new Auctions("shw_1", connection);
  for (const name of ["unavailable", "bid_too_low"]) await assert.rejects(auctions.bid(lot(), 2_000), { name });
  await auctions.bid(lot(), 2_000);
  const [first, second, third] = connection.sent.map(({ id }) => id);
  assert.equal(first, second);
  assert.notEqual(second, third);
  assert.match(first, /^bid_/);
});

test("one's own maximum is known from the answer, and that one was outbid from the lot", async () => {
  const auctions = new Auctions("shw_1", live([accepted]));
  await auctions.bid(lot(), 2_000);
  assert.equal(auctions.mine.value.get("lot_1").maximum_minor, 2_000);
  assert.equal(auctions.placeOf(lot({ leader_id: "acc_me" })), "leading");
  assert.equal(auctions.placeOf(lot({ leader_id: "acc_other" })), "outbid");
});
