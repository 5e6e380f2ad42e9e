// @ts-check
// Whether a microphone is heard. Pure: a level and the time go in.

/**
 * @typedef {"listening" | "heard" | "silent"} Heard
 * @typedef {{ heard: Heard, loudAtMs: number }} Hearing `loudAtMs`: when something was heard last, or when listening began
 */

/** Louder than a quiet room, on the scale of `watchLevel`. */
export const LOUD = 0.35;
/** A host who reads the page says nothing for a while; after this long something is wrong. */
export const SILENT_MS = 6_000;

/** @param {number} nowMs monotonic @returns {Hearing} */
export const listening = (nowMs) => ({ heard: "listening", loudAtMs: nowMs });

/** @param {Hearing} hearing @param {number} level from 0 to 1 @param {number} nowMs @returns {Hearing} */
export function hear(hearing, level, nowMs) {
  if (level > LOUD) return { heard: "heard", loudAtMs: nowMs };
  if (nowMs - hearing.loudAtMs < SILENT_MS || hearing.heard === "silent") return hearing;
  return { ...hearing, heard: "silent" };
}
