// @ts-check
// What somebody has put aside in a show before paying for all of it at once. It stays with the tab; nothing is held for it.

import { computed, signal } from "@preact/signals-core";
import { Bill } from "./bill.js";
import { forTab } from "./kept.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { Money, NewLine } from "../../schemas/generated/messages"
 * @import { Item } from "./offers.js"
 * @typedef {{ sku: string, title: string, label: string, image_url: string | null, quantity: number, unit_price: Money, sale_id: string | null, most: number }} CartLine
 */

/** As schemas/http/orders.py LINES_MAX. */
const LINES_MAX = 20;

export class Cart {
  /** @type {Signal<CartLine[]>} */ lines = signal([]);
  units = computed(() => this.lines.value.reduce((sum, line) => sum + line.quantity, 0));
  #key;
  #storage;

  /** @param {string} showId @param {Pick<Storage, "getItem" | "setItem">} [storage] */
  constructor(showId, storage = forTab) {
    this.#key = `efir.cart.${showId}`;
    this.#storage = storage;
    this.bill = new Bill(showId);
    /** Of one product that is bought past the cart. */ this.single = new Bill(showId);
    this.lines.value = read(storage.getItem(this.#key));
  }

  get full() {
    return this.lines.value.length >= LINES_MAX;
  }

  /** What an order is told. @returns {NewLine[]} */
  get wanted() {
    return this.lines.value.map(({ sku, quantity, unit_price, sale_id }) => ({ sku, quantity, unit_price, ...(sale_id && { sale_id }) }));
  }

  /** @param {Item} item @param {number} quantity */
  add(item, quantity) {
    const { sku, title, label, image_url, price, per_buyer_max } = item.offer;
    const sale_id = item.sale?.sale_id ?? null;
    const known = this.lines.value.find((line) => line.sku === sku && line.sale_id === sale_id);
    const line = { sku, title, label, image_url, unit_price: price, sale_id, most: per_buyer_max, quantity: Math.min(per_buyer_max, quantity + (known?.quantity ?? 0)) };
    this.#keep(known ? this.lines.value.map((each) => (each === known ? line : each)) : [...this.lines.value, line]);
  }

  /** @param {CartLine} line @param {number} quantity 0 takes it out */
  set(line, quantity) {
    this.#keep(this.lines.value.flatMap((each) => (each !== line ? [each] : quantity > 0 ? [{ ...each, quantity }] : [])));
  }

  clear() {
    this.#keep([]);
  }

  /** @param {CartLine[]} lines */
  #keep(lines) {
    this.lines.value = lines;
    this.#storage.setItem(this.#key, JSON.stringify(lines));
  }
}

/** @param {string | null} text @returns {CartLine[]} */
function read(text) {
  try {
    const lines = JSON.parse(text ?? "[]");
    return Array.isArray(lines) ? lines : [];
  } catch {
    return [];
  }
}
