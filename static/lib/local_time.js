// @ts-check
// Moments in the reader's own zone, as `<input type="datetime-local">` has them ("2026-11-30T19:30"). Pure but for the zone of the device.

/** @param {number} atMs Unix milliseconds */
export function localText(atMs) {
  const moment = new Date(atMs);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** Unix milliseconds, or null when the text is no moment. A text without a zone means the reader's. @param {string} text */
export function localMoment(text) {
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? new Date(text).getTime() : NaN;
  return Number.isNaN(atMs) ? null : atMs;
}

/** "Europe/Berlin" */
export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
