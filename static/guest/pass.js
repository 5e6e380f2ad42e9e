// @ts-check
// What a guest's browser keeps, so that a reload is no second invitation: the pass, and the key that opened it.

/** @typedef {{ showId: string, participantId: string, token: string, key: string }} Pass */

const PREFIX = "efir.pass.";

/** @param {Pass} pass */
export const keep = (pass) => localStorage.setItem(PREFIX + pass.showId, JSON.stringify(pass));

/** @param {string} showId */
export const forget = (showId) => localStorage.removeItem(PREFIX + showId);

/** The pass for a show, if this browser has one. @param {string} showId @returns {Pass | null} */
export function passFor(showId) {
  try {
    const pass = JSON.parse(localStorage.getItem(PREFIX + showId) ?? "null");
    return typeof pass?.token === "string" && typeof pass.participantId === "string" ? pass : null;
  } catch {
    // Not ours, or from a version that wrote something else: as good as none.
    return null;
  }
}
