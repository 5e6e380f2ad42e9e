// @ts-check
// A line of a list that is swept to the right with a finger: it follows, and lets go of itself.

import { useEffect } from "preact/hooks";

/** As far as a line follows, and how far counts as meant. */
const FOLLOW_MAX_PX = 72;
const MEANT_PX = 48;
/** Until here it may still be a tap, or the start of a scroll. */
const SLACK_PX = 10;

/**
 * @param {{ current: HTMLElement | null }} list @param {string} selector of the lines
 * @param {(line: HTMLElement) => void} onSwept
 */
export function useSwipe(list, selector, onSwept) {
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    /** @type {{ line: HTMLElement, x: number, y: number, pulled: number } | null} */
    let held = null;
    const start = (/** @type {PointerEvent} */ event) => {
      const line = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(selector));
      held = event.pointerType === "touch" && line ? { line, x: event.clientX, y: event.clientY, pulled: 0 } : null;
    };
    const move = (/** @type {PointerEvent} */ event) => {
      if (!held) return;
      const along = event.clientX - held.x;
      if (held.pulled === 0 && (along < SLACK_PX || Math.abs(event.clientY - held.y) > along)) return;
      held.pulled = Math.max(1, Math.min(FOLLOW_MAX_PX, along));
      held.line.style.transform = `translateX(${held.pulled}px)`;
    };
    const end = (/** @type {PointerEvent} */ event) => {
      if (!held) return;
      const { line, pulled } = held;
      held = null;
      line.style.transform = "";
      if (event.type === "pointerup" && pulled >= MEANT_PX) onSwept(line);
    };
    element.addEventListener("pointerdown", start);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
    return () => {
      element.removeEventListener("pointerdown", start);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", end);
      element.removeEventListener("pointercancel", end);
    };
  }, [onSwept]);
}
