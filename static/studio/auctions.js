// @ts-check
// @css auctions.css
// What the studio knows and does about a show's auctions, without drawing. The list is asked for again when the channel of the lots says
// that something has changed; how the running lot stands comes from the ledger's channel.

import { computed, effect, signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { isRunning } from "../lib/auctions.js";
import { asApiError } from "../lib/errors.js";
import { freshId } from "../lib/store.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { AuctionState, LotsState, LotView, PrepareLot } from "../../schemas/generated/messages"
 * @import { Live } from "../lib/store.js"
 */

export class AuctionRoom {
  /** Null until they are known. @type {Signal<LotView[] | null>} */ list = signal(null);
  /** What the last press met, with the lot that it was about. @type {Signal<{ lotId: string, error: ApiError } | null>} */ problem = signal(null);
  /** @type {Signal<string | null>} */ busy = signal(null);
  #version = -1;

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    /** @type {Signal<AuctionState | null>} */ this.now = live.channel(`auctions:${showId}`).state;
    /** @type {Signal<LotsState | null>} */ this.lots = live.channel(`lots:${showId}`).state;
    this.running = computed(() => this.now.value?.lots.find(isRunning) ?? null);
    this.names = computed(() => new Map((this.lots.value?.names ?? []).map(({ actor_id, name }) => [actor_id, name])));
    effect(() => {
      const version = this.lots.value?.version ?? -1;
      if (version > this.#version) {
        this.#version = version;
        this.load();
      }
    });
  }

  async load() {
    try {
      this.list.value = (await api.lotsOf(this.showId)).lots;
    } catch (error) {
      asApiError(error); // the next change asks again
    }
  }

  /** @param {PrepareLot} body */
  async prepare(body) {
    await api.prepareLot(body);
    await this.load();
  }

  /** @param {LotView} lot @param {number} startsInMs */
  start = (lot, startsInMs) => this.#attempt(lot, () => api.startLot(lot.lot_id, startsInMs));
  /** @param {LotView} lot @param {"withdraw" | "offer" | "give-up"} action */
  move = (lot, action) => this.#attempt(lot, () => api.moveLot(lot.lot_id, action));
  /** @param {LotView} lot @param {string} reason */
  takeBack = (lot, reason) => this.#attempt(lot, () => api.takeLotBack(lot.lot_id, { command_id: freshId("cmd"), reason }));
  /** @param {LotView} lot */
  rerun = (lot) => this.#attempt(lot, () => api.rerunLot(lot.lot_id, freshId("lot")));

  /** @param {LotView} lot @param {() => Promise<unknown>} step */
  async #attempt(lot, step) {
    if (this.busy.value) return;
    this.busy.value = lot.lot_id;
    this.problem.value = null;
    try {
      await step();
      await this.load();
    } catch (error) {
      this.problem.value = { lotId: lot.lot_id, error: asApiError(error) };
    }
    this.busy.value = null;
  }
}
