// A purchase: ids that survive a lost answer, news that overtakes an answer, and refusals that begin anew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "../../static/node_modules/@preact/signals-core/dist/signals-core.mjs";
import { Checkout } from "../../static/lib/checkout.js";
import { ApiError, offline } from "../../static/lib/errors.js";
import { orderStatus } from "../../static/lib/order_status.js";

const OFFER = { sku: "A", price: { amount_minor: 500, currency: "EUR" }, per_buyer_max: 3 };
const order = (version, state, payment, reason = null) => ({ order_id: "ord_1", version, state, payment, reason, lines: [] });

/** A server that answers what the test says, and remembers what it was asked. */
function rig(answers = {}) {
  const asked = [];
  const state = signal(null);
  let ids = 0;
  const answer = (name) => async (body) => {
    asked.push([name, body]);
    const queue = answers[name] ?? [];
    const next = queue.shift();
    if (next instanceof Error) throw next;
    return typeof next === "function" ? next() : (next ?? order(1, "placed", "none"));
  };
  const left = [];
  const checkout = new Checkout({
    returnPath: "/watch/shw_1",
    goTo: (url) => left.push(url),
    channel: () => ({ state, refused: signal(null), leave: () => undefined }),
    freshId: (prefix) => `${prefix}_${(ids += 1)}`,
    api: { placeOrder: answer("placeOrder"), pay: answer("pay"), cancelOrder: answer("cancelOrder"), checkPayment: answer("checkPayment"), abandonPayment: answer("abandonPayment") },
  });
  return { checkout, asked, state, left };
}

test("one press places the order and pays it", async () => {
  const { checkout, asked, state } = rig();
  await checkout.buy("shw_1", OFFER, 2, { provider: "sandbox", method: "tok_visa" });
  assert.deepEqual(asked.map(([name]) => name), ["placeOrder", "pay"]);
  assert.deepEqual(asked[0][1].lines, [{ sku: "A", quantity: 2, unit_price: OFFER.price }]);
  assert.equal(orderStatus(checkout.order.value), "pending");
  state.value = order(3, "confirmed", "captured");
  assert.equal(orderStatus(checkout.order.value), "paid");
});

test("after a lost answer the same order id is sent again", async () => {
  const { checkout, asked } = rig({ placeOrder: [offline()] });
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" });
  assert.equal(checkout.error.value.name, "offline");
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" });
  assert.equal(asked[1][1].order_id, asked[0][1].order_id);
});

test("after a lost answer the same payment id is sent again", async () => {
  const { checkout, asked } = rig({ pay: [offline()] });
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" });
  await checkout.payAgain({ provider: "sandbox", method: "tok_visa" });
  assert.equal(asked[2][1].payment_id, asked[1][1].payment_id);
});

test("another quantity after a lost answer is another order", async () => {
  const { checkout, asked } = rig({ placeOrder: [offline()] });
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" });
  await checkout.buy("shw_1", OFFER, 2, { provider: "sandbox", method: "tok_visa" });
  assert.notEqual(asked[1][1].order_id, asked[0][1].order_id);
});

test("after a refusal the next press is a new order", async () => {
  const { checkout, asked } = rig({ placeOrder: [new ApiError("sold_out")] });
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" });
  assert.equal(checkout.error.value.name, "sold_out");
  assert.equal(checkout.order.value, null);
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" });
  assert.notEqual(asked[1][1].order_id, asked[0][1].order_id);
});

test("a decline that overtakes the payment's answer is not forgotten", async () => {
  const { checkout, state } = rig({ pay: [() => (state.value = order(3, "placed", "failed"))] });
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_declined" });
  assert.equal(orderStatus(checkout.order.value), "declined");
});

test("after a decline the next payment has an id of its own", async () => {
  const { checkout, asked, state } = rig();
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_declined" });
  state.value = order(3, "placed", "failed");
  await checkout.payAgain({ provider: "sandbox", method: "tok_declined" });
  assert.notEqual(asked[2][1].payment_id, asked[1][1].payment_id);
});

test("old news does not bring an order back", async () => {
  const { checkout, state } = rig();
  await checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" });
  state.value = order(5, "confirmed", "captured");
  state.value = order(2, "placed", "in_progress");
  assert.equal(orderStatus(checkout.order.value), "paid");
});

test("two presses at once are one purchase", async () => {
  const { checkout, asked } = rig();
  await Promise.all([checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" }), checkout.buy("shw_1", OFFER, 1, { provider: "sandbox", method: "tok_visa" })]);
  assert.equal(asked.filter(([name]) => name === "placeOrder").length, 1);
});

test("every state of an order has one word", () => {
  const words = [
    [["placed", "none"], "held"], [["placed", "in_progress"], "pending"], [["placed", "failed"], "declined"], [["placed", "authorised"], "pending"],
    [["confirmed", "authorised"], "confirmed"], [["confirmed", "captured"], "paid"],
    [["cancelled", "none", "hold_expired"], "expired"], [["cancelled", "voided", "sold_out"], "gone"], [["cancelled", "none", "buyer"], "cancelled"],
  ];
  for (const [[state, payment, reason], word] of words) assert.equal(orderStatus({ state, payment, reason }), word);
});

test("who gives a card on the provider's page is taken there once, and only by their own press", async () => {
  const { checkout, asked, state, left } = rig();
  const waiting = { ...order(2, "placed", "in_progress"), action_url: "https://pay.example/1" };
  checkout.follow(order(1, "placed", "none"));
  state.value = waiting;
  assert.deepEqual(left, [], "an order that waits is only shown, however its payment began");
  state.value = order(3, "placed", "failed", "cancelled");
  await checkout.payAgain({ provider: "stripe", save_card: true });
  assert.deepEqual(asked.at(-1)[1], { payment_id: "pay_1", order_id: "ord_1", provider: "stripe", save_card: true, return_path: "/watch/shw_1" });
  state.value = { ...waiting, version: 5 };
  state.value = { ...waiting, version: 6 };
  assert.deepEqual(left, ["https://pay.example/1"]);
});

test("a bank that asks about a saved card does not take the viewer away from the show", async () => {
  const { checkout, state, left } = rig();
  await checkout.buy("shw_1", OFFER, 1, { card_id: "crd_1" });
  state.value = { ...order(2, "placed", "in_progress"), action_url: "https://bank.example/3ds" };
  assert.equal(orderStatus(checkout.order.value), "action");
  assert.deepEqual(left, []);
});

test("a buyer who comes back is asked about at once, and may pay another way", async () => {
  const { checkout, asked, state } = rig();
  checkout.follow({ ...order(2, "placed", "in_progress"), action_url: "https://pay.example/1" });
  await checkout.abandon();
  assert.deepEqual(asked, [["checkPayment", { order_id: "ord_1" }], ["abandonPayment", { order_id: "ord_1" }]]);
  state.value = order(3, "placed", "failed", "cancelled");
  assert.equal(orderStatus(checkout.order.value), "held", "nobody has declined anything");
});
