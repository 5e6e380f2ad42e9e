// @ts-check
// Everything that the player page knows and does, without drawing: the show, the stock, the chat, the picture, the purchase.

import { computed, effect, signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { arrange } from "../lib/arrange.js";
import { Cards } from "../lib/cards.js";
import { Cart } from "../lib/cart.js";
import { Checkout } from "../lib/checkout.js";
import { asApiError } from "../lib/errors.js";
import { FlashSales } from "../lib/flash_sales.js";
import { Giveaways } from "../lib/giveaways.js";
import { itemsOf } from "../lib/offers.js";
import { orderStatus, settled } from "../lib/order_status.js";
import { Polls } from "../lib/polls.js";
import { Questions } from "../lib/questions.js";
import { KINDS } from "../lib/reducers.js";
import { Live, freshId } from "../lib/store.js";
import { Talk } from "../lib/talk.js";
import { Wallet } from "../lib/wallet.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { OrderView, ShowState } from "../../schemas/generated/messages"
 * @import { Stage } from "../lib/arrange.js"
 * @import { Hearts } from "./hearts.js"
 * @import { Picture } from "./picture.js"
 */

/** Remembers whose nickname was asked for already, so that nobody is asked twice. */
const NAMED = "efir.named";

export class ShowPage {
  /** @type {Signal<ShowState | null>} */ show = signal(null);
  /** Why there is no show to watch. @type {Signal<ApiError | null>} */ missing = signal(null);
  /** @type {Signal<OrderView[]>} */ orders = signal([]);
  /** There once the page is drawn. @type {Signal<Hearts | null>} */ hearts = signal(null);
  /** @type {Signal<import("../lib/auctions.js").Auctions | null>} */ auctions = signal(null);
  #recalled = false;
  /** @type {() => void} */ #hasEntered = () => undefined;
  /** Ends once it is known who watches, or that this cannot be known: a fast typist is asked for a name as well. @type {Promise<void>} */
  entered = new Promise((resolve) => (this.#hasEntered = resolve));

  /** @param {Picture} picture of the show, on its way already @param {string} origin */
  constructor(picture, origin) {
    const { showId } = picture;
    this.picture = picture;
    this.showId = showId;
    this.live = new Live(origin);
    this.talk = new Talk(showId, this.live);
    this.questions = new Questions(showId, this.live);
    this.polls = new Polls(showId, this.live);
    this.presence = this.live.channel(`presence:${showId}`);
    this.stock = this.live.channel(`stock:${showId}`);
    this.flashSales = new FlashSales(showId, this.live);
    this.giveaways = new Giveaways(showId, this.live);
    this.items = this.flashSales.dress(itemsOf(showId, this.show, this.stock.state));
    this.cart = new Cart(showId);
    const goTo = (/** @type {string} */ url) => location.assign(url);
    this.checkout = new Checkout({ channel: (name) => this.live.channel(name), freshId, returnPath: `/watch/${showId}`, goTo });
    this.wallet = new Wallet({ cards: new Cards({ freshId }) });
    // A server without guests has no such channel: then the host is alone.
    const stage = "stage" in KINDS ? this.live.channel(`stage:${showId}`).state : signal(/** @type {Stage | null} */ (null));
    this.arrangement = computed(() => arrange(stage.value, this.show.value?.show.host_name ?? ""));
    const channel = this.live.channel(`show:${showId}`);
    effect(() => this.#take(channel.state.value));
    effect(() => this.#follow());
    effect(() => this.#leaveWhenBlocked(this.talk.channel.refused.value));
    effect(() => this.#recallVotes());
  }

  /** @param {string} guestName @param {string} locale @param {() => Promise<void>} [signIn] before anybody counts as a guest */
  async start(guestName, locale, signIn) {
    const shown = api.show(this.showId).then((state) => this.#take(state));
    try {
      await signIn?.();
      // Both at once: whoever opens a player most likely finds a show there.
      await Promise.all([shown, this.live.enter(guestName, locale)]);
      this.#hasEntered();
      this.live.connect();
      await Promise.all([this.loadOrders(), this.talk.learnStanding(), this.#loadLater()]);
    } catch (error) {
      const refusal = asApiError(error);
      if (!this.show.value) this.missing.value = refusal;
    } finally {
      this.#hasEntered();
    }
  }

  /** The person's orders of this show; one that still waits for its payment is opened again. */
  async loadOrders() {
    this.orders.value = (await api.orders()).orders.filter((order) => order.show_id === this.showId);
    const open = this.orders.value.find((order) => !settled(orderStatus(order)));
    if (open && !this.checkout.order.value) this.checkout.follow(open);
  }

  /** Whether the viewer still has no name of their own. */
  get nameless() {
    const me = this.live.me.value;
    return me?.kind === "guest" && localStorage.getItem(NAMED) !== me.actor_id;
  }

  /** @param {string} name @param {string} locale */
  async takeName(name, locale) {
    await this.live.takeName(name, locale);
    localStorage.setItem(NAMED, this.live.me.value?.actor_id ?? "");
  }

  wake() {
    this.live.wake();
    this.picture.whep.retryNow();
  }

  /** @param {ShowState | null} next */
  #take(next) {
    if (next && next.version >= (this.show.peek()?.version ?? 0)) this.show.value = next;
  }

  async #loadLater() {
    this.hearts.value = new (await import("./hearts.js")).Hearts(this.showId, this.live);
    this.auctions.value = new (await import("../lib/auctions.js")).Auctions(this.showId, this.live);
  }

  /** The host does not want this person here: the picture ends as well. @param {ApiError | null} refused */
  #leaveWhenBlocked(refused) {
    if (refused?.name !== "blocked") return;
    this.missing.value = refused;
    this.picture.stop();
  }

  /** Votes that were cast before this page was loaded, once there is a poll and somebody to have cast them. */
  #recallVotes() {
    if (this.#recalled || !this.polls.state.value?.polls.length || !this.live.me.value) return;
    this.#recalled = true;
    // Without them the server still counts one vote each.
    this.polls.learnMine().catch(() => undefined);
  }

  /** The picture is wanted while the show is on; the server is asked again at once when the host returns. */
  #follow() {
    const show = this.show.value?.show;
    if (!show) return;
    const { whep, state } = this.picture;
    const { status } = state.peek();
    if (show.state === "live" && status === "stopped") whep.start();
    if (show.state !== "live" && status !== "stopped") this.picture.stop();
    whep.expect(show.on_air);
  }
}
