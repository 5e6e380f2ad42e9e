// @ts-check
// Everything that the studio knows and does for one show, without drawing.

import { computed, effect, signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { Broadcast } from "../lib/broadcast.js";
import { asApiError } from "../lib/errors.js";
import { ModerationDesk } from "../lib/moderation_desk.js";
import { itemsOf } from "../lib/offers.js";
import { Questions } from "../lib/questions.js";
import { freshId } from "../lib/store.js";
import { Talk } from "../lib/talk.js";
import { GuestDesk } from "./guest_desk.js";
import { Run } from "./run.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { FlashSalesState, GiveawaysState, IngestView, PollsState, ProductView, ShowState } from "../../schemas/generated/messages"
 * @import { Live } from "../lib/store.js"
 * @typedef {"run" | "chat" | "flash" | "auctions" | "giveaways" | "polls" | "coupons" | "guests" | "orders" | "stock" | "moderation" | "links"} DeskId
 */

export class Room {
  /** @type {Signal<ShowState | null>} */ state = signal(null);
  /** @type {Signal<ProductView[] | null>} */ products = signal(null);
  /** @type {Signal<IngestView | null>} */ ingest = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  /** The desk in front. @type {Signal<DeskId>} */ desk = signal(/** @type {DeskId} */ ("run"));
  /** Whether the check of the devices is open. @type {Signal<boolean>} */ checking = signal(false);
  /** A product on its way to a desk's form. @type {Signal<{ desk: DeskId, sku: string } | null>} */ draft = signal(null);

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    this.live = live;
    this.talk = new Talk(showId, live);
    this.questions = new Questions(showId, live);
    this.moderation = new ModerationDesk(showId, live);
    /** With all counts, whatever viewers see. @type {Signal<PollsState | null>} */ this.polls = live.channel(`poll_desk:${showId}`).state;
    this.presence = live.channel(`presence:${showId}`);
    this.stock = live.channel(`stock:${showId}`);
    /** @type {Signal<FlashSalesState | null>} */ this.flashSales = live.channel(`flash_sales:${showId}`).state;
    /** @type {Signal<GiveawaysState | null>} */ this.giveaways = live.channel(`giveaways:${showId}`).state;
    this.sales = live.channel(`sales:${showId}`);
    this.items = itemsOf(showId, this.state, this.stock.state);
    this.run = new Run(showId, live, this.items);
    this.broadcast = new Broadcast(`/whip/${showId}`);
    this.guests = new GuestDesk(showId, live, this.broadcast);
    this.show = computed(() => this.state.value?.show ?? null);
    const channel = live.channel(`show:${showId}`);
    effect(() => this.#take(channel.state.value));
  }

  async load() {
    await this.#attempt(async () => {
      this.#take(await api.show(this.showId));
      await this.loadProducts();
      this.ingest.value = await api.ingest(this.showId);
      await this.talk.learnStanding();
    });
  }

  async loadProducts() {
    this.products.value = (await api.products()).products;
  }

  /** The picture first, then the show: nobody is invited to a black screen. */
  async goLive() {
    await this.#attempt(async () => {
      if (await this.broadcast.publish()) this.#take(await api.startShow(this.showId));
    });
  }

  /** The picture comes from OBS. */
  async goLiveWithoutCamera() {
    await this.#attempt(async () => this.#take(await api.startShow(this.showId)));
  }

  async end() {
    await this.#attempt(async () => {
      this.#take(await api.endShow(this.showId));
      this.broadcast.stop();
    });
  }

  /** @param {string} sku @param {boolean} pinned */
  async setPinned(sku, pinned) {
    await this.#attempt(async () => this.#take(await (pinned ? api.pin : api.unpin)(this.showId, sku)));
  }

  /** Pins the product of the current step, or takes its pin away. */
  async togglePin() {
    const item = this.run.rows.value.find(({ id }) => id === this.run.currentId.value)?.item;
    if (item && !this.busy.value) await this.setPinned(item.offer.sku, !item.pinned);
  }

  /** Opens the form of a desk for a product. @param {DeskId} desk @param {string} sku */
  begin(desk, sku) {
    this.draft.value = { desk, sku };
    this.desk.value = desk;
  }

  /** @param {string} sku @param {number} quantity */
  async fund(sku, quantity) {
    await api.fundPool({ move_id: freshId("mov"), show_id: this.showId, sku, quantity });
    await this.loadProducts();
  }

  /** The device is in another network. */
  networkChanged() {
    this.broadcast.networkChanged();
    this.guests.watch.networkChanged();
  }

  /** The page goes. */
  leave() {
    this.broadcast.stop();
    this.guests.stop();
  }

  /** @param {() => Promise<void>} step */
  async #attempt(step) {
    this.busy.value = true;
    this.problem.value = null;
    try {
      await step();
    } catch (error) {
      this.problem.value = asApiError(error);
    }
    this.busy.value = false;
  }

  /** @param {ShowState | null} next */
  #take(next) {
    const known = this.state.peek();
    if (next && (!known || next.version >= known.version)) this.state.value = next;
  }
}
