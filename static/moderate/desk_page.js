// @ts-check
// The moderator's way, without drawing: who they are, whether they may, and the show's talk.

import { signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { ModerationDesk } from "../lib/moderation_desk.js";
import { Questions } from "../lib/questions.js";
import { Live } from "../lib/store.js";
import { Talk } from "../lib/talk.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ApiError } from "../lib/errors.js"
 * @import { MyStanding, PresenceState, ShowState } from "../../schemas/generated/messages"
 * @typedef {{ talk: Talk, questions: Questions, desk: ModerationDesk, presence: Signal<PresenceState | null>, show: Signal<ShowState | null> }} Desk
 * @typedef {"asking" | "door" | "refused" | "desk" | "failed"} Step
 */

export class DeskPage {
  /** @type {Signal<Step>} */ step = signal(/** @type {Step} */ ("asking"));
  /** @type {Signal<ShowState | null>} */ show = signal(null);
  /** @type {Signal<Desk | null>} */ desk = signal(null);
  /** @type {Signal<ApiError | null>} */ problem = signal(null);

  /** @param {string} showId @param {string} origin */
  constructor(showId, origin) {
    this.showId = showId;
    this.live = new Live(origin);
  }

  /** From whoever opened the link to the desk, the door, or a refusal; again after each change of either. */
  async enter() {
    try {
      this.show.value = await api.show(this.showId);
      const me = await this.live.whoAmI();
      if (me?.kind !== "account") this.step.value = "door";
      else this.#seat(await api.standing(this.showId));
    } catch (error) {
      this.problem.value = asApiError(error);
      this.step.value = "failed";
    }
  }

  wake() {
    this.live.wake();
  }

  async leave() {
    await api.logOut();
    location.reload();
  }

  /** @param {MyStanding} standing */
  #seat(standing) {
    if (!standing.may_moderate) {
      this.step.value = "refused";
      return;
    }
    this.live.connect();
    const talk = new Talk(this.showId, this.live);
    talk.standing.value = standing;
    this.desk.value = {
      talk,
      questions: new Questions(this.showId, this.live),
      desk: new ModerationDesk(this.showId, this.live),
      presence: this.live.channel(`presence:${this.showId}`).state,
      show: this.live.channel(`show:${this.showId}`).state,
    };
    this.step.value = "desk";
  }
}
