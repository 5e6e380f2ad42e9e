// @ts-check
// A product's or show's picture; without one, a calm colour with the first letter.

import { html } from "./html.js";

/** Number of colours in picture.css. */
const TONES = 6;

/** @param {string} text */
const toneOf = (text) => [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % TONES;

/** @param {{ url: string | null, title: string }} props */
export const Picture = ({ url, title }) =>
  url
    ? html`<img class="picture" src=${url} alt="" loading="lazy" decoding="async" />`
    : html`<span class=${`picture picture-tone-${toneOf(title)}`} aria-hidden="true">${title.trim().slice(0, 1).toUpperCase()}</span>`;
