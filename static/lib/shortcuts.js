// @ts-check
// Which key does what in the studio. Pure. Letters go by their place on the keyboard, so that they work in every layout.

/** @typedef {"next" | "pin" | "mute" | "camera" | "help"} Shortcut */

/** @type {Record<string, Shortcut>} */
const BY_CODE = { KeyN: "next", KeyP: "pin", KeyM: "mute", KeyV: "camera" };

/** Keys as they are listed, in this order. @type {[Shortcut, string, string][]} shortcut, key, message */
export const LISTED = [
  ["next", "N", "shortcut-next"],
  ["pin", "P", "shortcut-pin"],
  ["mute", "M", "shortcut-mute"],
  ["camera", "V", "shortcut-camera"],
  ["help", "?", "shortcut-help"],
];

/**
 * What a key press means, or null. Never while typing, in a sheet, or with a modifier, which belong to the browser.
 * @param {{ key: string, code: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, repeat: boolean }} press
 * @param {boolean} typing the focus is where text or a choice is entered @returns {Shortcut | null}
 */
export function shortcutOf(press, typing) {
  if (typing || press.repeat || press.ctrlKey || press.metaKey || press.altKey) return null;
  return press.key === "?" ? "help" : (BY_CODE[press.code] ?? null);
}
