// @ts-check
// The rows of a run of show and what can be done with their order. Pure.

/**
 * @import { Item } from "./offers.js"
 * @typedef {{ item_id: string, sku: string | null, title: string, note: string, planned_minutes: number }} Step
 * @typedef {{ id: string, step: Step, item: Item | null }} Row `item` is null for a segment, and for a product that is not sold here any more
 */

/** As schemas/http/shows.py. */
export const TITLE_LENGTH_MAX = 80;
export const NOTE_LENGTH_MAX = 500;
export const PLANNED_MINUTES_MAX = 240;

const MINUTE_MS = 60_000;

/** The host's order, then the products that nobody has put in order yet. @param {readonly Step[]} steps @param {readonly Item[]} items @returns {Row[]} */
export function rowsOf(steps, items) {
  const sold = new Map(items.map((item) => [item.offer.sku, item]));
  const placed = new Set(steps.map(({ item_id }) => item_id));
  const rest = [...sold.keys()].filter((sku) => !placed.has(sku)).sort();
  return [...steps, ...rest.map((sku) => ({ item_id: sku, sku, title: "", note: "", planned_minutes: 0 }))]
    .map((step) => ({ id: step.item_id, step, item: (step.sku && sold.get(step.sku)) || null }));
}

/** What the server keeps of rows. @param {readonly Row[]} rows @returns {Step[]} */
export const stepsOf = (rows) => rows.map(({ step }) => step);

/** One row at another place; places outside mean the first or the last. @template T @param {readonly T[]} rows @param {number} from @param {number} to @returns {T[]} */
export function moved(rows, from, to) {
  const after = [...rows];
  const [taken] = after.splice(from, 1);
  if (taken === undefined) return [...rows];
  after.splice(Math.max(0, Math.min(rows.length - 1, to)), 0, taken);
  return after;
}

/** The row after the current one; the first when none is, null after the last. @param {readonly Row[]} rows @param {string | null} currentId */
export const nextOf = (rows, currentId) => rows[rows.findIndex(({ id }) => id === currentId) + 1] ?? null;

/**
 * Where a dragged row would lie: it takes the place of a row once its middle has passed that row's middle.
 * @param {readonly { top: number, height: number }[]} boxes of all rows as they lay before @param {number} from @param {number} by pixels downwards
 */
export function dropIndex(boxes, from, by) {
  const middle = (/** @type {{ top: number, height: number }} */ box) => box.top + box.height / 2;
  const here = middle(boxes[from]) + by;
  let at = from;
  while (at + 1 < boxes.length && here > middle(boxes[at + 1])) at += 1;
  while (at > 0 && here < middle(boxes[at - 1])) at -= 1;
  return at;
}

/** How far row `index` gives way, in pixels, while row `from` is held over `to`. @param {readonly { top: number, height: number }[]} boxes
 * @param {number} index @param {number} from @param {number} to */
export function givesWay(boxes, index, from, to) {
  const gap = boxes.length > 1 ? boxes[1].top - boxes[0].top - boxes[0].height : 0;
  const space = boxes[from].height + gap;
  if (from < index && index <= to) return -space;
  return to <= index && index < from ? space : 0;
}

/**
 * The plan in minutes, and how long the current step still has. `leftMs` is null when the step has no plan, and below zero when it takes longer.
 * @param {readonly Row[]} rows @param {string | null} currentId @param {number | null} sinceMs @param {number} nowMs
 */
export function timing(rows, currentId, sinceMs, nowMs) {
  const plannedMinutes = rows.reduce((sum, { step }) => sum + step.planned_minutes, 0);
  const current = rows.find(({ id }) => id === currentId);
  const leftMs = current?.step.planned_minutes && sinceMs !== null ? sinceMs + current.step.planned_minutes * MINUTE_MS - nowMs : null;
  return { plannedMinutes, leftMs };
}
