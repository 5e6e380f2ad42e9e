// @ts-check
// The chat of a show as one person has it, without drawing: the lines, the rules of the room, what may be written now, and writing.

import { computed, effect, signal } from "@preact/signals-core";
import { api } from "./api.js";
import { NO_LINES, withEchoes, withNews, withOlder } from "./chat_lines.js";
import { asApiError } from "./errors.js";
import { mentionsIn } from "./mentions.js";
import { clock, freshId } from "./store.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { Accepted, ChatMessage, ChatRoomState, Mention, MyStanding } from "../../schemas/generated/messages"
 * @import { ApiError } from "./errors.js"
 * @import { Lines } from "./chat_lines.js"
 * @import { Channel, Live } from "./store.js"
 * @typedef {{ why: "muted" | "blocked" | "followers_only" | "slow_mode", untilMs: number | null }} Restraint `untilMs` by the server's clock
 */

/** Echoes of held messages that nobody ever decides on: more are not worth their memory. */
const ECHOES_MAX = 50;

export class Talk {
  /** @type {Signal<Lines>} */ lines = signal(NO_LINES);
  /** What only this person sees: waiting for a moderator, or for ever. @type {Signal<ChatMessage[]>} */ echoes = signal([]);
  /** Ids of own messages that wait for a moderator. @type {Signal<ReadonlySet<string>>} */ held = signal(new Set());
  /** The message that is being answered. @type {Signal<ChatMessage | null>} */ replyTo = signal(null);
  /** @type {Signal<MyStanding | null>} */ standing = signal(null);
  /** Why nothing can be written just now, from the last refusal or the slow mode. @type {Signal<Restraint | null>} */ refusal = signal(null);
  /** Whether this person follows the host; null while it is not known. @type {Signal<boolean | null>} */ following = signal(/** @type {boolean | null} */ (null));
  /** @type {Signal<"idle" | "loading" | "failed">} */ older = signal(/** @type {"idle" | "loading" | "failed"} */ ("idle"));
  /** Whether the reader looks at the newest line. */ atEnd = true;

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    this.live = live;
    /** @type {Channel} */ this.channel = live.channel(`chat:${showId}`);
    /** @type {Signal<ChatRoomState | null>} */ this.room = live.channel(`chat_room:${showId}`).state;
    this.messages = computed(() => withEchoes(this.lines.value, this.echoes.value));
    this.loaded = computed(() => this.channel.state.value !== null);
    this.mayModerate = computed(() => this.standing.value?.may_moderate ?? false);
    this.restraint = computed(() => this.#restraint());
    effect(() => this.#take(this.channel.state.value?.entries));
    effect(() => this.#relax(this.room.value));
  }

  /** @param {string} messageId */
  isOwn = (messageId) => this.messages.peek().find((each) => each.message_id === messageId)?.author_id === this.live.me.value?.actor_id;

  /** How this person stands with the moderators. Somebody who may only read is told so before they have typed a whole message. */
  async learnStanding() {
    const standing = await api.standing(this.showId);
    this.standing.value = standing;
    if (this.refusal.value?.why === "muted" && standing.sanction === null) this.refusal.value = null;
  }

  /**
   * Resolves once the server has taken the message; it is in the chat then, or in `echoes`.
   * @param {string} text @param {Mention[]} people that the text may speak to
   */
  async say(text, people) {
    const { replyTo } = this;
    const mentions = mentionsIn(text, people).map(({ actor_id }) => actor_id);
    try {
      const { echo } = await this.#publish(text, replyTo.value?.message_id ?? null, mentions);
      replyTo.value = null;
      if (echo) this.#keep(/** @type {ChatMessage} */ (echo));
      const seconds = this.mayModerate.value ? 0 : (this.room.value?.slow_mode_s ?? 0);
      this.refusal.value = seconds > 0 ? { why: "slow_mode", untilMs: clock.serverNowMs() + seconds * 1000 } : null;
    } catch (error) {
      const refused = asApiError(error);
      this.refusal.value = restraintOf(refused, clock.serverNowMs()) ?? this.refusal.value;
      throw refused;
    }
  }

  /** The next older page; nothing happens while one is under way or when there is none. */
  async loadOlder() {
    const { messages, more } = this.lines.value;
    if (!more || messages.length === 0 || this.older.value === "loading") return;
    this.older.value = "loading";
    try {
      const page = await api.chatHistory(this.showId, messages[0].message_id);
      this.lines.value = withOlder(this.lines.value, page.messages, page.before !== null);
      this.older.value = "idle";
    } catch (error) {
      asApiError(error);
      this.older.value = "failed";
    }
  }

  /** The wait is over. */
  waited() {
    this.refusal.value = null;
    if (this.standing.value?.sanction === "mute") this.standing.value = { ...this.standing.value, sanction: null };
  }

  /** @param {string} text @param {string | null} replyTo @param {string[]} mentions @returns {Promise<Accepted>} */
  async #publish(text, replyTo, mentions) {
    const channel = `chat:${this.showId}`;
    try {
      return await this.live.publish(channel, freshId("msg"), { text, reply_to: replyTo, mentions });
    } catch (error) {
      // What is answered has left the screens meanwhile; what was written is still worth saying.
      if (replyTo === null || asApiError(error).name !== "invalid_field") throw error;
      return this.live.publish(channel, freshId("msg"), { text, reply_to: null, mentions });
    }
  }

  /** @returns {Restraint | null} */
  #restraint() {
    const standing = this.standing.value;
    if (standing?.may_moderate) return null;
    if (standing?.sanction === "block") return { why: "blocked", untilMs: null };
    if (standing?.sanction === "mute" && (standing.until_ms ?? Infinity) > clock.serverNowMs()) return { why: "muted", untilMs: standing.until_ms };
    if (this.room.value?.followers_only && this.following.value === false) return { why: "followers_only", untilMs: null };
    const refusal = this.refusal.value;
    return refusal?.why === "followers_only" && this.following.value ? null : refusal;
  }

  /** @param {Lines["messages"] | undefined} entries */
  #take(entries) {
    if (!entries) return;
    this.lines.value = withNews(this.lines.peek(), entries, this.atEnd);
    if (this.lines.peek().removed.has(this.replyTo.peek()?.message_id ?? "")) this.replyTo.value = null;
    const shown = new Set(this.lines.peek().messages.map(({ message_id }) => message_id));
    const left = this.echoes.peek().filter(({ message_id }) => !shown.has(message_id));
    if (left.length === this.echoes.peek().length) return;
    this.echoes.value = left;
    this.held.value = new Set([...this.held.peek()].filter((id) => !shown.has(id)));
  }

  /** A rule that was lifted restrains nobody any more. @param {ChatRoomState | null} room */
  #relax(room) {
    const why = this.refusal.peek()?.why;
    if (room && ((why === "slow_mode" && room.slow_mode_s === 0) || (why === "followers_only" && !room.followers_only))) this.refusal.value = null;
  }

  /** @param {ChatMessage} echo */
  #keep(echo) {
    if (echo.waiting) this.held.value = new Set(this.held.value).add(echo.message_id);
    this.echoes.value = [...this.echoes.value, echo].slice(-ECHOES_MAX);
  }
}

/** What a refusal says about the next message; null when it was about this one. @param {ApiError} error @param {number} nowMs @returns {Restraint | null} */
export function restraintOf(error, nowMs) {
  const untilMs = error.retryAfterMs === null ? null : nowMs + error.retryAfterMs;
  switch (error.name) {
    case "slow_mode": return untilMs === null ? null : { why: "slow_mode", untilMs };
    case "muted": return { why: "muted", untilMs };
    case "blocked": return { why: "blocked", untilMs: null };
    case "followers_only": return { why: "followers_only", untilMs: null };
    default: return null;
  }
}
