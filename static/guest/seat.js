// @ts-check
// What a pass gives: one's own standing, the camera's way to the host, and everybody on stage. Without drawing.

import { computed, effect, signal } from "@preact/signals";
import { api } from "../lib/api.js";
import { Broadcast } from "../lib/broadcast.js";
import { peopleOnStage } from "../lib/stage.js";
import { StageWatch } from "../lib/stage_watch.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { Live } from "../lib/store.js"
 * @import { OwnPart, ShowState, StageState } from "../../schemas/generated/messages"
 * @import { Pass } from "./pass.js"
 */

export class Seat {
  /** @type {Signal<OwnPart | null>} */ part = signal(null);
  /** @type {Signal<StageState | null>} */ stage = signal(null);
  /** @type {Signal<ShowState | null>} */ show = signal(null);

  /** @param {Live} live @param {Pass} pass */
  constructor(live, pass) {
    this.live = live;
    this.pass = pass;
    this.broadcast = new Broadcast(`/whip/${pass.showId}`, pass.token);
    this.watch = new StageWatch(`/whep/${pass.showId}`, pass.token);
    this.onStage = computed(() => this.part.value?.guest.standing === "live");
    this.people = computed(() => {
      const own = { id: pass.participantId, stream: this.broadcast.stream.value };
      return peopleOnStage(this.show.value?.show ?? null, this.stage.value, this.watch, own);
    });
    /** Why the seat is lost: the name of an error. */
    this.lost = computed(() => {
      if (this.show.value?.show.state === "ended") return "show_ended";
      return this.part.value?.guest.standing === "removed" ? "guest_removed" : null;
    });
  }

  /** Learns the standing, and follows it from then on. Rejects with an ApiError when the pass is not this browser's. */
  async take() {
    await this.live.whoAmI();
    this.part.value = await api.ownPart(this.pass.participantId);
    this.show.value = await api.show(this.pass.showId);
    this.live.connect();
    this.#follow(`guest:${this.pass.participantId}`, this.part);
    this.#follow(`stage:${this.pass.showId}`, this.stage);
    this.#follow(`show:${this.pass.showId}`, this.show);
    effect(() => this.watch.expect(this.show.value?.show.on_air ?? false));
  }

  /** Camera and microphone go to the host; what is on stage comes here. */
  async join() {
    this.watch.start();
    this.watch.expect(this.show.value?.show.on_air ?? false);
    await this.broadcast.publish();
  }

  /** Both sessions look for a new path. */
  networkChanged() {
    this.broadcast.networkChanged();
    this.watch.networkChanged();
  }

  /** Nothing goes out, nothing comes in, the camera is off. */
  close() {
    this.watch.stop();
    this.broadcast.close();
  }

  /** The host need not wait for somebody who has gone. */
  async leave() {
    this.close();
    await api.leaveStage(this.pass.participantId);
  }

  /** @param {string} channel @param {Signal<any>} target */
  #follow(channel, target) {
    const { state } = this.live.channel(channel);
    effect(() => {
      if (state.value) target.value = state.value;
    });
  }
}
