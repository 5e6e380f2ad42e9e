// What a product costs in a flash sale, when, and how many there are at this price.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dressed, leftOf, phaseOf } from "../../static/lib/flash_sales.js";

const eur = (amount_minor) => ({ amount_minor, currency: "EUR" });
const offer = { sku: "A", title: "Mug", price: eur(2000), per_buyer_max: 5, listed: true };
const item = (pool = { sku: "A", available: 9, held: 0, sold: 0 }, more = {}) => ({ offer: { ...offer, ...more }, pool, pinned: false });
const units = (more = {}) => ({ sku: "A", price: eur(999), quantity_max: 4, per_buyer_max: 2, available: 4, held: 0, sold: 0, ...more });
const sale = (more = {}) => ({ sale_id: "sal_1", items: [units(more)], starts_at_ms: 1000, ends_at_ms: 2000 });
const turn = { wait_id: "wai_1", sku: "A", sale_id: "sal_1", quantity: 1, state: "served", place: 0, expires_at_ms: 5000 };

test("a sale is announced, on and over by the server's clock", () => {
  assert.deepEqual([999, 1000, 1999, 2000].map((at) => phaseOf(sale(), at)), ["announced", "on", "on", "over"]);
});

test("a product has the flash price while the sale is on, and neither before nor after", () => {
  assert.equal(dressed(item(), [sale()], undefined, 999).offer.price.amount_minor, 2000);
  assert.equal(dressed(item(), [sale()], undefined, 2000).sale, undefined);
  const on = dressed(item(), [sale()], undefined, 1500);
  assert.deepEqual([on.offer.price, on.sale, on.offer.per_buyer_max, on.pool.available], [eur(999), { sale_id: "sal_1", normal: eur(2000) }, 2, 4]);
});

test("stock that is sold elsewhere counts", () => {
  assert.equal(leftOf(units(), item({ sku: "A", available: 1, held: 0, sold: 8 })), 1);
  assert.equal(leftOf(units(), undefined), 4);
  assert.equal(dressed(item({ sku: "A", available: 1, held: 0, sold: 8 }), [sale()], undefined, 1500).pool.available, 1);
});

test("sold out at the flash price the product costs what it always did, unless it is sold only in the sale", () => {
  const gone = sale({ available: 0, sold: 4 });
  assert.equal(dressed(item(), [gone], undefined, 1500).offer.price.amount_minor, 2000);
  const hidden = dressed(item(undefined, { listed: false }), [gone], undefined, 1500);
  assert.deepEqual([hidden.offer.price.amount_minor, hidden.pool.available], [999, 0]);
});

test("at one's turn the units are there, at the price of the sale even when that is over", () => {
  const empty = item({ sku: "A", available: 0, held: 9, sold: 0 });
  const mine = dressed(empty, [sale({ available: 0, held: 4 })], turn, 4000);
  assert.deepEqual([mine.pool.available, mine.offer.price.amount_minor, mine.turn.wait_id], [1, 999, "wai_1"]);
  const plain = dressed(empty, [], { ...turn, sale_id: null }, 4000);
  assert.deepEqual([plain.pool.available, plain.offer.price.amount_minor], [1, 2000]);
});
