// @ts-check
// The two regions that screen readers follow. A sheet silences everything around it, so it has regions of its own.

import { useEffect, useRef } from "preact/hooks";
import { announce, said } from "../lib/announcer.js";
import { sheets } from "../lib/sheets.js";
import { html } from "./html.js";

/** `within`: in a sheet. @param {{ within?: boolean }} props */
export function Announcer({ within = false }) {
  const now = within || sheets.value.length === 0 ? said.value : [];
  const of = (/** @type {boolean} */ urgent) => now.filter((each) => each.urgent === urgent).map(({ number, text }) => html`<p key=${number}>${text}</p>`);
  return html`
    <div class="visually-hidden" aria-live="polite" data-testid="said">${of(false)}</div>
    <div class="visually-hidden" aria-live="assertive" data-testid="said-at-once">${of(true)}</div>
  `;
}

/** Says something when a condition begins to hold; not when it held from the beginning. @param {boolean} holds @param {() => string} text @param {boolean} [urgent] */
export function useAnnounced(holds, text, urgent = false) {
  const before = useRef(holds);
  useEffect(() => {
    if (holds && !before.current) announce(text(), { urgent });
    before.current = holds;
  }, [holds]);
}
