// @ts-check
// What the hand feels: Telegram's own feedback within it, else the phone's vibration. Never the only sign of anything.

/**
 * @typedef {"tap" | "success" | "warning"} Feeling
 * @typedef {(feeling: Feeling) => void} Feel
 * @typedef {Pick<import("./telegram.js").Telegram, "post">} Client
 */

/** Milliseconds of vibration and pause, in turn. @type {Record<Feeling, number[]>} */
const PATTERNS = { tap: [8], success: [15, 60, 25], warning: [40, 50, 40] };

/** @type {Record<Feeling, Record<string, string>>} */
const IN_TELEGRAM = {
  tap: { type: "impact", impact_style: "light" },
  success: { type: "notification", notification_type: "success" },
  warning: { type: "notification", notification_type: "warning" },
};

/** @param {Client | null} client @param {Pick<Navigator, "vibrate"> | undefined} device @returns {Feel} */
export const hapticsOf = (client, device) => (feeling) => {
  if (client) client.post("web_app_trigger_haptic_feedback", IN_TELEGRAM[feeling]);
  // Not in every browser; before the first touch they say no, which is fine.
  else device?.vibrate?.(PATTERNS[feeling]);
};

/** @type {Client | null} */
let client = null;

/** Within Telegram its client makes the feeling. @param {Client} telegram */
export const feelThrough = (telegram) => (client = telegram);

/** @type {Feel} */
export const feel = (feeling) => hapticsOf(client, globalThis.navigator)(feeling);
