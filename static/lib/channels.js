// @ts-check
// What one connection knows of its channels: which were asked for, where each stands, what is in flight. No timers, no sockets:
// frames come in through `receive`, frames to send come back. A new connection starts with `resume`.

import { ApiError } from "./errors.js";
import { fromSnapshot, kindOf, takePush } from "./reducers.js";

/**
 * @import { View } from "./reducers.js"
 * @import { Accepted, ClientFrame, Failed, Gap, Push, ServerFrame, Subscribed, Unsubscribed } from "../../schemas/generated/messages"
 */

/**
 * @typedef {{ onState: (state: any) => void, onRefused: (error: ApiError) => void }} Listener
 * @typedef {{ channel: string, listener: Listener, view: View | null, pending: boolean }} Subscription `pending`: asked, no answer yet
 * @typedef {{ channel: string, commandId: string, data: unknown, deadline: number, sent: boolean,
 *   resolve: (accepted: Accepted) => void, reject: (error: ApiError) => void }} Command
 */

/** @param {Failed} frame */
export const failedError = (frame) =>
  new ApiError(frame.name, { detail: frame.detail, temporary: frame.temporary, retryAfterMs: frame.retry_after_ms, extra: frame.extra });

export class Channels {
  /** @type {Map<string, Subscription>} */ #subscriptions = new Map();
  /** @type {Map<number, { channel: string, command: Command | null }>} */ #asked = new Map();
  /** @type {Set<Command>} */ #commands = new Set();
  /** Channels that the server could not give just now, and how long it wants to be left alone. @type {Map<string, number | null>} */ #deferred = new Map();
  #lastId = 0;

  /** Next frame id; unique within the page. */
  nextId() {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** The connection is gone: whatever was asked on it is not answered any more. */
  lost() {
    this.#asked.clear();
    this.#deferred.clear();
    for (const subscription of this.#subscriptions.values()) subscription.pending = true;
    for (const command of this.#commands) command.sent = false;
  }

  /** Frames to send after `connected`: ask for every channel again, from where we stand. @returns {ClientFrame[]} */
  resume() {
    this.lost();
    return [...this.#subscriptions.values()].map((subscription) => this.#ask(subscription));
  }

  /** Whether a channel was refused for the moment, so that `again` is due in a while. */
  get waiting() {
    return this.#deferred.size > 0;
  }

  /** The longest pause that the server has asked for, in milliseconds; null when it named none. */
  get retryAfterMs() {
    const named = [...this.#deferred.values()].flatMap((ms) => ms ?? []);
    return named.length ? Math.max(...named) : null;
  }

  /** Asks once more for the channels that were refused for the moment. @returns {ClientFrame[]} */
  again() {
    const channels = [...this.#deferred.keys()];
    this.#deferred.clear();
    return channels.flatMap((channel) => this.#subscriptions.get(channel) ?? []).map((subscription) => this.#ask(subscription));
  }

  /** @param {string} channel @param {Listener} listener @returns {ClientFrame[]} */
  subscribe(channel, listener) {
    const subscription = { channel, listener, view: null, pending: false };
    this.#subscriptions.set(channel, subscription);
    return [this.#ask(subscription)];
  }

  /** @param {string} channel @returns {ClientFrame[]} */
  unsubscribe(channel) {
    if (!this.#subscriptions.delete(channel)) return [];
    return [{ op: "unsubscribe", id: this.nextId(), channel }];
  }

  /** A retry keeps the command id, so the server answers with the first outcome. @param {Command} command @returns {ClientFrame[]} */
  publish(command) {
    this.#commands.add(command);
    return this.#flush(command.channel);
  }

  /** Commands that waited too long fail; they may still have been carried out. @param {number} nowMs monotonic */
  expire(nowMs) {
    for (const command of [...this.#commands]) {
      if (command.deadline > nowMs) continue;
      this.#commands.delete(command);
      command.reject(new ApiError("unavailable", { temporary: true }));
    }
  }

  /** @param {ServerFrame} frame @returns {ClientFrame[]} what to send because of it */
  receive(frame) {
    switch (frame.op) {
      case "subscribed": return this.#subscribed(frame);
      case "push": return this.#push(frame);
      case "gap": return this.#gap(frame);
      case "accepted": return this.#accepted(frame);
      case "error": return this.#failed(frame);
      case "unsubscribed": return this.#unsubscribed(frame);
      default: return [];
    }
  }

  /** @param {Subscription} subscription @returns {ClientFrame} */
  #ask(subscription) {
    const { channel, view } = subscription;
    subscription.pending = true;
    const id = this.nextId();
    this.#asked.set(id, { channel, command: null });
    const position = view && { epoch: view.epoch, offset: view.offset };
    return position ? { op: "subscribe", id, channel, position } : { op: "subscribe", id, channel };
  }

  /** @param {Subscribed} frame */
  #subscribed(frame) {
    const subscription = this.#answered(frame.id, frame.channel);
    if (!subscription) return [];
    let view = subscription.view;
    if (!frame.recovered || !view) {
      view = fromSnapshot({ ...frame, snapshot: frame.snapshot });
    } else {
      for (const each of frame.publications) {
        const next = takePush(kindOf(frame.channel), view, { ...each, epoch: frame.epoch });
        if (next === "lost") return this.#askAfresh(subscription);
        view = next;
      }
      view = { ...view, offset: frame.offset };
    }
    this.#show(subscription, view);
    return this.#flush(frame.channel);
  }

  /** @param {Push} frame */
  #push(frame) {
    const subscription = this.#subscriptions.get(frame.channel);
    // While a subscribe is under way its reply brings everything, so a push that overtakes it is dropped.
    if (!subscription?.view || subscription.pending) return [];
    const next = takePush(kindOf(frame.channel), subscription.view, frame);
    if (next === "lost") return [this.#ask(subscription)];
    if (next !== subscription.view) this.#show(subscription, next);
    return [];
  }

  /** @param {Gap} frame */
  #gap(frame) {
    const subscription = this.#subscriptions.get(frame.channel);
    if (subscription) this.#show(subscription, fromSnapshot(frame));
    return [];
  }

  /** @param {Accepted} frame */
  #accepted(frame) {
    const command = this.#finish(frame.id);
    command?.resolve(frame);
    return [];
  }

  /** @param {Failed} frame */
  #failed(frame) {
    const asked = frame.id === null ? undefined : this.#asked.get(frame.id);
    if (!asked) return [];
    if (asked.command) {
      this.#finish(/** @type {number} */ (frame.id))?.reject(failedError(frame));
    } else if (frame.temporary) {
      this.#asked.delete(/** @type {number} */ (frame.id));
      this.#deferred.set(asked.channel, frame.retry_after_ms);
    } else {
      this.#answered(frame.id, asked.channel)?.listener.onRefused(failedError(frame));
    }
    return [];
  }

  /** The server took the subscription away. @param {Unsubscribed} frame */
  #unsubscribed(frame) {
    const subscription = this.#subscriptions.get(frame.channel);
    if (frame.id !== null || !subscription) return [];
    this.#subscriptions.delete(frame.channel);
    subscription.listener.onRefused(new ApiError(frame.reason ?? "forbidden"));
    return [];
  }

  /** @param {Subscription} subscription */
  #askAfresh(subscription) {
    subscription.view = null;
    return [this.#ask(subscription)];
  }

  /** @param {number | null} id @param {string} channel */
  #answered(id, channel) {
    if (id === null || !this.#asked.delete(id)) return undefined;
    const subscription = this.#subscriptions.get(channel);
    if (subscription) subscription.pending = false;
    return subscription;
  }

  /** @param {number} id */
  #finish(id) {
    const command = this.#asked.get(id)?.command;
    this.#asked.delete(id);
    if (command) this.#commands.delete(command);
    return command;
  }

  /** Commands of a channel leave once the channel is joined. @param {string} channel @returns {ClientFrame[]} */
  #flush(channel) {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription?.view || subscription.pending) return [];
    const waiting = [...this.#commands].filter((command) => command.channel === channel && !command.sent);
    return waiting.map((command) => {
      command.sent = true;
      const id = this.nextId();
      this.#asked.set(id, { channel, command });
      return { op: "publish", id, channel, command_id: command.commandId, data: command.data };
    });
  }

  /** @param {Subscription} subscription @param {View} view */
  #show(subscription, view) {
    subscription.view = view;
    subscription.listener.onState(view.state);
  }
}
