// @ts-check
// The way of a guest, without drawing: from the link to the seat, and out again.

import { effect, signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { Live, freshId } from "../lib/store.js";
import { forget, keep, passFor } from "./pass.js";
import { Seat } from "./seat.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { InvitePage } from "../../schemas/generated/messages"
 * @import { Pass } from "./pass.js"
 * @typedef {"looking" | "invited" | "checking" | "joined" | "left" | "over"} Step
 */

export class GuestPage {
  /** @type {Signal<Step>} */ step = signal(/** @type {Step} */ ("looking"));
  /** @type {Signal<InvitePage | null>} */ invite = signal(null);
  /** @type {Signal<Seat | null>} */ seat = signal(null);
  /** Why it is over: the name of an error. @type {Signal<string>} */ why = signal("");
  /** What could not be done just now. @type {Signal<ApiError | null>} */ problem = signal(null);
  // A retry of the same intent is the same pass, so that it uses the invitation once.
  #passId = freshId("pas");
  #key;
  #showId;

  /** @param {string} origin @param {string} key of the invitation @param {string} showId of a page that was open before */
  constructor(origin, key, showId) {
    this.live = new Live(origin);
    this.#key = key;
    this.#showId = showId;
  }

  /** Looks at the invitation, or takes up a pass that this browser has; uses nothing up. */
  async start() {
    this.problem.value = null;
    try {
      if (!this.#key) return await this.#resume(passFor(this.#showId));
      const invite = await api.findInvite(this.#key);
      this.invite.value = invite;
      const pass = passFor(invite.show_id);
      if (invite.show_state === "ended") this.#finish("show_ended");
      else if (pass?.key === this.#key) await this.#resume(pass);
      else if (invite.state === "open") this.step.value = "invited";
      else this.#finish(`invite_${invite.state}`);
    } catch (error) {
      const refusal = asApiError(error);
      if (refusal.temporary) this.problem.value = refusal;
      else this.#finish(WHY[refusal.name] ?? refusal.name);
    }
  }

  /** Uses the invitation once. @param {string} name @param {string} locale */
  async accept(name, locale) {
    await this.live.enter(name, locale);
    const given = await api.acceptInvite({ pass_id: this.#passId, key: this.#key, name });
    const pass = { showId: given.show_id, participantId: given.guest.participant_id, token: given.token, key: this.#key };
    keep(pass);
    await this.#resume(pass);
  }

  join() {
    this.step.value = "joined";
    return this.seat.value?.join();
  }

  /** The guest goes by their own will, and may come back with the same pass. */
  async leave() {
    this.step.value = "left";
    try {
      await this.seat.value?.leave();
    } catch (error) {
      // The media have ended already; the host sees that the guest is away.
      this.problem.value = asApiError(error);
    }
  }

  /** To the camera again, after having left. */
  comeBack() {
    this.problem.value = null;
    this.step.value = "checking";
    const broadcast = this.seat.value?.broadcast;
    return broadcast?.open(broadcast.choice.value);
  }

  wake() {
    this.live.wake();
    this.seat.value?.watch.retryNow();
  }

  /** @param {Pass | null} pass */
  async #resume(pass) {
    if (!pass) return this.#finish("invite_unknown");
    const seat = new Seat(this.live, pass);
    await seat.take();
    // An address with a key in it should not stay on screen.
    history.replaceState(null, "", `/guest/${pass.showId}`);
    this.seat.value = seat;
    this.step.value = "checking";
    effect(() => {
      if (seat.lost.value) this.#finish(seat.lost.value);
    });
  }

  /** @param {string} why */
  #finish(why) {
    const seat = this.seat.peek();
    seat?.close();
    if (seat) forget(seat.pass.showId);
    this.why.value = why;
    this.step.value = "over";
  }
}

/** A pass that another session took up is, for this one, an invitation that is used. @type {Record<string, string>} */
const WHY = { forbidden: "invite_used", not_signed_in: "invite_used", malformed: "invite_unknown", invalid_field: "invite_unknown" };
