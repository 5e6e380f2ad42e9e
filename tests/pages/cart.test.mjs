// The cart: what is put aside stays with the tab, never exceeds what one buyer may have, and is what the order is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cart } from "../../static/lib/cart.js";

/** A tab's storage. */
function storage() {
  /** @type {Map<string, string>} */ const kept = new Map();
  return { kept, getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ text) => void kept.set(key, text) };
}

const price = (/** @type {number} */ amount_minor) => ({ amount_minor, currency: "EUR" });

/** @param {string} sku @param {{ most?: number, sale?: any, cost?: number }} [more] @returns {any} */
const item = (sku, { most = 3, sale = null, cost = 1_990 } = {}) => ({
  offer: { sku, title: sku.toLowerCase(), label: "M", image_url: null, price: price(cost), per_buyer_max: most },
  sale,
});

test("a product that is added twice is one line, up to what one buyer may have", () => {
  const cart = new Cart("shw_1", storage());
  cart.add(item("MUG"), 1);
  cart.add(item("LAMP"), 1);
  cart.add(item("MUG"), 1);
  assert.deepEqual(cart.lines.value.map((line) => [line.sku, line.quantity]), [["MUG", 2], ["LAMP", 1]]);
  assert.equal(cart.units.value, 3);
  cart.add(item("MUG"), 5);
  assert.deepEqual(cart.lines.value.map((line) => line.quantity), [3, 1]);
});

test("the price of now is what counts, also for what was there before", () => {
  const cart = new Cart("shw_1", storage());
  cart.add(item("MUG"), 1);
  cart.add(item("MUG", { cost: 1_500 }), 1);
  assert.deepEqual(cart.wanted, [{ sku: "MUG", quantity: 2, unit_price: price(1_500) }]);
});

test("units of a flash sale are a line of their own and are bought as such", () => {
  const cart = new Cart("shw_1", storage());
  cart.add(item("MUG"), 1);
  cart.add(item("MUG", { sale: { sale_id: "sal_1" }, cost: 990 }), 2);
  assert.deepEqual(cart.wanted, [
    { sku: "MUG", quantity: 1, unit_price: price(1_990) },
    { sku: "MUG", quantity: 2, unit_price: price(990), sale_id: "sal_1" },
  ]);
});

test("a line is changed, and none of it takes it out", () => {
  const cart = new Cart("shw_1", storage());
  cart.add(item("MUG"), 1);
  cart.add(item("LAMP"), 1);
  cart.set(cart.lines.value[0], 3);
  assert.deepEqual(cart.lines.value.map((line) => line.quantity), [3, 1]);
  cart.set(cart.lines.value[0], 0);
  assert.deepEqual(cart.lines.value.map((line) => line.sku), ["LAMP"]);
  cart.clear();
  assert.deepEqual([cart.lines.value, cart.units.value], [[], 0]);
});

test("a tab that is loaded again has its cart, and each show its own", () => {
  const tab = storage();
  new Cart("shw_1", tab).add(item("MUG"), 2);
  assert.deepEqual(new Cart("shw_1", tab).wanted, [{ sku: "MUG", quantity: 2, unit_price: price(1_990) }]);
  assert.deepEqual(new Cart("shw_2", tab).lines.value, []);
});

test("what cannot be read is an empty cart", () => {
  for (const text of ["{", "null", "5", '{"sku":"MUG"}']) {
    const tab = storage();
    tab.setItem("efir.cart.shw_1", text);
    assert.deepEqual(new Cart("shw_1", tab).lines.value, [], text);
  }
});

test("a cart is full at as many lines as an order takes", () => {
  const cart = new Cart("shw_1", storage());
  for (let number = 1; number < 20; number += 1) cart.add(item(`SKU-${number}`), 1);
  assert.equal(cart.full, false);
  cart.add(item("SKU-20"), 1);
  assert.equal(cart.full, true);
});
