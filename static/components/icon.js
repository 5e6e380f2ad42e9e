// @ts-check
// A decorative icon; the text beside it, or the button's label, says what it means.

import { html } from "./html.js";

/** @param {{ name: string, turning?: boolean }} props */
export const Icon = ({ name, turning = false }) =>
  html`<span class=${`icon icon-${name}${turning ? " icon-turning" : ""}`} aria-hidden="true"></span>`;
