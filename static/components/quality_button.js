// @ts-check
// @css quality.css
// How the connection does, as a dot with words for those who do not see it; a press shows more.

import { linesOf } from "../lib/layers.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Quality } from "../lib/quality.js" */

/** @type {Record<string, string>} */
const TEXT = { good: "quality-good", fair: "quality-fair", poor: "quality-poor" };

/** In words. @param {Quality | null} quality */
export const qualityText = (quality) => t(quality ? TEXT[quality.grade] : "quality-unknown");

/** Lines of the picture as viewers know them, for example `720p`; empty while there is none. @param {{ width: number, height: number }} size */
export const linesText = (size) => (linesOf(size) > 0 ? t("quality-lines", { lines: String(linesOf(size)) }) : "");

/** @param {{ quality: Quality | null }} props */
export const QualityDot = ({ quality }) => html`<span class=${`quality-dot quality-dot-${quality?.grade ?? "unknown"}`}></span>`;

/** @param {{ quality: Quality | null, onClick: () => void }} props */
export function QualityButton({ quality, onClick }) {
  const lines = quality ? linesText(quality) : "";
  return html`
    <button class="button button-glass quality-button" type="button" data-testid="quality" data-grade=${quality?.grade ?? "unknown"}
      aria-label=${t("quality-label", { state: qualityText(quality), lines })} onClick=${onClick}>
      <${QualityDot} quality=${quality} />${lines && html`<span class="numbers">${lines}</span>`}
    </button>
  `;
}
