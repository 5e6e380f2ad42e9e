// @ts-check
// The flash sales of a show as one viewer has them, without drawing: what is announced, what is on, what is left, and one's own
// places in the lines of those who wait.

import { computed, effect, signal } from "@preact/signals-core";
import { salesApi } from "./sales_api.js";
import { clock, freshId } from "./store.js";

/**
 * @import { ReadonlySignal, Signal } from "@preact/signals-core"
 * @import { FlashSalesState, FlashSaleView, SaleItemView, WaitView } from "../../schemas/generated/messages"
 * @import { Inbox } from "./inbox.js"
 * @import { Item } from "./offers.js"
 * @import { Live } from "./store.js"
 */

/** A place in line is looked up this often: those ahead leave without anybody saying so. */
const LOOK_MS = 20_000;

/** Longest wait of a browser's timer that is worth anything; it looks again then. */
const TIMER_MS_MAX = 60_000;

/** @param {FlashSaleView} sale @param {number} nowMs @returns {"announced" | "on" | "over"} */
export const phaseOf = (sale, nowMs) => (nowMs < sale.starts_at_ms ? "announced" : nowMs < sale.ends_at_ms ? "on" : "over");

/** Units that can be bought at the sale's price: the show's pool may have less. @param {SaleItemView} offer @param {Item | undefined} item */
export const leftOf = (offer, item) => Math.min(offer.available, item?.pool?.available ?? offer.available);

/**
 * An item at the price of a flash sale that is on, or at one's turn.
 * @param {Item} item @param {FlashSaleView[]} sales that are known, over or not @param {WaitView | undefined} turn @param {number} nowMs
 * @returns {Item}
 */
export function dressed(item, sales, turn, nowMs) {
  const { offer, pool } = item;
  const has = (/** @type {FlashSaleView} */ each) => each.items.find(({ sku }) => sku === offer.sku);
  const sale = turn ? sales.find((each) => each.sale_id === turn.sale_id) : sales.find((each) => phaseOf(each, nowMs) === "on" && has(each));
  const cheaper = sale && has(sale);
  const held = turn && pool && { ...pool, available: turn.quantity };
  if (!sale || !cheaper) return turn ? { ...item, turn, pool: held ?? pool } : item;
  const units = pool && { ...pool, available: leftOf(cheaper, item) };
  // Sold out at this price: what the show sells at its own price is still for sale.
  if (!turn && units && units.available === 0 && pool.available > 0 && offer.listed) return item;
  const terms = { ...offer, price: cheaper.price, per_buyer_max: Math.min(offer.per_buyer_max, cheaper.per_buyer_max) };
  return { ...item, offer: terms, pool: held ?? units, sale: { sale_id: sale.sale_id, normal: offer.price }, turn };
}

export class FlashSales {
  /** @type {Signal<WaitView[]>} */ waits = signal([]);
  /** The server's time at the last moment that changed anything. */ #now = signal(clock.serverNowMs());
  /** Sales that were seen: one's turn in a sale lasts longer than the sale. @type {Map<string, FlashSaleView>} */ #seen = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #learned = false;

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    this.live = live;
    /** @type {Signal<FlashSalesState | null>} */ this.state = live.channel(`flash_sales:${showId}`).state;
    this.sales = computed(() => (this.state.value?.sales ?? []).filter((sale) => phaseOf(sale, this.#now.value) !== "over"));
    this.turns = computed(() => this.waits.value.filter((wait) => wait.state === "served" && wait.expires_at_ms > this.#now.value));
    effect(() => this.#wakeAtTheNextMoment());
    effect(() => {
      if (this.live.me.value && !this.#learned) {
        this.#learned = true;
        this.learn().catch(() => (this.#learned = false));
      }
    });
  }

  /** Items with the prices of now. @param {ReadonlySignal<Item[]>} items @returns {ReadonlySignal<Item[]>} */
  dress(items) {
    return computed(() => {
      for (const sale of this.state.value?.sales ?? []) this.#seen.set(sale.sale_id, sale);
      const [nowMs, turns] = [this.#now.value, this.turns.value];
      return items.value.map((item) => dressed(item, [...this.#seen.values()], turns.find((turn) => turn.sku === item.offer.sku), nowMs));
    });
  }

  /** The place in line for a product, in this sale or at its own price. @param {string} sku @param {string | null} saleId */
  waitFor(sku, saleId) {
    return this.waits.value.find((wait) => wait.sku === sku && wait.sale_id === saleId && wait.state === "waiting") ?? null;
  }

  /** @param {string} sku @param {string | null} saleId */
  async join(sku, saleId) {
    this.#put(await salesApi.join({ wait_id: freshId("wai"), show_id: this.showId, sku, sale_id: saleId }));
  }

  /** @param {WaitView} wait */
  async leave(wait) {
    this.#put(await salesApi.leave(wait.wait_id));
  }

  /** An order was placed on what one's turn brought. @param {string} waitId */
  taken(waitId) {
    if (this.waits.peek().some((wait) => wait.wait_id === waitId)) this.waits.value = this.waits.peek().filter((wait) => wait.wait_id !== waitId);
  }

  /** What the server knows of one's places, for example after a reload. */
  async learn() {
    this.waits.value = (await salesApi.waits(this.showId)).waits;
  }

  /** It may be somebody's turn: the inbox hears of it at once. @param {Inbox} inbox */
  hear(inbox) {
    effect(() => {
      const ids = new Set(inbox.state.value.notifications.flatMap((each) => (each.kind === "your_turn" ? [each.params.wait_id] : [])));
      if (this.waits.value.some((wait) => wait.state === "waiting" && ids.has(wait.wait_id))) this.learn().catch(() => undefined);
    });
  }

  /** @param {WaitView} next */
  #put(next) {
    const rest = this.waits.value.filter((wait) => wait.wait_id !== next.wait_id);
    this.waits.value = next.state === "left" ? rest : [next, ...rest];
  }

  #wakeAtTheNextMoment() {
    const sales = this.state.value?.sales ?? [];
    const waits = this.waits.value;
    const now = clock.serverNowMs();
    this.#now.value = now;
    const moments = [...sales.flatMap((sale) => [sale.starts_at_ms, sale.ends_at_ms]), ...waits.map((wait) => wait.expires_at_ms)].filter((at) => at > now);
    const waiting = waits.some((wait) => wait.state === "waiting");
    clearTimeout(this.#timer);
    if (moments.length === 0 && !waiting) return;
    const restMs = Math.min(...moments.map((at) => at - now + 50), waiting ? LOOK_MS : TIMER_MS_MAX);
    this.#timer = setTimeout(() => {
      this.#wakeAtTheNextMoment();
      if (waiting) this.learn().catch(() => undefined);
    }, restMs);
  }
}
