// @ts-check
// Everything that the studio knows of a show's guests and does with them, without drawing.

import { computed, effect, signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { HOST } from "../lib/stage.js";
import { StageWatch } from "../lib/stage_watch.js";
import { freshId } from "../lib/store.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { Layout } from "../lib/stage.js"
 * @import { Live } from "../lib/store.js"
 * @import { BackstageState, GuestView } from "../../schemas/generated/messages"
 * @import { Person } from "../components/tile.js"
 * @import { Broadcast } from "../lib/broadcast.js"
 */

export class GuestDesk {
  /** @type {Signal<BackstageState | null>} */ state = signal(null);
  /** Link of the invitation that was made last; it cannot be had again. @type {Signal<{ inviteId: string, link: string } | null>} */ link = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);
  /** @type {Signal<boolean>} */ busy = signal(false);
  // A retry of the same intent is the same invitation.
  #inviteId = freshId("inv");

  /** @param {string} showId @param {Live} live @param {Broadcast} broadcast the host's own picture */
  constructor(showId, live, broadcast) {
    this.showId = showId;
    this.broadcast = broadcast;
    this.watch = new StageWatch(`/whep/${showId}?role=host`); // who waits is seen by the host alone
    this.waiting = computed(() => (this.state.value?.guests ?? []).filter((guest) => guest.standing === "waiting"));
    this.onStage = computed(() => (this.state.value?.guests ?? []).filter((guest) => guest.standing === "live"));
    const channel = live.channel(`backstage:${showId}`);
    effect(() => this.#take(channel.state.value));
    const connected = computed(() => (this.state.value?.guests ?? []).some((guest) => guest.place !== null));
    // Guests are looked at only while there are any.
    effect(() => (connected.value ? this.watch.start() : this.watch.stop()));
  }

  /** @param {string} label @param {number} maxUses @param {number} validForMs */
  async invite(label, maxUses, validForMs) {
    const made = await api.createInvite({
      invite_id: this.#inviteId,
      show_id: this.showId,
      label,
      max_uses: maxUses,
      valid_for_ms: validForMs,
    });
    this.#inviteId = freshId("inv");
    this.link.value = { inviteId: made.invite.invite_id, link: made.link };
  }

  /** @param {string} inviteId */
  async revoke(inviteId) {
    await this.#attempt(() => api.revokeInvite(inviteId));
    if (this.link.value?.inviteId === inviteId) this.link.value = null;
  }

  /** @param {GuestView} guest @param {"admit" | "back" | "remove"} action */
  move = (guest, action) => this.#attempt(() => api.moveGuest(guest.participant_id, action));

  /** Withholds a kind of a guest's media, or gives it again. @param {GuestView} guest @param {"audio" | "video"} kind */
  toggle = (guest, kind) => {
    const muted = guest.muted.includes(kind) ? guest.muted.filter((each) => each !== kind) : [...guest.muted, kind];
    return this.#attempt(() => api.muteGuest(guest.participant_id, muted));
  };

  /** @param {Layout} layout @param {string} featured */
  arrange = (layout, featured) => this.#attempt(() => api.setLayout(this.showId, { layout, featured }));

  /** @param {GuestView} guest @returns {Person} */
  person = (guest) => ({
    id: guest.participant_id,
    name: guest.name,
    stream: guest.place === null ? null : (this.watch.places.value.get(guest.place) ?? null),
    live: guest.place !== null,
    muted: guest.muted,
  });

  /** The stage as viewers would see it, without the host's sound. @param {string} hostName @returns {Person[]} */
  people(hostName) {
    const host = { id: HOST, name: hostName, stream: this.broadcast.stream.value, live: this.broadcast.stream.value !== null, muted: [] };
    return [host, ...this.onStage.value.map(this.person)];
  }

  /** The page goes. */
  stop() {
    this.watch.stop();
  }

  /** @param {() => Promise<BackstageState>} step */
  async #attempt(step) {
    this.busy.value = true;
    this.problem.value = null;
    try {
      this.#take(await step());
    } catch (error) {
      this.problem.value = asApiError(error);
    }
    this.busy.value = false;
  }

  /** @param {BackstageState | null} next */
  #take(next) {
    const known = this.state.peek();
    if (next && (!known || next.version >= known.version)) this.state.value = next;
  }
}
