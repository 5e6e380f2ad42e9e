// @ts-check
// How many pictures per second a camera really delivers. Pure: the moments of its frames go in.

/** Frames older than this say nothing of now. */
const WINDOW_MS = 2_000;

/** @param {readonly number[]} framesMs moments of the last frames @param {number} atMs of one more @returns {number[]} */
export const withFrame = (framesMs, atMs) => [...framesMs.filter((each) => each > atMs - WINDOW_MS), atMs];

/** Pictures per second, or null before there are enough to tell. @param {readonly number[]} framesMs */
export function frameRate(framesMs) {
  const spanMs = (framesMs.at(-1) ?? 0) - (framesMs[0] ?? 0);
  return framesMs.length < 8 || spanMs < 250 ? null : Math.round(((framesMs.length - 1) * 1_000) / spanMs);
}

/** Too small or too slow to show a product well. @param {{ width: number, height: number, fps: number | null }} picture */
export const isPoor = ({ width, height, fps }) => Math.min(width, height) < 480 || (fps !== null && fps < 15);
