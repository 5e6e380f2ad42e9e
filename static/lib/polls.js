// @ts-check
// The polls of a show as one viewer has them, without drawing: what is asked now, one's own vote, shares of a hundred.

import { computed, signal } from "@preact/signals-core";
import { api } from "./api.js";
import { asApiError } from "./errors.js";
import { freshId } from "./store.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { PollView, PollsState } from "../../schemas/generated/messages"
 * @import { Live } from "./store.js"
 */

/** A result stays in view this long after the end, unless it is put away. */
export const RESULT_MS = 60_000;

export class Polls {
  /** Own votes by poll: the option's number. @type {Signal<ReadonlyMap<string, number>>} */ mine = signal(new Map());
  /** Polls that this viewer has put away. @type {Signal<ReadonlySet<string>>} */ away = signal(new Set());

  /** @param {string} showId @param {Live} live */
  constructor(showId, live) {
    this.showId = showId;
    this.live = live;
    this.name = `polls:${showId}`;
    /** @type {Signal<PollsState | null>} */ this.state = live.channel(this.name).state;
    this.current = computed(() => current(this.state.value?.polls ?? [], this.away.value, this.mine.value));
  }

  /** What this person has voted for, for example before a reload. */
  async learnMine() {
    const { votes } = await api.myVotes(this.showId);
    this.mine.value = new Map([...votes.map(({ poll_id, option }) => /** @type {const} */ ([poll_id, option])), ...this.mine.value]);
  }

  /** One vote each; the server's word counts when this device has forgotten its own. @param {PollView} poll @param {number} option */
  async vote(poll, option) {
    const before = this.mine.value;
    this.mine.value = new Map(before).set(poll.poll_id, option);
    try {
      await this.live.publish(this.name, freshId("vot"), { poll_id: poll.poll_id, option });
    } catch (error) {
      this.mine.value = before;
      const refused = asApiError(error);
      if (refused.name !== "already_voted") throw refused;
      await this.learnMine();
    }
  }

  /** @param {PollView} poll */
  putAway(poll) {
    this.away.value = new Set(this.away.value).add(poll.poll_id);
  }
}

/**
 * The one poll that is shown: an open one that waits for a vote, else any open one, else the newest result.
 * @param {PollView[]} polls newest first @param {ReadonlySet<string>} away @param {ReadonlyMap<string, number>} mine @returns {PollView | null}
 */
export function current(polls, away, mine) {
  const shown = polls.filter(({ poll_id }) => !away.has(poll_id));
  const open = shown.filter(({ status }) => status === "open");
  return open.find(({ poll_id }) => !mine.has(poll_id)) ?? open[0] ?? shown[0] ?? null;
}

/** Whole percents that add up to a hundred: the largest remainders are rounded up. No votes, no shares. @param {number[]} counts */
export function shares(counts) {
  const total = counts.reduce((sum, each) => sum + each, 0);
  if (total === 0) return counts.map(() => 0);
  const floors = counts.map((each) => Math.floor((each * 100) / total));
  const left = 100 - floors.reduce((sum, each) => sum + each, 0);
  const largest = counts.map((each, index) => ({ index, rest: (each * 100) % total })).sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of largest.slice(0, left)) floors[index] += 1;
  return floors;
}

/** Options with the most votes; none before the first vote. @param {number[]} counts @returns {number[]} their numbers */
export function leaders(counts) {
  const most = Math.max(...counts);
  return most > 0 ? counts.flatMap((each, index) => (each === most ? [index] : [])) : [];
}
