// @ts-check
// What is sold, played and asked in a show. It is there once the page is drawn: the picture, the chat and the pinned products come first.

import { computed, effect, signal } from "@preact/signals";
import { goTo } from "../components/outside.js";
import { api } from "../lib/api.js";
import { Auctions } from "../lib/auctions.js";
import { Cards } from "../lib/cards.js";
import { Cart } from "../lib/cart.js";
import { Checkout } from "../lib/checkout.js";
import { embedded, wayBack } from "../lib/embedded.js";
import { FlashSales } from "../lib/flash_sales.js";
import { Giveaways } from "../lib/giveaways.js";
import { orderStatus, settled } from "../lib/order_status.js";
import { Polls } from "../lib/polls.js";
import { Questions } from "../lib/questions.js";
import { freshId } from "../lib/store.js";
import { Wallet } from "../lib/wallet.js";
import { feelPurchases } from "./felt.js";
import { Hearts } from "./hearts.js";

/**
 * @import { ReadonlySignal, Signal } from "@preact/signals"
 * @import { OrderView } from "../../schemas/generated/messages"
 * @import { Inbox } from "../lib/inbox.js"
 * @import { Item } from "../lib/offers.js"
 * @import { Live } from "../lib/store.js"
 */

export class Market {
  /** The person's orders of this show. @type {Signal<OrderView[]>} */ orders = signal([]);
  #recalled = false;

  /** @param {string} showId @param {Live} live @param {ReadonlySignal<Item[]>} offered */
  constructor(showId, live, offered) {
    this.showId = showId;
    this.live = live;
    this.questions = new Questions(showId, live);
    this.polls = new Polls(showId, live);
    this.hearts = new Hearts(showId, live);
    this.auctions = new Auctions(showId, live);
    this.flashSales = new FlashSales(showId, live);
    this.giveaways = new Giveaways(showId, live);
    this.items = this.flashSales.dress(offered);
    this.cart = new Cart(showId);
    const placed = (/** @type {OrderView} */ { order_id, show_id }) => embedded?.tell("order", { order_id, show_id });
    this.checkout = new Checkout({ channel: (name) => live.channel(name), freshId, returnPath: wayBack(`/watch/${showId}`), goTo, placed });
    this.wallet = new Wallet({ cards: new Cards({ freshId }) }).payFor(showId);
    /** The order whose payment is not settled: after a reload, or when its sheet was closed too early. */
    this.open = computed(() => {
      const order = this.checkout.order.value;
      return order && !settled(orderStatus(order)) ? order : null;
    });
    this.checkout.order.subscribe((order) => this.flashSales.taken(order?.hold_id ?? ""));
    feelPurchases(this.checkout);
    effect(() => this.#recallVotes());
  }

  /** The inbox tells of one's turn. @param {Inbox} inbox */
  hear(inbox) {
    this.flashSales.hear(inbox);
  }

  /** The person's orders of this show; one that still waits for its payment is opened again. */
  async loadOrders() {
    this.orders.value = (await api.orders()).orders.filter((order) => order.show_id === this.showId);
    const open = this.orders.value.find((order) => !settled(orderStatus(order)));
    if (open && !this.checkout.order.value) this.checkout.follow(open);
  }

  /** Before a product or the cart is looked at: what was paid is put away, what waits for its payment stays. @param {string} [sku] */
  putAway(sku) {
    const order = this.checkout.order.peek();
    const waits = this.open.peek();
    if (order && !(waits && (sku === undefined || waits.lines[0].sku === sku))) this.checkout.close();
  }

  /** Votes that were cast before this page was loaded, once there is a poll and somebody to have cast them. */
  #recallVotes() {
    if (this.#recalled || !this.polls.state.value?.polls.length || !this.live.me.value) return;
    this.#recalled = true;
    // Without them the server still counts one vote each.
    this.polls.learnMine().catch(() => undefined);
  }
}
