// @ts-check
// A show's run as the studio has it, without drawing: the rows, a new order that is shown at once, and going on.

import { computed, effect, signal } from "@preact/signals";
import { asApiError } from "../lib/errors.js";
import { runApi } from "../lib/run_api.js";
import { nextOf, rowsOf, stepsOf } from "../lib/run_of_show.js";

/**
 * @import { ReadonlySignal, Signal } from "@preact/signals"
 * @import { RunOfShowState } from "../../schemas/generated/messages"
 * @import { ApiError } from "../lib/errors.js"
 * @import { Item } from "../lib/offers.js"
 * @import { Row, Step } from "../lib/run_of_show.js"
 * @import { Live } from "../lib/store.js"
 */

export class Run {
  /** @type {Signal<RunOfShowState | null>} */ state = signal(null);
  /** What the host has just put in order and the server has not confirmed. @type {Signal<Step[] | null>} */ wished = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  /** @type {Promise<void> | null} */ #sending = null;

  /** @param {string} showId @param {Live} live @param {ReadonlySignal<Item[]>} items */
  constructor(showId, live, items) {
    this.showId = showId;
    const channel = live.channel(`run_of_show:${showId}`);
    effect(() => this.#take(channel.state.value));
    this.rows = computed(() => rowsOf(this.wished.value ?? this.state.value?.items ?? [], items.value));
    this.currentId = computed(() => this.state.value?.current_id ?? null);
    this.next = computed(() => nextOf(this.rows.value, this.currentId.value));
  }

  /** Puts the rows in this order. Orders that come while one is under way wait, and only the last of them is sent. @param {Row[]} rows */
  put(rows) {
    this.problem.value = null;
    this.wished.value = stepsOf(rows);
    this.#sending ??= this.#send().finally(() => (this.#sending = null));
    return this.#sending;
  }

  /** Goes on to a row: its product is pinned, the one before is not any more. @param {string} id */
  async goTo(id) {
    if (this.busy.value) return;
    this.busy.value = true;
    this.problem.value = null;
    try {
      await this.#sending; // what the host sees is what the server knows
      this.#take(await runApi.goTo(this.showId, { item_id: id }));
    } catch (error) {
      this.problem.value = asApiError(error);
    }
    this.busy.value = false;
  }

  async #send() {
    let version = this.state.value?.version ?? 0;
    for (let items = this.wished.value; items; items = this.wished.value) {
      try {
        const after = await runApi.set(this.showId, { version, items });
        this.#take(after);
        version = after.version;
        if (this.wished.value === items) this.wished.value = null;
      } catch (error) {
        this.problem.value = asApiError(error);
        this.wished.value = null; // as it is on the server, which the channel tells anew
        await runApi.get(this.showId).then((state) => this.#take(state), asApiError);
      }
    }
  }

  /** @param {RunOfShowState | null} next */
  #take(next) {
    const known = this.state.peek();
    if (next && (!known || next.version >= known.version)) this.state.value = next;
  }
}
