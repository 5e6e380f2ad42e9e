// @ts-check
// A product's or show's picture; without one, a calm colour with the first letter.

import { sourcesOf } from "../lib/pictures.js";
import { html } from "./html.js";

/** Number of colours in picture.css. */
const TONES = 6;

/** The browser knows the place itself once the picture is laid out; one that cannot say so takes the middle width. */
const SIZES = "auto, 20rem";

/** @param {string} text */
const toneOf = (text) => [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % TONES;

/** @param {{ url: string | null, title: string }} props */
export const Picture = ({ url, title }) =>
  url
    ? html`<img class="picture" src=${url} srcset=${sourcesOf(url)} sizes=${SIZES} alt="" loading="lazy" decoding="async" />`
    : html`<span class=${`picture picture-tone-${toneOf(title)}`} aria-hidden="true">${title.trim().slice(0, 1).toUpperCase()}</span>`;
