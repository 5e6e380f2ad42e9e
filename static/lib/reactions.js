// @ts-check
// Hearts and the like: own taps are gathered into few commands, others' are what the totals grew by. No drawing, no timers of its own.

/**
 * @import { ReactionsState } from "../../schemas/generated/messages"
 * @typedef {"heart" | "fire" | "clap" | "laugh" | "wow"} Kind
 */

/** As schemas/http/reactions.py REACTIONS_AT_ONCE_MAX. */
export const AT_ONCE_MAX = 20;
/** Taps are gathered this long, so that a fast thumb costs one command a second. */
export const GATHER_MS = 1_000;
/** Others' reactions that fly per news of the totals: more would be a blur, and cost frames of the video. */
const BURST_MAX = 12;

/** @type {Record<Kind, string>} */
export const SIGNS = Object.freeze({ heart: "❤️", fire: "🔥", clap: "👏", laugh: "😂", wow: "😮" });

export class Taps {
  /** @type {Map<Kind, number>} */ #taps = new Map();

  /** Whether the tap counts; those over the limit of one command do not. @param {Kind} kind */
  add(kind) {
    const count = this.#taps.get(kind) ?? 0;
    if (count >= AT_ONCE_MAX) return false;
    this.#taps.set(kind, count + 1);
    return true;
  }

  /** Commands for what was gathered, and a fresh start. */
  take() {
    const commands = [...this.#taps].map(([kind, count]) => ({ kind, count }));
    this.#taps.clear();
    return commands;
  }
}

export class Totals {
  /** @type {Record<string, number> | null} */ #known = null;
  /** Own taps that were drawn already and that the totals have yet to count. @type {Map<string, number>} */ #own = new Map();

  /** @param {Kind} kind @param {number} count */
  sent(kind, count) {
    this.#own.set(kind, (this.#own.get(kind) ?? 0) + count);
  }

  /** A command that was refused will not be counted. @param {Kind} kind @param {number} count */
  refused(kind, count) {
    this.#own.set(kind, Math.max(0, (this.#own.get(kind) ?? 0) - count));
  }

  /** Others' reactions since the last totals, at most `BURST_MAX`; the first totals are history. @param {ReactionsState} state @returns {Kind[]} */
  news({ counts }) {
    const known = this.#known;
    this.#known = counts;
    if (!known) return [];
    const grown = /** @type {Kind[]} */ (Object.keys(SIGNS)).map((kind) => ({ kind, count: this.#others(kind, (counts[kind] ?? 0) - (known[kind] ?? 0)) }));
    const all = grown.reduce((sum, { count }) => sum + count, 0);
    const scale = Math.min(1, BURST_MAX / Math.max(1, all));
    return grown.flatMap(({ kind, count }) => Array(Math.min(BURST_MAX, Math.ceil(count * scale))).fill(kind)).slice(0, BURST_MAX);
  }

  /** @param {string} kind @param {number} growth */
  #others(kind, growth) {
    if (growth <= 0) return 0;
    const own = Math.min(growth, this.#own.get(kind) ?? 0);
    this.#own.set(kind, (this.#own.get(kind) ?? 0) - own);
    return growth - own;
  }
}

/** How many of all kinds. @param {ReactionsState | null} state */
export const totalOf = (state) => Object.values(state?.counts ?? {}).reduce((sum, each) => sum + each, 0);
