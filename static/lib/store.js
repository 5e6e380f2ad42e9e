// @ts-check
// What a page knows, as signals: who the person is, how the connection does, and the state of each channel it looks at.

import { signal } from "@preact/signals-core";
import { api } from "./api.js";
import { ServerClock } from "./clock.js";
import { framed } from "./embedded.js";
import { ApiError, asApiError } from "./errors.js";
import { newId } from "./ids.js";
import { Socket } from "./socket.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { MeView } from "../../schemas/generated/messages"
 * @import { Status } from "./socket.js"
 * @typedef {{ state: Signal<any>, refused: Signal<ApiError | null>, leave: () => void }} Channel
 * @typedef {{ state: Signal<any>, refused: Signal<ApiError | null>, unsubscribe: () => void, listeners: number }} Shared one subscription of the page
 */

export const clock = new ServerClock();

/** @param {string} prefix */
export const freshId = (prefix) => newId(prefix, clock.serverNowMs());

export class Live {
  /** @type {Signal<MeView | null>} */ me = signal(null);
  /** @type {Signal<Status>} */ status = signal(/** @type {Status} */ ("stopped"));
  /** Why there will be no further try: an error's or a close code's name. @type {Signal<string | null>} */ reason = signal(null);
  /** @type {Map<string, Shared>} */ #channels = new Map();
  #socket;

  /** @param {string} origin of the page, for example `http://localhost:8000` */
  constructor(origin) {
    this.#socket = new Socket({
      url: `${origin.replace(/^http/, "ws")}/ws`,
      ticket: async () => (await api.ticket()).ticket,
      clock,
      onStatus: (status, reason) => {
        this.status.value = status;
        this.reason.value = reason;
        if (reason === "signed_out") this.#comeBack();
      },
    });
  }

  /** Learns who the session belongs to; null when there is none. */
  async whoAmI() {
    try {
      this.me.value = await api.me();
    } catch (error) {
      if (!(error instanceof ApiError) || error.name !== "not_signed_in") throw error;
      this.me.value = null;
    }
    return this.me.value;
  }

  /** The session has ended. Somebody who signed in on another tab has a new one, and this page goes on with it. */
  async #comeBack() {
    try {
      if (await this.whoAmI()) this.reconnect();
    } catch (error) {
      asApiError(error); // the page says that it is disconnected
    }
  }

  /** The person, or a nameless guest, so that everybody can watch and read. @param {string} guestName @param {string} locale */
  async enter(guestName, locale) {
    return (await this.whoAmI()) ?? (this.me.value = await api.enterAsGuest({ name: guestName, locale, ...framed }));
  }

  /** A guest takes a name; the connection is made anew under it. @param {string} name @param {string} locale */
  async takeName(name, locale) {
    this.me.value = await api.enterAsGuest({ name, locale, ...framed });
    this.#socket.reconnect();
  }

  connect() {
    this.#socket.start();
  }

  disconnect() {
    this.#socket.stop();
  }

  reconnect() {
    this.#socket.reconnect();
  }

  /** The page came to the front or the network is back. */
  wake() {
    this.#socket.probe();
  }

  /**
   * The channel's state as a signal; null until the snapshot is there. Each call is a listener of its own: the subscription ends when
   * the last one has left.
   * @param {string} name @returns {Channel}
   */
  channel(name) {
    const shared = this.#channels.get(name) ?? this.#subscribe(name);
    shared.listeners += 1;
    let here = true;
    const leave = () => {
      if (!here) return;
      here = false;
      shared.listeners -= 1;
      if (shared.listeners) return;
      this.#channels.delete(name);
      shared.unsubscribe();
    };
    return { state: shared.state, refused: shared.refused, leave };
  }

  /** @param {string} name @returns {Shared} */
  #subscribe(name) {
    const state = signal(/** @type {any} */ (null));
    const refused = signal(/** @type {ApiError | null} */ (null));
    const unsubscribe = this.#socket.subscribe(name, {
      onState: (next) => {
        state.value = next;
        refused.value = null;
      },
      onRefused: (error) => (refused.value = error),
    });
    const shared = { state, refused, unsubscribe, listeners: 0 };
    this.#channels.set(name, shared);
    return shared;
  }

  /** @param {string} channel @param {string} commandId @param {unknown} data */
  publish(channel, commandId, data) {
    return this.#socket.publish(channel, commandId, data);
  }
}
