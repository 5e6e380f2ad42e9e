// @ts-check
// What a purchase will cost, asked of the server whenever something about it changes, so that the sum on the button is the sum that
// is charged: delivery, coupon and address included.

import { signal } from "@preact/signals-core";
import { asApiError } from "./errors.js";
import { ordersApi } from "./orders_api.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { AddressView, NewLine, QuoteView, SaveAddress } from "../../schemas/generated/messages"
 * @import { ApiError } from "./errors.js"
 * @typedef {{ coupon?: string, address_id?: string, shipping?: string }} Extras
 */

export class Bill {
  /** @type {Signal<QuoteView | null>} */ quote = signal(null);
  /** Why there is no sum. @type {Signal<ApiError | null>} */ problem = signal(null);
  /** Why the code does not count. @type {Signal<ApiError | null>} */ couponProblem = signal(null);
  /** @type {Signal<AddressView[]>} */ addresses = signal([]);
  /** @type {Signal<string>} */ coupon = signal("");
  /** @type {Signal<string | null>} */ addressId = signal(null);
  /** @type {Signal<string | null>} */ shipping = signal(null);
  /** @type {NewLine[]} */ #lines = [];
  #asked = 0;
  #api;

  /** @param {string} showId @param {Pick<typeof ordersApi, "addresses" | "quote" | "saveAddress">} [api] */
  constructor(showId, api = ordersApi) {
    this.showId = showId;
    this.#api = api;
  }

  /** What goes with the order beside its lines. @returns {Extras} */
  get extras() {
    const { coupon, addressId, shipping } = this;
    return {
      ...(coupon.value && !this.couponProblem.value && { coupon: coupon.value }),
      ...(addressId.value && { address_id: addressId.value }),
      ...(shipping.value && this.quote.value?.options.length && { shipping: shipping.value }),
    };
  }

  /** @param {NewLine[]} lines */
  async ask(lines) {
    this.#lines = lines;
    await this.#refresh();
  }

  /** @param {string} code */
  async useCoupon(code) {
    this.coupon.value = code.trim().toUpperCase();
    this.couponProblem.value = null;
    await this.#refresh();
  }

  /** @param {string} id */
  async chooseShipping(id) {
    this.shipping.value = id;
    await this.#refresh();
  }

  /** @param {string} id */
  async chooseAddress(id) {
    this.addressId.value = id;
    this.shipping.value = null;
    await this.#refresh();
  }

  async loadAddresses() {
    const { addresses, default_id } = await this.#api.addresses();
    this.addresses.value = addresses;
    // The chosen one may have been deleted on the page of addresses meanwhile.
    if (!addresses.some((each) => each.address_id === this.addressId.value)) this.addressId.value = default_id;
  }

  /** @param {SaveAddress} body */
  async saveAddress(body) {
    this.addresses.value = (await this.#api.saveAddress(body)).addresses;
    await this.chooseAddress(body.address_id);
  }

  async #refresh() {
    const number = (this.#asked += 1);
    if (this.#lines.length === 0) return;
    try {
      const quote = await this.#api.quote({ show_id: this.showId, lines: this.#lines, ...this.extras });
      if (number !== this.#asked) return;
      this.quote.value = quote;
      this.problem.value = null;
    } catch (error) {
      const refusal = asApiError(error);
      if (number !== this.#asked) return;
      // A wrong code must not hide the price without it; a way of delivery that is gone is chosen anew.
      if (refusal.name === "coupon_invalid" || (refusal.name === "invalid_field" && this.coupon.value && !this.couponProblem.value)) {
        this.couponProblem.value = refusal;
        await this.#refresh();
      } else if (refusal.name === "shipping_unavailable" && this.shipping.value) {
        this.shipping.value = null;
        await this.#refresh();
      } else {
        this.quote.value = null;
        this.problem.value = refusal;
      }
    }
  }
}
