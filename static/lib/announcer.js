// @ts-check
// What is said to people who listen to the page: each thing once, at once where waiting would be too late (an outbid), else when there
// is a pause. A region that appears together with its words is not read, so the regions are always there and the words come and go.

import { signal } from "@preact/signals-core";

/** @typedef {{ number: number, text: string, urgent: boolean }} Said */

/** Long enough to be read out; later a region that is drawn anew would say old things again. */
const KEPT_MS = 3_000;

/** Oldest first. @type {import("@preact/signals-core").Signal<readonly Said[]>} */
export const said = signal([]);
let number = 0;

/** @param {string} text in the reader's language @param {{ urgent?: boolean, later?: (call: () => void, ms: number) => unknown }} [how] */
export function announce(text, { urgent = false, later = setTimeout } = {}) {
  number += 1;
  const own = { number, text, urgent };
  said.value = [...said.peek(), own];
  later(() => (said.value = said.peek().filter((each) => each !== own)), KEPT_MS);
}

/** The moments of a countdown that are said. */
const MARKS_MS = [10_000, 5_000];

/** The mark that was passed between two looks; a clock that was set back passes none. @param {number} beforeMs @param {number} nowMs */
export const markPassed = (beforeMs, nowMs) => MARKS_MS.find((mark) => beforeMs > mark && nowMs <= mark && nowMs > 0) ?? null;
