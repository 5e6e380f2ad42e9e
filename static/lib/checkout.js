// @ts-check
// One purchase from the sheet to "paid". The ids of the order and the payment are made when the button is pressed and kept until an
// answer has come, so that a second press after a lost answer repeats the first one instead of buying twice.

import { signal } from "@preact/signals-core";
import { api } from "./api.js";
import { ApiError, asApiError } from "./errors.js";
import { orderStatus, payable } from "./order_status.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { NewLine, OfferView, OrderView } from "../../schemas/generated/messages"
 * @import { Extras } from "./bill.js"
 * @import { Item } from "./offers.js"
 * @import { Channel } from "./store.js"
 * @import { Way } from "./wallet.js"
 * @typedef {{ channel: (name: string) => Channel, freshId: (prefix: string) => string, returnPath?: string, goTo?: (url: string) => void, placed?: (order: OrderView) => void, api?: Pick<typeof api, "placeOrder" | "pay" | "cancelOrder" | "checkPayment" | "abandonPayment"> }} Config
 *   `returnPath`: where a buyer comes back to from the page of a provider, `goTo` takes them there; `placed` hears of every new order
 */

export class Checkout {
  /** @type {Signal<OrderView | null>} */ order = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  /** @type {Signal<ApiError | null>} */ error = signal(null);
  /** @type {{ of: string, id: string } | null} */ #cart = null;
  /** @type {{ of: string, id: string } | null} */ #payment = null;
  /** @type {Channel | null} */ #channel = null;
  /** @type {(() => void) | null} */ #unwatch = null;
  /** The order whose payment was begun here and whose card is asked for on the provider's page. */
  #leaving = "";
  #config;
  #api;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
    this.#api = config.api ?? api;
  }

  /**
   * Hold the units and pay for them; at one's turn they are held already.
   * @param {string} showId @param {OfferView} offer @param {number} quantity @param {Way} way @param {Pick<Item, "sale" | "turn">} [terms]
   * @param {Extras} [extras]
   */
  async buy(showId, offer, quantity, way, { sale, turn } = {}, extras = {}) {
    const lines = [{ sku: offer.sku, quantity, unit_price: offer.price, ...(sale && { sale_id: sale.sale_id }) }];
    await this.buyLines(showId, lines, way, { ...extras, ...(turn && { hold_id: turn.wait_id }) });
  }

  /** The same for several lines. @param {string} showId @param {NewLine[]} lines @param {Way} way @param {Extras & { hold_id?: string }} [extras] */
  async buyLines(showId, lines, way, extras = {}) {
    await this.#once(async () => {
      const orderId = this.#intent("cart", "ord", JSON.stringify([lines, extras]));
      const order = await this.#api.placeOrder({ order_id: orderId, show_id: showId, lines, ...extras });
      this.#cart = null;
      this.follow(order);
      this.#config.placed?.(order);
      // A code may pay for all of it.
      if (order.total?.amount_minor !== 0) await this.#pay(order, way);
    });
  }

  /** Pay an order that exists already: after a decline, or after the page was loaded again. @param {Way} way */
  async payAgain(way) {
    const order = this.order.value;
    if (order) await this.#once(() => this.#pay(order, way));
  }

  /** Gives up a payment that waits at the buyer's bank or on the provider's page, so that another way may be taken. */
  async abandon() {
    const order = this.order.value;
    if (order) await this.#once(async () => void (await this.#api.abandonPayment({ order_id: order.order_id })));
  }

  /** Gives an unpaid order up, so that the units are free for others at once. */
  async cancel() {
    const order = this.order.value;
    if (order) await this.#once(async () => this.#show(await this.#api.cancelOrder(order.order_id)));
  }

  /** Shows an order and every change of it. One whose payment waits for its buyer may have been paid just now. @param {OrderView} order */
  follow(order) {
    this.#leave();
    this.order.value = order;
    const channel = this.#config.channel(`order:${order.order_id}`);
    this.#channel = channel;
    this.#unwatch = channel.state.subscribe((next) => next && this.#show(next));
    // Without an answer the channel tells it as well, a little later.
    this.recheck();
  }

  /** The buyer is back at this page: a payment that waited for them may be settled. */
  recheck() {
    const order = this.order.value;
    if (order && orderStatus(order) === "action") this.#api.checkPayment({ order_id: order.order_id }).catch(() => undefined);
  }

  /** Forgets the order on screen; the order itself goes on. */
  close() {
    this.#leave();
    this.order.value = null;
    this.error.value = null;
  }

  /** @param {OrderView} order @param {Way} way */
  async #pay(order, way) {
    const paymentId = this.#intent("payment", "pay", `${order.order_id} ${JSON.stringify(way)} ${order.version}`);
    const { returnPath } = this.#config;
    this.#leaving = "provider" in way && !way.method ? order.order_id : "";
    await this.#api.pay({ payment_id: paymentId, order_id: order.order_id, ...way, ...(returnPath && { return_path: returnPath }) });
    this.#payment = null;
    const current = this.order.value;
    // The channel says so too, a moment later; the button must not look idle meanwhile. But the channel may also have been
    // faster than this answer, and then it knows better.
    if (current?.version === order.version && payable(orderStatus(current))) this.order.value = { ...current, payment: "in_progress" };
  }

  /** @param {OrderView} next */
  #show(next) {
    const known = this.order.value;
    if (!known || known.order_id !== next.order_id || known.version > next.version) return;
    this.order.value = next;
    if (next.payment === "captured") this.error.value = null;
    if (this.#leaving !== next.order_id || !next.action_url) return;
    this.#leaving = "";
    this.#config.goTo?.(next.action_url);
  }

  /** @param {() => Promise<void>} step */
  async #once(step) {
    if (this.busy.value) return;
    this.busy.value = true;
    this.error.value = null;
    try {
      await step();
    } catch (error) {
      const refusal = asApiError(error);
      this.error.value = refusal;
      // An answer came: the next press is a new intent. Without one it is the same intent again.
      if (!refusal.temporary) this.#cart = this.#payment = null;
    } finally {
      this.busy.value = false;
    }
  }

  /** @param {"cart" | "payment"} kind @param {string} prefix @param {string} of what the id stands for */
  #intent(kind, prefix, of) {
    const known = kind === "cart" ? this.#cart : this.#payment;
    const intent = known?.of === of ? known : { of, id: this.#config.freshId(prefix) };
    if (kind === "cart") this.#cart = intent;
    else this.#payment = intent;
    return intent.id;
  }

  #leave() {
    this.#unwatch?.();
    this.#channel?.leave();
    this.#unwatch = this.#channel = null;
  }
}
