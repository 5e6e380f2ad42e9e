// @ts-check
// @css quality.css
// What the connection carries, and which size of the picture to take.

import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { QualityDot, linesText, qualityText } from "./quality_button.js";
import { t } from "./words.js";

/**
 * @import { Layer } from "../lib/layers.js"
 * @import { Quality } from "../lib/quality.js"
 * @import { LayerChoice } from "../lib/whep.js"
 */

/** @param {{ quality: Quality | null, choice: LayerChoice, onChoose: (rid: string | null) => void, onClose: () => void }} props */
export const QualitySheet = ({ quality, choice, onChoose, onClose }) => html`
  <${Dialog} title=${t("quality-title")} testid="quality-sheet" onClose=${onClose}>
    <p class="row quality-state" role="status"><${QualityDot} quality=${quality} />${qualityText(quality)}</p>
    ${quality && html`<${Facts} quality=${quality} />`}
    ${choice.layers.length > 0
      ? html`
          <fieldset class="stack quality-choice">
            <legend class="field-label">${t("quality-size")}</legend>
            <${Choice} value=${null} chosen=${choice.chosen} text=${t("quality-auto")} onChoose=${onChoose} />
            ${choice.layers.map((layer) => html`
              <${Choice} key=${layer.rid} value=${layer.rid} chosen=${choice.chosen} text=${layerText(layer)} onChoose=${onChoose} />
            `)}
          </fieldset>
        `
      : html`<p class="soft small">${t("quality-one-size")}</p>`}
  <//>
`;

/** @param {{ quality: Quality }} props */
const Facts = ({ quality }) => html`
  <dl class="quality-facts numbers">
    <div><dt class="soft">${t("quality-bitrate-label")}</dt><dd>${bitrateText(quality.bitrateBps)}</dd></div>
    <div><dt class="soft">${t("quality-loss-label")}</dt><dd>${t("quality-loss", { percent: Math.round(quality.lossRatio * 1_000) / 10 })}</dd></div>
    ${quality.rttMs !== null && html`<div><dt class="soft">${t("quality-delay-label")}</dt><dd>${t("quality-delay", { ms: String(Math.round(quality.rttMs)) })}</dd></div>`}
  </dl>
`;

/** @param {{ value: string | null, chosen: string | null, text: string, onChoose: (rid: string | null) => void }} props */
const Choice = ({ value, chosen, text, onChoose }) => html`
  <label class="quality-option">
    <input type="radio" name="layer" data-testid=${`layer-${value ?? "auto"}`} checked=${value === chosen} onChange=${() => onChoose(value)} />
    <span>${text}</span>
  </label>
`;

/** A publisher may leave the sizes unsaid; then bits tell the encodings apart. @param {Layer} layer */
const layerText = (layer) => linesText(layer) || bitrateText(layer.bitrateBps);

/** @param {number} bps */
const bitrateText = (bps) => t("quality-bitrate", { mbits: Math.round(bps / 100_000) / 10 });
