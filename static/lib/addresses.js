// @ts-check
// One's addresses: which there are, and which is the usual one. Every change answers with the whole list.

import { signal } from "@preact/signals-core";
import { asApiError } from "./errors.js";
import { ordersApi } from "./orders_api.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { AddressListView, AddressView, ChangeAddress, SaveAddress } from "../../schemas/generated/messages"
 * @import { ApiError } from "./errors.js"
 * @typedef {Pick<typeof ordersApi, "addresses" | "saveAddress" | "changeAddress" | "deleteAddress">} Api
 */

export class Addresses {
  /** @type {Signal<AddressView[] | null>} null: not known yet */ list = signal(null);
  /** @type {Signal<string | null>} */ usualId = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  /** Why the list is not there, or why a press on a row did nothing. @type {Signal<ApiError | null>} */ problem = signal(null);
  #api;

  /** @param {Api} [api] */
  constructor(api = ordersApi) {
    this.#api = api;
  }

  load() {
    return this.#once(() => this.#api.addresses());
  }

  /** @param {string} id */
  makeUsual(id) {
    return this.#once(() => this.#api.changeAddress(id, { default: true }));
  }

  /** @param {string} id */
  remove(id) {
    return this.#once(() => this.#api.deleteAddress(id));
  }

  /** Keeps a new address; throws what the server refuses, for the form to show. @param {SaveAddress} body */
  async save(body) {
    this.#show(await this.#api.saveAddress(body));
  }

  /** Changes one; throws what the server refuses, for the form to show. @param {string} id @param {ChangeAddress} body */
  async change(id, body) {
    this.#show(await this.#api.changeAddress(id, body));
  }

  /** @param {AddressListView} view */
  #show({ addresses, default_id }) {
    this.list.value = addresses;
    this.usualId.value = default_id;
    this.problem.value = null;
  }

  /** @param {() => Promise<AddressListView>} step */
  async #once(step) {
    if (this.busy.value) return;
    this.busy.value = true;
    try {
      this.#show(await step());
    } catch (error) {
      this.problem.value = asApiError(error);
    } finally {
      this.busy.value = false;
    }
  }
}
