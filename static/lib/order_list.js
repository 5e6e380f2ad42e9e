// @ts-check
// A host's orders: those of one show that a filter lets through, newest first, page by page.

import { signal } from "@preact/signals-core";
import { asApiError } from "./errors.js";
import { ordersApi } from "./orders_api.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { OrderView, ShowListView, ShowView } from "../../schemas/generated/messages"
 * @import { ApiError } from "./errors.js"
 * @typedef {{ shows: () => Promise<ShowListView>, ofShow: typeof ordersApi.ofShow }} Api
 */

/** As server/modules/orders/store.py. @type {readonly string[]} */
export const FILTERS = Object.freeze(["all", "unpaid", "to_send", "sent", "returns", "refunded", "disputed", "cancelled"]);

/** Newest first, what is on air before everything. @param {ShowView} show */
const timeOf = (show) => (show.state === "live" ? Infinity : (show.started_at_ms ?? show.scheduled_at_ms));

export class OrderList {
  /** The host's shows. @type {Signal<ShowView[] | null>} null: not known yet */ shows = signal(null);
  /** @type {Signal<string>} */ showId = signal("");
  /** @type {Signal<string>} */ filter = signal("all");
  /** @type {Signal<OrderView[] | null>} null: not known yet */ orders = signal(null);
  /** What the next page is older than. @type {Signal<string | null>} */ next = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);
  #api;
  /** The answer that is waited for; earlier ones are old news. */ #asked = 0;
  /** What failed last. @type {() => Promise<void>} */ #again = async () => {};

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  /** Which shows there are, then the orders of one. @param {string} hostId @param {{ show?: string | null, filter?: string | null }} wanted */
  async open(hostId, { show = null, filter = null } = {}) {
    if (filter && FILTERS.includes(filter)) this.filter.value = filter;
    await this.#attempt(async (current) => {
      const { shows } = await this.#api.shows();
      if (!current()) return;
      const own = shows.filter((each) => each.host_id === hostId).sort((a, b) => timeOf(b) - timeOf(a));
      this.shows.value = own;
      // An old show may have left the list; its orders can be read all the same.
      this.showId.value = show || this.showId.value || own[0]?.show_id || "";
    }, () => this.open(hostId, { show, filter: this.filter.value }));
    if (this.showId.value && !this.problem.value) await this.#load(null);
  }

  /** @param {string} showId */
  async chooseShow(showId) {
    this.showId.value = showId;
    await this.#load(null);
  }

  /** @param {string} filter */
  async chooseFilter(filter) {
    this.filter.value = filter;
    await this.#load(null);
  }

  async more() {
    if (this.next.value && !this.busy.value) await this.#load(this.next.value);
  }

  /** Does again what failed. */
  async retry() {
    await this.#again();
  }

  /** @param {string | null} before */
  async #load(before) {
    // What belongs to another choice is not shown under this one.
    if (!before) this.orders.value = this.next.value = null;
    await this.#attempt(async (current) => {
      const view = await this.#api.ofShow(this.showId.value, this.filter.value, before ?? undefined);
      if (!current()) return;
      this.orders.value = [...(before ? (this.orders.value ?? []) : []), ...view.orders];
      this.next.value = view.next;
    }, () => this.#load(before));
  }

  /** @param {(current: () => boolean) => Promise<void>} step @param {() => Promise<void>} again the whole of it, when it fails */
  async #attempt(step, again) {
    const number = (this.#asked += 1);
    const current = () => number === this.#asked;
    this.busy.value = true;
    this.problem.value = null;
    try {
      await step(current);
    } catch (error) {
      if (!current()) return;
      this.problem.value = asApiError(error);
      this.#again = again;
    } finally {
      if (current()) this.busy.value = false;
    }
  }
}
