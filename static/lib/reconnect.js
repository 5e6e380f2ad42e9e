// @ts-check
// What a player does about a path that is gone or a session that was refused. Pure: what happened goes in, the next step comes out.

import { fullJitterMs } from "./backoff.js";

/**
 * @import { ApiError } from "./errors.js"
 * @typedef {{ everPlayed: boolean, attempt: number, restarted: boolean, canRestart: boolean }} Situation `attempt`: sessions in a row that
 *   came to nothing; `restarted`: this session's path was tried anew already; `canRestart`: the session is known, so a PATCH is possible
 * @typedef {"connecting" | "reconnecting" | "waiting" | "away" | "blocked" | "failed" | "ended"} Pause how the player looks meanwhile;
 *   `blocked`: the server answers, its media do not arrive
 * @typedef {{ step: "restart" | "connect" | "stop", afterMs: number, status: Pause }} Next
 */

/** ICE mends a short cut by itself; a second later a viewer has noticed, and a restart costs one small request. */
export const DISCONNECTED_MS = 1_000;
/** A restart takes two round trips. What is not back by then has lost its session too. */
export const RESTART_MS = 3_000;
/** A first try that has no packets by then is on a dead path (UDP blocked, node gone). */
export const CONNECT_MS = 8_000;
/** How long the host's packets may be missing, while the server says that they come, before the session counts as broken. */
export const STALL_MS = 5_000;
/** Sessions in a row that came to nothing before the network is named as the reason. */
const BLOCKED_AFTER = 1;
/** The server's Retry-After is obeyed up to here; a viewer does not wait longer for a show that just started. */
const RETRY_AFTER_MAX_MS = 15_000;

/** The path is gone: the session is kept if that is possible, because the picture then goes on without a new key frame.
 * @param {Situation} now @param {() => number} [random] @returns {Next} */
export function afterLoss(now, random = Math.random) {
  const status = now.everPlayed ? "reconnecting" : "connecting";
  if (now.canRestart && !now.restarted) return { step: "restart", afterMs: 0, status };
  // One session without a path may be bad luck; the second one in a row, with a server that answers, is a network that lets no media through.
  const blocked = now.canRestart && now.attempt >= BLOCKED_AFTER;
  return { step: "connect", afterMs: fullJitterMs(now.attempt, random), status: blocked ? "blocked" : status };
}

/** The server would not have it. @param {ApiError} error @param {Situation} now @param {() => number} [random] @returns {Next} */
export function afterRefusal(error, now, random = Math.random) {
  const afterMs = Math.min(error.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS) + fullJitterMs(now.attempt, random);
  if (error.name === "show_ended") return { step: "stop", afterMs: 0, status: "ended" };
  // Nothing is wrong: the host is not there yet, or not there any more.
  if (error.name === "stream_inactive" || error.name === "show_not_live") {
    return { step: "connect", afterMs, status: now.everPlayed ? "away" : "waiting" };
  }
  // Who has watched was let in before: what is unknown now is the session of a server that has gone.
  if (error.temporary || error.status === 409 || (error.status === 404 && now.everPlayed)) {
    return { step: "connect", afterMs, status: now.everPlayed ? "reconnecting" : "connecting" };
  }
  return { step: "stop", afterMs: 0, status: "failed" };
}
