// Saved cards: one press is one card, also when the answer is lost; what the server says is what is shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../static/lib/cards.js";
import { offline } from "../../static/lib/errors.js";

/** @param {Partial<Record<string, Function>>} overrides */
function desk(overrides = {}) {
  /** @type {any[]} */ const sent = [];
  let ids = 0;
  const kept = { card_id: "crd_1", state: "ready", is_default: true, label: "Visa" };
  const api = {
    cards: async () => ({ cards: [kept] }),
    saveCard: async (/** @type {any} */ body) => (sent.push(body), { ...kept, card_id: body.card_id }),
    checkCard: async () => ({ ...kept }),
    makeDefault: async () => ({ cards: [] }),
    removeCard: async () => ({ cards: [] }),
    ...overrides,
  };
  const cards = new Cards({ freshId: (prefix) => `${prefix}_${++ids}`, api: /** @type {any} */ (api) });
  return { cards, sent };
}

test("a card is saved, and the list says which one pays by itself", async () => {
  const { cards, sent } = desk();
  const saved = await cards.save({ provider: "sandbox", method: "tok_visa" }, "/cards/");
  assert.equal(saved?.state, "ready");
  assert.deepEqual(sent, [{ card_id: "crd_1", method: "tok_visa", provider: "sandbox", return_path: "/cards/" }]);
  assert.equal(cards.usual?.card_id, "crd_1");
});

test("a press after a lost answer repeats the first one; after a refusal it is a new card", async () => {
  /** @type {string[]} */ const ids = [];
  const answers = [offline(), Object.assign(offline(), { temporary: false }), null];
  const { cards } = desk({
    saveCard: async (/** @type {any} */ body) => {
      ids.push(body.card_id);
      const error = answers.shift();
      if (error) throw error;
      return { card_id: body.card_id, state: "ready" };
    },
  });
  for (const failed of [true, true, false]) {
    await cards.save({ provider: "sandbox", method: "tok_visa" }, "/");
    assert.equal(cards.error.value !== null, failed);
  }
  assert.deepEqual(ids, ["crd_1", "crd_1", "crd_2"]);
});

test("a card whose bank asks keeps its id until it is ready", async () => {
  /** @type {string[]} */ const ids = [];
  const states = ["requires_action", "ready", "ready"];
  const { cards } = desk({ saveCard: async (/** @type {any} */ body) => (ids.push(body.card_id), { card_id: body.card_id, state: states.shift() }) });
  for (let press = 0; press < 3; press += 1) await cards.save({ provider: "sandbox", method: "tok_3ds" }, "/");
  assert.deepEqual(ids, ["crd_1", "crd_1", "crd_2"]);
});

test("two presses at once are one", async () => {
  const { cards, sent } = desk();
  await Promise.all([cards.save({ provider: "sandbox", method: "tok_visa" }, "/"), cards.save({ provider: "sandbox", method: "tok_visa" }, "/")]);
  assert.equal(sent.length, 1);
});

test("a card that waited for its bank is asked about when the list is read", async () => {
  /** @type {string[]} */ const checked = [];
  const lists = [[{ card_id: "crd_1", state: "requires_action" }], [{ card_id: "crd_1", state: "ready" }]];
  const { cards } = desk({ cards: async () => ({ cards: lists.shift() }), checkCard: async (/** @type {string} */ id) => checked.push(id) });
  await cards.load();
  assert.deepEqual(checked, ["crd_1"]);
  assert.equal(cards.list.value?.[0].state, "ready");
});
