// @ts-check
// @css reactions.css
// Reactions that rise over the video. Only transform and opacity move, so the compositor does it and the video keeps its frames.

import { useEffect, useRef } from "preact/hooks";
import { SIGNS } from "../lib/reactions.js";
import { html } from "./html.js";

/**
 * @import { Kind } from "../lib/reactions.js"
 * @import { Hearts } from "../watch/hearts.js"
 */

/** In the air at once; beyond that a reaction is counted, not drawn. */
const IN_THE_AIR_MAX = 36;
/** News of many at once are let go one after the other. */
const SPREAD_MS = 900;
const RISE_MS = 2_400;

/** @param {{ hearts: Hearts }} props */
export function Flying({ hearts }) {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => hearts.onFly((kinds) => kinds.forEach((kind, index) => fly(ref.current, kind, (index * SPREAD_MS) / kinds.length))), [hearts]);
  return html`<div class="flying" ref=${ref} aria-hidden="true" data-testid="flying"></div>`;
}

/** @param {HTMLElement | null} air @param {Kind} kind @param {number} delay */
function fly(air, kind, delay) {
  if (!air || air.childElementCount >= IN_THE_AIR_MAX || document.hidden) return;
  // Somebody who wants no motion sees the number grow.
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const sign = document.createElement("span");
  sign.className = "flying-sign";
  sign.textContent = SIGNS[kind];
  sign.dataset.kind = kind;
  air.append(sign);
  const drift = (Math.random() - 0.5) * 90;
  const size = 0.8 + Math.random() * 0.5;
  const frames = [
    { transform: "translate(0, 0) scale(0.3)", opacity: 0 },
    { transform: `translate(${-drift / 3}px, -15%) scale(${size})`, opacity: 1, offset: 0.12 },
    { transform: `translate(${drift / 2}px, -900%) scale(${size})`, opacity: 0.9, offset: 0.7 },
    { transform: `translate(${drift}px, -1300%) scale(${size})`, opacity: 0 },
  ];
  const animation = sign.animate(frames, { duration: RISE_MS * (0.85 + Math.random() * 0.4), delay, easing: "ease-out", fill: "backwards" });
  // A tab that is thrown away in mid-air cancels it.
  animation.finished.then(() => sign.remove(), () => sign.remove());
}
