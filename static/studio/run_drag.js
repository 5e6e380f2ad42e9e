// @ts-check
// Dragging a row of the run of show with a mouse or a finger. Rows keep their place in the document until they are let go: an element
// that is moved there loses the pointer. Escape, or a change from elsewhere, lets go without moving anything.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { dropIndex, givesWay } from "../lib/run_of_show.js";

/** @typedef {{ from: number, to: number, by: number, boxes: { top: number, height: number }[] }} Drag */

/** This close to the edge of what scrolls, in pixels, the list goes along by so much per move. */
const EDGE_PX = 48;
const SCROLL_PX = 12;

/**
 * @param {string} key changes when rows come, go or change places
 * @param {(from: number, to: number) => void} onMove
 */
export function useRowDrag(key, onMove) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const [drag, setDrag] = useState(/** @type {Drag | null} */ (null));
  const stop = useRef(/** @type {(() => void) | null} */ (null));
  useEffect(() => () => stop.current?.(), [key]);

  const start = (/** @type {PointerEvent} */ event, /** @type {number} */ from) => {
    if (event.button !== 0 || !list.current) return;
    event.preventDefault(); // no selection of text; the grip keeps its focus for the keys
    /** @type {HTMLElement} */ (event.currentTarget).focus();
    const ground = /** @type {HTMLElement} */ (list.current);
    const boxes = [...ground.children].map((row) => ({ top: /** @type {HTMLElement} */ (row).offsetTop, height: /** @type {HTMLElement} */ (row).offsetHeight }));
    const scroller = scrollerOf(ground);
    const begin = event.clientY + scroller.scrollTop;
    let now = /** @type {Drag} */ ({ from, to: from, by: 0, boxes });
    const move = (/** @type {PointerEvent} */ next) => {
      if (next.pointerId !== event.pointerId) return;
      const { top, bottom } = scroller === document.documentElement ? { top: 0, bottom: innerHeight } : scroller.getBoundingClientRect();
      if (next.clientY < top + EDGE_PX) scroller.scrollTop -= SCROLL_PX;
      if (next.clientY > bottom - EDGE_PX) scroller.scrollTop += SCROLL_PX;
      const by = next.clientY + scroller.scrollTop - begin;
      now = { ...now, by, to: dropIndex(boxes, from, by) };
      setDrag(now);
    };
    const end = (/** @type {PointerEvent} */ next) => {
      if (next.pointerId !== event.pointerId) return;
      stop.current?.();
      if (next.type === "pointerup" && now.to !== from) onMove(from, now.to);
    };
    const escape = (/** @type {KeyboardEvent} */ press) => press.key === "Escape" && stop.current?.();
    stop.current = () => {
      stop.current = null;
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      removeEventListener("keydown", escape);
      setDrag(null);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
    addEventListener("keydown", escape);
    setDrag(now);
  };

  useLayoutEffect(() => {
    [...(list.current?.children ?? [])].forEach((row, index) => {
      const away = drag ? (index === drag.from ? drag.by : givesWay(drag.boxes, index, drag.from, drag.to)) : 0;
      /** @type {HTMLElement} */ (row).style.transform = away ? `translateY(${away}px)` : "";
    });
  }, [drag]);
  return { list, start, dragged: drag?.from ?? null };
}

/** What scrolls when the list is longer than its place. @param {HTMLElement} element */
function scrollerOf(element) {
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (at.scrollHeight > at.clientHeight && getComputedStyle(at).overflowY !== "visible") return at;
  }
  return document.documentElement;
}
