// @ts-check
// What a person follows, waits for and has been told, as signals; it follows the session from one person to the next.

import { computed, effect, signal } from "@preact/signals-core";
import { api } from "./api.js";
import { formatMoney } from "./money.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { FollowingView, InboxState, NotificationView } from "../../schemas/generated/messages"
 * @import { Channel, Live } from "./store.js"
 */

/** @type {InboxState} */
const EMPTY = { notifications: [], read_up_to_ms: 0 };

export class Inbox {
  /** @type {Signal<FollowingView>} */ following = signal({ host_ids: [], show_ids: [] });
  /** @type {Signal<Channel | null>} */ #channel = signal(null);
  /** @type {Signal<InboxState>} */ state = computed(() => this.#channel.value?.state.value ?? EMPTY);
  unread = computed(() => this.state.value.notifications.filter((each) => each.created_at_ms > this.state.value.read_up_to_ms).length);
  /** Whether the server has told what is there. */ loaded = computed(() => (this.#channel.value?.state.value ?? null) !== null);
  /** Whether there is somebody whose inbox this is. */ open = computed(() => this.#channel.value !== null);
  #live;

  /** @param {Live} live */
  constructor(live) {
    this.#live = live;
    const actorId = computed(() => live.me.value?.actor_id ?? null);
    effect(() => this.#follow(actorId.value));
  }

  /** Nobody follows themselves, and before there is a session nobody follows. @param {string} hostId */
  mayFollow(hostId) {
    const me = this.#live.me.value;
    return me !== null && me.actor_id !== hostId;
  }

  /** Newest first. @returns {NotificationView[]} */
  get newestFirst() {
    return this.state.value.notifications.toReversed();
  }

  /** @param {string} hostId @param {boolean} following */
  async follow(hostId, following) {
    this.following.value = await api.follow({ host_id: hostId, following });
  }

  /** @param {string} showId @param {boolean} remind */
  async remind(showId, remind) {
    this.following.value = await api.remind({ show_id: showId, remind });
  }

  /** Everything that is there now has been seen. */
  async markRead() {
    const last = this.state.value.notifications.at(-1);
    if (last && last.created_at_ms > this.state.value.read_up_to_ms) await api.readInbox({ notification_id: last.notification_id });
  }

  /** @param {string | null} actorId */
  #follow(actorId) {
    this.#channel.peek()?.leave();
    this.#channel.value = actorId ? this.#live.channel(`inbox:${actorId}`) : null;
    if (actorId) this.#load().catch(() => undefined); // the buttons then show "follow"; the next click tells what is so
  }

  async #load() {
    this.following.value = await api.following();
  }
}

/** What the words of a notification are made of: its parameters, and `amount` where they tell of money. @param {Record<string, string>} params @param {string} locale */
export function wordsOf(params, locale) {
  const { amount_minor, currency } = params;
  return amount_minor && currency ? { ...params, amount: formatMoney({ amount_minor: Number(amount_minor), currency }, locale) } : params;
}
