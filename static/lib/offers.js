// @ts-check
// What a show sells and how much of it is left, put together from the show's state, the stock channel and, when a product appears
// that neither has described yet, one question to the catalogue.

import { computed, effect, signal } from "@preact/signals-core";
import { api } from "./api.js";
import { asApiError } from "./errors.js";

/**
 * @import { ReadonlySignal, Signal } from "@preact/signals-core"
 * @import { Money, OfferView, PoolView, ShowState, StockState, WaitView } from "../../schemas/generated/messages"
 * @typedef {{ offer: OfferView, pool: PoolView | null, pinned: boolean, sale?: { sale_id: string, normal: Money }, turn?: WaitView }} Item
 *   `pool` is null until the stock is known; `sale` at the price of a flash sale, `turn` when units are kept for whoever stood in line
 */

/**
 * Items of a show, the pinned ones first. @param {string} showId
 * @param {Signal<ShowState | null>} show @param {Signal<StockState | null>} stock @returns {ReadonlySignal<Item[]>}
 */
export function itemsOf(showId, show, stock) {
  /** @type {Signal<OfferView[]>} */
  const fetched = signal([]);
  /** SKUs that were asked for already, so that an unknown one does not ask for ever. @type {Set<string>} */
  const asked = new Set();
  const offers = computed(() => new Map([...fetched.value, ...(show.value?.offers ?? [])].map((offer) => [offer.sku, offer])));

  effect(() => {
    const unknown = (stock.value?.pools ?? []).filter((pool) => !offers.value.has(pool.sku) && !asked.has(pool.sku));
    if (unknown.length === 0) return;
    for (const pool of unknown) asked.add(pool.sku);
    api.offers(showId).then((view) => (fetched.value = view.offers), (error) => {
      asApiError(error);
      for (const pool of unknown) asked.delete(pool.sku);
    });
  });

  return computed(() => {
    const pools = new Map((stock.value?.pools ?? []).map((pool) => [pool.sku, pool]));
    const pinned = show.value?.pinned ?? [];
    const items = [...offers.value.values()].map((offer) => ({
      offer,
      pool: pools.get(offer.sku) ?? null,
      pinned: pinned.includes(offer.sku),
    }));
    return items.sort((a, b) => pinned.indexOf(b.offer.sku) - pinned.indexOf(a.offer.sku));
  });
}

/** How an item stands: `held` means that other buyers are paying for the last units. @param {Item} item */
export function availability({ pool }) {
  if (!pool) return "unknown";
  if (pool.available > 0) return "available";
  return pool.held > 0 ? "held" : "sold_out";
}
