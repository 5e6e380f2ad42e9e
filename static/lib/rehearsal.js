// @ts-check
// Rehearsals of shows: their ids say what they are, and who knows an id may watch.

/** Whether this is a rehearsal. @param {string} showId */
export const isRehearsal = (showId) => showId.startsWith("reh_");

/** An id that nobody can guess: all of its 128 bits are random. */
export function newRehearsalId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `reh_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
