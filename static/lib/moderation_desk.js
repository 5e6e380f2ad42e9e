// @ts-check
// What somebody who may moderate a show knows and does, without drawing. Every action is recorded on the server with its author.

import { computed, effect, signal } from "@preact/signals-core";
import { api } from "./api.js";
import { asApiError } from "./errors.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { AuditEntry, ModerationSettings, ModerationState, Sanction } from "../../schemas/generated/messages"
 * @import { ApiError } from "./errors.js"
 * @import { Channel, Live } from "./store.js"
 */

/** Lengths of a mute that are offered. */
export const MUTES_MS = Object.freeze([5 * 60_000, 3_600_000]);

export class ModerationDesk {
  /** @type {Signal<ModerationState | null>} */ state = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  /** Audit lines older than the ones of the state. @type {Signal<AuditEntry[]>} */ olderAudit = signal([]);
  /** Whether the server found that a recorded line was changed or is missing. */ auditBroken = signal(false);
  /** Where the older lines go on; undefined before the first page. @type {Signal<string | null | undefined>} */ auditBefore = signal(undefined);

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    /** @type {Channel} */ this.channel = live.channel(`moderation:${showId}`);
    effect(() => this.#take(this.channel.state.value));
    this.held = computed(() => this.state.value?.held ?? []);
    this.sanctions = computed(() => this.state.value?.sanctions ?? []);
    this.moderators = computed(() => this.state.value?.moderators ?? []);
    this.audit = computed(() => {
      const newest = this.state.value?.audit ?? [];
      return [...newest, ...this.olderAudit.value.filter((each) => !newest.some(({ entry_id }) => entry_id === each.entry_id))];
    });
  }

  /** @param {string} messageId */
  remove = (messageId) => this.#attempt(() => api.removeMessages(this.showId, { message_ids: [messageId], author_id: null, reason: "" }));

  /** Everything of one person in this show. @param {string} authorId */
  removeAll = (authorId) => this.#attempt(() => api.removeMessages(this.showId, { message_ids: [], author_id: authorId, reason: "" }));

  /** @param {string} actorId @param {Sanction["kind"]} kind @param {number | null} durationMs of a mute */
  restrain = (actorId, kind, durationMs = null) =>
    this.#attempt(() => api.sanction(this.showId, { actor_id: actorId, kind, duration_ms: durationMs, reason: "" }));

  /** @param {string} actorId */
  lift = (actorId) => this.#attempt(() => api.liftSanction(this.showId, { actor_id: actorId, reason: "" }));

  /** @param {string | null} messageId null takes the pinned message away */
  pin = (messageId) => this.#attempt(() => api.pinMessage(this.showId, { message_id: messageId }));

  /** @param {string} messageId @param {boolean} approve */
  review = (messageId, approve) => this.#attempt(() => api.reviewMessage(this.showId, { message_id: messageId, approve }));

  /** @param {string} actorId @param {boolean} moderator */
  appoint = (actorId, moderator) => this.#attempt(() => api.appoint(this.showId, { actor_id: actorId, moderator }));

  /** Shown at once, and undone when the server refuses. @param {Partial<ModerationSettings>} changed the other rules stay */
  async set(changed) {
    const before = this.state.value;
    if (!before) return;
    const settings = { ...before.settings, ...changed };
    this.state.value = { ...before, settings };
    const done = await this.#attempt(() => api.setModeration(this.showId, settings));
    if (!done && this.state.value.version === before.version) this.state.value = before;
  }

  /** Throws when the server refuses: the form that holds the words says so. @param {string[]} words */
  setWords = async (words) => this.#take((await api.setWords(this.showId, { words })) ?? null);

  /** The next older page of the log. */
  async loadAudit() {
    const last = this.audit.value.at(-1);
    if (!last) return;
    await this.#attempt(async () => {
      const page = await api.auditPage(this.showId, this.auditBefore.value ?? last.entry_id);
      this.olderAudit.value = [...this.olderAudit.value, ...page.entries];
      this.auditBefore.value = page.before;
      this.auditBroken.value ||= !page.intact;
    });
  }

  /** One action at a time; whether it was done. @param {() => Promise<ModerationState | void>} step */
  async #attempt(step) {
    this.busy.value = true;
    this.problem.value = null;
    try {
      this.#take((await step()) ?? null);
      return true;
    } catch (error) {
      this.problem.value = asApiError(error);
      return false;
    } finally {
      this.busy.value = false;
    }
  }

  /** The channel and the answers overlap: the newer of two states. @param {ModerationState | null} next */
  #take(next) {
    const known = this.state.peek();
    if (next && (!known || next.version >= known.version)) this.state.value = next;
  }
}
