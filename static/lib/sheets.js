// @ts-check
// The sheets that lie over the page, the newest last: a back button closes that one first.

import { signal } from "@preact/signals-core";

/** @typedef {() => void} Close */

/** @type {import("@preact/signals-core").Signal<readonly Close[]>} */
export const sheets = signal([]);

/** A sheet has opened. @param {Close} close @returns {Close} to be called when it is gone */
export function opened(close) {
  const own = () => close();
  sheets.value = [...sheets.peek(), own];
  return () => {
    sheets.value = sheets.peek().filter((each) => each !== own);
  };
}

/** Closes the newest; false when there is none. */
export function closeNewest() {
  const newest = sheets.peek().at(-1);
  newest?.();
  return newest !== undefined;
}
