// @ts-check
// How long to wait before the next try: full jitter, so that viewers who lost the same server do not come back together
// (Brooker, "Exponential Backoff And Jitter").

/** @typedef {{ baseMs: number, capMs: number }} BackoffLimits */

/** A person waits for this: the first retry is nearly at once, and no pause is longer than twenty seconds. */
export const FOR_A_PERSON = Object.freeze({ baseMs: 500, capMs: 20_000 });

/**
 * Pause in milliseconds before try number `attempt` (from 0), anywhere between nothing and the doubled limit.
 * @param {number} attempt @param {() => number} random in [0, 1) @param {BackoffLimits} limits
 */
export function fullJitterMs(attempt, random = Math.random, limits = FOR_A_PERSON) {
  return Math.floor(random() * Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(attempt, 30)));
}
