// @ts-check
// The reactions of a show: own taps on their way out, others' on their way in, and what shall fly.

import { effect } from "@preact/signals";
import { feel } from "../lib/haptics.js";
import { GATHER_MS, Taps, Totals } from "../lib/reactions.js";
import { freshId } from "../lib/store.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { ReactionsState } from "../../schemas/generated/messages"
 * @import { Kind } from "../lib/reactions.js"
 * @import { Live } from "../lib/store.js"
 * @typedef {(kinds: Kind[]) => void} Fly
 */

export class Hearts {
  #taps = new Taps();
  #totals = new Totals();
  /** @type {Set<Fly>} */ #flies = new Set();
  #timer = 0;

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.live = live;
    this.name = `reactions:${showId}`;
    /** @type {Signal<ReactionsState | null>} */ this.state = live.channel(this.name).state;
    effect(() => {
      const totals = this.state.value;
      const news = totals ? this.#totals.news(totals) : [];
      if (news.length > 0) this.#fly(news);
    });
  }

  /** @param {Fly} fly @returns {() => void} ends it */
  onFly(fly) {
    this.#flies.add(fly);
    return () => this.#flies.delete(fly);
  }

  /** Seen at once, sent within a second. @param {Kind} kind */
  tap(kind) {
    if (!this.#taps.add(kind)) return;
    this.#fly([kind]);
    feel("tap");
    this.#timer ||= window.setTimeout(() => this.#send(), GATHER_MS);
  }

  #send() {
    this.#timer = 0;
    for (const { kind, count } of this.#taps.take()) {
      this.#totals.sent(kind, count);
      // A heart that does not arrive is not worth a message; the totals say what counted.
      this.live.publish(this.name, freshId("rct"), { kind, count }).catch(() => this.#totals.refused(kind, count));
    }
  }

  /** @param {Kind[]} kinds */
  #fly(kinds) {
    for (const fly of this.#flies) fly(kinds);
  }
}
