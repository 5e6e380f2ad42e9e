// @ts-check
// Whether this browser can put the shop on the home screen, and how: by a prompt of its own, or by hand on iOS. Pure but for signals.

import { signal } from "@preact/signals-core";

/**
 * @typedef {Event & { prompt: () => Promise<{ outcome: "accepted" | "dismissed" }> }} InstallEvent `beforeinstallprompt`
 * @typedef {{ userAgent: string, maxTouchPoints: number, standalone: boolean, framed: boolean }} Device
 */

/** Asked once and put off: not again on this browser. */
export const PUT_OFF = "efir.install.later";

/** Offered by the browser; null before that, and once it is used. @type {import("@preact/signals-core").Signal<InstallEvent | null>} */
export const offer = signal(null);

/** The browser's own bar stays away: the page asks where it fits. @param {Event} event */
export function hear(event) {
  event.preventDefault();
  offer.value = /** @type {InstallEvent} */ (event);
}

/** The offer is good once. */
export async function install() {
  const event = offer.value;
  offer.value = null;
  return (await event?.prompt())?.outcome === "accepted";
}

/** iPhones and iPads install by hand; newer iPads say that they are a Mac. @param {Device} device */
export const byHand = ({ userAgent, maxTouchPoints, standalone, framed }) =>
  !standalone && !framed && (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1));
