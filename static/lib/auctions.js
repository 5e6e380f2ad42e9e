// @ts-check
// The auctions of a show as one viewer has them, without drawing: the running lot from the ledger's channel, names and what became of a
// lot from SQL's, and what only this person knows: the own maximum, and whether they may bid.

import { computed, signal } from "@preact/signals-core";
import { api } from "./api.js";
import { asApiError } from "./errors.js";
import { freshId } from "./store.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { AuctionState, BidView, LotCard, LotNow, LotsState, MyLot } from "../../schemas/generated/messages"
 * @import { Live } from "./store.js"
 * @typedef {"none" | "waiting" | "leading" | "outbid" | "won" | "lost"} Place where this person stands in a lot
 * @typedef {{ exact?: boolean, confirmed?: boolean }} How
 */

/** A lot stays in view this long after the hammer, unless it is put away. */
export const RESULT_MS = 45_000;

/** So many bidders can be told apart by their number before they have a name here. */
const NUMBERS = 9_000;

export class Auctions {
  /** What the server knows of this person, by lot. @type {Signal<ReadonlyMap<string, MyLot>>} */ mine = signal(new Map());
  /** Lots that this person has led, so that "outbid" can be said. @type {Set<string>} */ #led = new Set();
  /** Lots that this viewer has put away. @type {Signal<ReadonlySet<string>>} */ away = signal(new Set());
  /** A bid whose answer was lost is sent again under the same id. @type {{ of: string, id: string } | null} */ #intent = null;

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    this.live = live;
    this.name = `auctions:${showId}`;
    /** @type {Signal<AuctionState | null>} */ this.state = live.channel(this.name).state;
    /** @type {Signal<LotsState | null>} */ this.lots = live.channel(`lots:${showId}`).state;
    this.current = computed(() => current(this.state.value?.lots ?? [], this.away.value));
    this.names = computed(() => new Map((this.lots.value?.names ?? []).map(({ actor_id, name }) => [actor_id, name])));
  }

  /** SQL's word on a lot. @param {string} lotId @returns {LotCard | null} */
  cardOf(lotId) {
    return this.lots.value?.lots.find(({ lot_id }) => lot_id === lotId) ?? null;
  }

  /** How somebody is called; until the name has come, the number that stands for them. @param {string} actorId */
  nameOf(actorId) {
    return this.names.value.get(actorId) ?? null;
  }

  /** @param {LotNow} lot @returns {Place} */
  placeOf(lot) {
    const me = this.live.me.value?.actor_id ?? "";
    const leads = me !== "" && lot.leader_id === me;
    if (leads) this.#led.add(lot.lot_id);
    const bids = this.mine.value.get(lot.lot_id)?.bids ?? 0;
    return place(lot, leads, bids > 0 || this.#led.has(lot.lot_id));
  }

  /** What only this person knows of a lot, for example before a reload. @param {string} lotId */
  async learnMine(lotId) {
    this.#know(await api.myLot(lotId));
  }

  /**
   * Bids. Resolves with how the lot stood right after it.
   * @param {LotNow} lot @param {number} amountMinor @param {How} [how] @returns {Promise<BidView>}
   */
  async bid(lot, amountMinor, { exact = false, confirmed = false } = {}) {
    const of = `${lot.lot_id} ${amountMinor} ${exact} ${confirmed}`;
    const intent = this.#intent?.of === of ? this.#intent : { of, id: freshId("bid") };
    this.#intent = intent;
    const amount = { amount_minor: amountMinor, currency: lot.currency };
    try {
      const accepted = await this.live.publish(this.name, intent.id, { lot_id: lot.lot_id, amount, exact, confirmed });
      this.#intent = null;
      const view = /** @type {BidView} */ (accepted.echo);
      const known = this.mine.value.get(lot.lot_id);
      this.#know({ ...(known ?? nothing(lot.lot_id)), maximum_minor: view.maximum_minor, bids: (known?.bids ?? 0) + 1, leads: view.leads, refusal: "" });
      return view;
    } catch (error) {
      const refused = asApiError(error);
      // An answer came: the next press is a new intent.
      if (!refused.temporary) this.#intent = null;
      throw refused;
    }
  }

  /** @param {string} lotId */
  putAway(lotId) {
    this.away.value = new Set(this.away.value).add(lotId);
  }

  /** @param {MyLot} mine */
  #know(mine) {
    this.mine.value = new Map(this.mine.value).set(mine.lot_id, mine);
  }
}

/** @param {string} lotId @returns {MyLot} */
const nothing = (lotId) => ({ lot_id: lotId, maximum_minor: 0, bids: 0, leads: false, refusal: "", ceiling_minor: 0, offer_minor: 0, pays_until_ms: 0 });

/** The lot that is shown: the one that runs, else the last one. @param {LotNow[]} lots by their starts @param {ReadonlySet<string>} away */
export function current(lots, away) {
  const shown = lots.filter(({ lot_id, state }) => !away.has(lot_id) && state !== "void");
  return shown.find(isRunning) ?? shown.at(-1) ?? null;
}

/** @param {{ state: string }} lot */
export const isRunning = ({ state }) => state === "announced" || state === "open";

/** @param {LotNow} lot @param {boolean} leads @param {boolean} hasBid @returns {Place} */
export function place(lot, leads, hasBid) {
  if (lot.state === "announced") return hasBid ? "waiting" : "none";
  if (lot.state === "open") return leads ? "leading" : hasBid ? "outbid" : "none";
  if (lot.state === "sold" && leads) return "won";
  return hasBid ? "lost" : "none";
}

/** The least that a bid must be now; before the start that is the start price. @param {LotNow} lot */
export const leastOf = (lot) => Math.max(lot.next_minor, lot.start_minor);

/** A number by which a bidder is known until the name has come: always the same for one person. @param {string} actorId */
export const numberOf = (actorId) => 1_000 + (Number.parseInt(actorId.slice(-8), 16) % NUMBERS);
