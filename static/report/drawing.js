// @ts-check
// The plot itself: viewers as an area, orders as bars in its lower third, pins and hammers as lines with a label.

import uPlot from "uplot";
import { columnsOf, MINUTE_MS, withoutOverlap } from "../lib/recap.js";

/**
 * @import { RecapMinute } from "../../schemas/generated/messages"
 * @import { Mark } from "../lib/recap.js"
 * @typedef {Record<"viewers" | "fill" | "orders" | "grid" | "text" | "pin", string>} Inks
 * @typedef {{ root: HTMLElement, minutes: RecapMinute[], marks: Mark[], inks: Inks, time: (ms: number) => string, words: { viewers: string, orders: string },
 *   height: number, onChoose: (index: number | null) => void }} Made
 * @typedef {{ point: (index: number) => void, resize: (width: number) => void, destroy: () => void }} Drawing
 */

const FONT = '12px "Onest", system-ui, sans-serif';
const LABEL_HEIGHT = 18;
/** Signs of a label on a wide plot, and on a phone's. */
const LABEL_MAX = 18;
const LABEL_SHORT = 8;
const NARROW = 480;
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
/** Whole minutes and hours, in seconds. */
const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 240, 720].map((minutes) => minutes * 60);

/** A canvas knows no custom properties: hidden elements have the colours, and the theme is in them. @param {HTMLElement} root */
export function inksOf(root) {
  const marks = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-ink]"))];
  return /** @type {Inks} */ (Object.fromEntries(marks.map((mark) => [mark.dataset.ink, getComputedStyle(mark).color])));
}

/** @param {Made} made @returns {Drawing} */
export function draw(made) {
  const { root, minutes, onChoose } = made;
  const plot = new uPlot(options(made), columnsOf(minutes), root);
  // A finger that slides along chooses as a mouse does; up and down it scrolls the page.
  const touched = (/** @type {PointerEvent} */ event) => {
    if (event.pointerType === "mouse") return;
    const left = event.clientX - plot.over.getBoundingClientRect().left;
    plot.setCursor({ left, top: plot.over.clientHeight / 2 });
    onChoose(plot.posToIdx(left));
  };
  plot.over.addEventListener("pointerdown", touched);
  plot.over.addEventListener("pointermove", touched);
  return {
    point: (index) => plot.setCursor({ left: plot.valToPos(plot.data[0][index], "x"), top: plot.over.clientHeight / 2 }, false),
    resize: (width) => width > 0 && width !== plot.width && plot.setSize({ width, height: made.height }),
    destroy: () => plot.destroy(),
  };
}

/** @param {Made} made @returns {uPlot.Options} */
function options({ root, minutes, marks, inks, time, words, height, onChoose }) {
  const sold = Math.max(...minutes.map(({ orders }) => orders));
  const few = minutes.length <= 2;
  const axis = { font: FONT, stroke: inks.text, grid: { stroke: inks.grid, width: 1 }, ticks: { show: false } };
  const count = { ...axis, incrs: WHOLE, size: 36 };
  return {
    width: root.clientWidth || 320,
    height,
    padding: [LABEL_HEIGHT + 10, sold > 0 ? null : 12, null, null],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 9, fill: (_, index) => (index === 1 ? inks.viewers : inks.orders) } },
    scales: {
      x: { time: true, range: (_, from, to) => [(from ?? 0) - MINUTE_MS / 2000, (to ?? 0) + MINUTE_MS / 2000] },
      viewers: { range: (_, __, most) => [0, Math.max(4, (most ?? 0) * 1.1)] },
      orders: { range: () => [0, Math.max(3, sold * 2.5)] },
    },
    axes: [
      { ...axis, grid: { show: false }, incrs: TIMES, space: 72, size: 32, values: (_, seconds) => seconds.map((each) => time(each * 1000)) },
      { ...count, scale: "viewers" },
      { ...count, scale: "orders", side: 1, show: sold > 0, grid: { show: false } },
    ],
    series: [
      {},
      { label: words.viewers, scale: "viewers", stroke: inks.viewers, fill: inks.fill, width: 2, points: { show: few, size: 9, fill: inks.viewers } },
      { label: words.orders, scale: "orders", fill: inks.orders, stroke: inks.orders, width: 0, points: { show: false }, paths: uPlot.paths.bars?.({ size: [0.6, 28, 2] }) },
    ],
    hooks: {
      drawClear: [(plot) => drawMarks(plot, marks, inks)],
      setCursor: [(plot) => typeof plot.cursor.idx === "number" && onChoose(plot.cursor.idx)],
    },
  };
}

/** @param {uPlot} plot @param {Mark[]} marks @param {Inks} inks */
function drawMarks(plot, marks, inks) {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.font = FONT.replace("12px", `${12 * scale}px`);
  ctx.textBaseline = "bottom";
  const most = plot.width < NARROW ? LABEL_SHORT : LABEL_MAX;
  const placed = marks.map(({ atMs, title }) => {
    const text = [...title].length > most ? `${[...title].slice(0, most - 1).join("").trimEnd()}…` : title;
    const at = Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(atMs / 1000, "x", true)));
    const width = ctx.measureText(text).width;
    return { text, at, left: Math.min(at, bbox.left + bbox.width - width), width };
  });
  const shown = withoutOverlap(placed, 10 * scale);
  placed.forEach(({ text, at, left }, index) => {
    const tall = shown[index];
    ctx.strokeStyle = marks[index].kind === "sold" ? inks.orders : inks.pin;
    ctx.lineWidth = scale;
    ctx.setLineDash([3 * scale, 3 * scale]);
    ctx.beginPath();
    ctx.moveTo(at, tall ? bbox.top - 6 * scale : bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillStyle = inks.text;
    if (tall) ctx.fillText(text, left, bbox.top - 8 * scale);
  });
  ctx.restore();
}
