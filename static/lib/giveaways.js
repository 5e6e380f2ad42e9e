// @ts-check
// The giveaways of a show as one viewer has them, without drawing: what can be won, one's own entry, and "here" at the end.

import { computed, effect, signal } from "@preact/signals-core";
import { asApiError } from "./errors.js";
import { salesApi } from "./sales_api.js";
import { clock, freshId } from "./store.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { GiveawayLive, GiveawaysState, GiveawayView } from "../../schemas/generated/messages"
 * @import { Live } from "./store.js"
 */

/** As schemas/http/giveaways.py: within this time after the end those who take part say "here". */
export const ROLL_CALL_MS = 10_000;
/** They do not all say it in the same moment. */
const SPREAD_MS = 4_000;
/** A result stays in view this long, unless it is put away. */
export const RESULT_MS = 90_000;
/** So often the names of the winners are asked for. */
const TRIES_MAX = 12;

export class Giveaways {
  /** @type {Signal<ReadonlySet<string>>} */ entered = signal(new Set());
  /** What was drawn last. @type {Signal<GiveawayView | null>} */ result = signal(null);
  /** @type {Set<string>} */ #called = new Set();
  /** @type {Set<string>} */ #shown = new Set();
  /** Whose entries were asked for. @type {string | null} */ #learned = null;

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    this.live = live;
    /** @type {Signal<GiveawaysState | null>} */ this.state = live.channel(`giveaways:${showId}`).state;
    this.current = computed(() => this.state.value?.giveaways[0] ?? null);
    effect(() => this.#sayHere());
    effect(() => this.#showResult());
    effect(() => this.#learn());
  }

  /** @param {GiveawayLive} giveaway */
  async enter(giveaway) {
    await salesApi.enter(giveaway.giveaway_id, { entry_id: freshId("ent") });
    this.#enter([giveaway.giveaway_id]);
  }

  putAway() {
    this.result.value = null;
  }

  /** @param {string[]} ids */
  #enter(ids) {
    this.entered.value = new Set([...this.entered.peek(), ...ids]);
  }

  /** When it has ended, whoever takes part and is still there says so, once; a lost answer is tried again. */
  #sayHere() {
    const giveaway = this.current.value;
    if (!giveaway?.ended || !this.entered.value.has(giveaway.giveaway_id) || this.#called.has(giveaway.giveaway_id)) return;
    this.#called.add(giveaway.giveaway_id);
    const say = async () => {
      try {
        await salesApi.here(giveaway.giveaway_id);
      } catch (error) {
        const late = clock.serverNowMs() > giveaway.ends_at_ms + ROLL_CALL_MS;
        if (asApiError(error).temporary && !late) setTimeout(say, 1_000);
      }
    };
    setTimeout(say, Math.random() * SPREAD_MS);
  }

  /** What was there and is not any more has been drawn. */
  #showResult() {
    const ids = new Set((this.state.value?.giveaways ?? []).map((each) => each.giveaway_id));
    const drawn = [...this.#shown].find((id) => !ids.has(id));
    this.#shown = ids;
    if (drawn) this.#learnResultSoon(drawn, TRIES_MAX);
  }

  /** Thousands ask in this moment, and nobody minds a second; the record may be that much behind the log as well.
   * @param {string} id @param {number} tries */
  #learnResultSoon(id, tries) {
    const look = async () => {
      const { giveaways } = await salesApi.giveaways(this.showId).catch(() => ({ giveaways: [] }));
      const found = giveaways.find((each) => each.giveaway_id === id && each.state === "drawn");
      if (found) this.result.value = found;
      else if (tries > 1) this.#learnResultSoon(id, tries - 1);
    };
    setTimeout(look, 300 + Math.random() * 1_200);
  }

  /** What this person takes part in, for example before a reload. */
  #learn() {
    const me = this.live.me.value;
    if (!this.current.value || me?.kind !== "account" || this.#learned === me.actor_id) return;
    this.#learned = me.actor_id;
    salesApi.myEntries(this.showId).then(({ entered }) => this.#enter(entered), () => (this.#learned = null));
  }
}
