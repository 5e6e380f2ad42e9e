// @ts-check
// Sound as the person last wanted it. Browsers let a page play with sound only after a touch; whoever chose sound before gets it with the
// first touch of anything.

import { forBrowser } from "../lib/kept.js";

/** What was chosen on this browser: "on" or "off"; nobody has chosen yet where there is none. */
const CHOICE = "efir.sound";

export const wantsSound = () => forBrowser.getItem(CHOICE) === "on";

/** @param {boolean} on */
export const rememberSound = (on) => forBrowser.setItem(CHOICE, on ? "on" : "off");

/** @param {() => void} unmute called within the first touch or key; not for the tools over the picture, which do that themselves */
export function onFirstTouch(unmute) {
  const act = (/** @type {Event} */ event) => {
    if (event.target instanceof Element && event.target.closest(".player-tools")) return;
    stop();
    unmute();
  };
  const stop = () => ["pointerup", "keydown"].forEach((name) => document.removeEventListener(name, act, { capture: true }));
  ["pointerup", "keydown"].forEach((name) => document.addEventListener(name, act, { capture: true }));
  return stop;
}
