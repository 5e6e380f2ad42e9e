// What one can pay with: the usual card comes first, a choice stays, and what is sent is what the server takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cards } from "../../static/lib/cards.js";
import { Wallet } from "../../static/lib/wallet.js";
import { offline } from "../../static/lib/errors.js";

const provider = (name, hosted_entry = true, keeps_cards = true) => ({ name, hosted_entry, keeps_cards });
const card = (card_id, is_default = false, state = "ready") => ({ card_id, is_default, state, label: card_id });

/** A shop with these providers and somebody with these cards. */
function a_wallet(providers, cards, toKeep = false) {
  const api = { cards: async () => ({ cards: typeof cards === "function" ? cards() : cards }) };
  const answer = async () => ({ providers: typeof providers === "function" ? providers() : providers });
  return new Wallet({ cards: new Cards({ freshId: (prefix) => `${prefix}_1`, api }), toKeep, api: { providers: answer } });
}

test("the usual card is chosen at first, and a card that waits for its bank is not offered", async () => {
  const wallet = a_wallet([provider("sandbox", false)], [card("crd_1"), card("crd_2", true), card("crd_3", false, "requires_action")]);
  assert.equal(wallet.way, null);
  await wallet.load();
  assert.deepEqual(wallet.options.value.map(({ key, kind }) => [key, kind]), [["crd_2", "saved"], ["crd_1", "saved"], ["sandbox", "test"]]);
  assert.deepEqual(wallet.way, { card_id: "crd_2" });
  assert.equal(wallet.mayKeep, false);
});

test("a choice stays when the list is read again, and falls back when its card is gone", async () => {
  let cards = [card("crd_1", true), card("crd_2")];
  const wallet = a_wallet([provider("stripe")], () => cards);
  await wallet.load();
  wallet.chosen.value = "crd_2";
  await wallet.load();
  assert.deepEqual(wallet.way, { card_id: "crd_2" });
  cards = [card("crd_1", true)];
  await wallet.load();
  assert.deepEqual(wallet.way, { card_id: "crd_1" });
});

test("a test card is paid with by its token, and any other provider asks on its own page", async () => {
  const wallet = a_wallet([provider("sandbox", false), provider("stripe"), provider("script", false)], []);
  await wallet.load();
  assert.deepEqual(wallet.way, { provider: "stripe" });
  wallet.chosen.value = "sandbox";
  assert.deepEqual(wallet.way, { provider: "sandbox", method: "tok_visa" });
  wallet.testCard.value = "tok_3ds";
  wallet.keep.value = true;
  assert.deepEqual(wallet.way, { provider: "sandbox", method: "tok_3ds", save_card: true });
  wallet.chosen.value = "stripe";
  assert.deepEqual(wallet.way, { provider: "stripe", save_card: true });
  assert.deepEqual(wallet.options.value.map(({ key }) => key), ["stripe", "sandbox"], "a provider that needs a script of its own is none for us");
});

test("a card is kept only where the provider can, and only when that was wished", async () => {
  const wallet = a_wallet([provider("stripe", true, false)], []);
  await wallet.load();
  wallet.keep.value = true;
  assert.equal(wallet.mayKeep, false);
  assert.deepEqual(wallet.way, { provider: "stripe" });
});

test("to keep a card there are only providers that can, and no saved cards", async () => {
  const wallet = a_wallet([provider("other", true, false), provider("stripe")], [card("crd_1", true)], true);
  await wallet.load();
  wallet.keep.value = true;
  assert.deepEqual(wallet.way, { provider: "stripe" });
  assert.equal(wallet.options.value.length, 1);
});

test("without the providers there is no way, and the next look helps", async () => {
  let down = true;
  const wallet = a_wallet(() => {
    if (down) throw offline();
    return [provider("stripe")];
  }, () => {
    throw offline();
  });
  await wallet.load();
  assert.equal(wallet.problem.value?.name, "offline");
  down = false;
  await wallet.load();
  assert.equal(wallet.problem.value, null);
  assert.deepEqual(wallet.way, { provider: "stripe" });
});
