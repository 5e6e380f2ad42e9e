// @ts-check
// The way to a page that is not ours.

import { embedded } from "../lib/embedded.js";

/**
 * To the page of a payment provider, which refuses to lie in a frame. Browsers open a window in answer to a press only; when that was too
 * long ago, the link beside the order is left.
 * @param {string} url
 */
export function goTo(url) {
  if (!embedded) location.assign(url);
  else if (navigator.userActivation?.isActive) window.open(url, "_blank", "noopener");
}
