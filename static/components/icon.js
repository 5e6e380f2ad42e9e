// @ts-check
// A decorative icon; the text beside it, or the button's label, says what it means. The server draws each icon of the page once.

import { html } from "./html.js";

/** @param {{ name: string, turning?: boolean }} props */
export const Icon = ({ name, turning = false }) =>
  html`<svg class=${turning ? "icon icon-turning" : "icon"} aria-hidden="true"><use href=${`#icon-${name}`} /></svg>`;
