// @ts-check
// @css broadcast.css
// A line of text to copy: a link, a token. Selecting it by hand works too.

import { useState } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** How long "Copied" stays. */
const NOTE_MS = 2_000;

/** @param {{ label: string, value: string, testid: string }} props */
export function CopyLine({ label, value, testid }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), NOTE_MS);
  };
  return html`
    <div class="field">
      <span class="field-label">${label}</span>
      <div class="copy-line">
        <input class="field-input" readonly aria-label=${label} value=${value} data-testid=${testid}
          onFocus=${(/** @type {FocusEvent} */ event) => /** @type {HTMLInputElement} */ (event.target).select()} />
        <button class="button" type="button" aria-label=${t("copy")} onClick=${copy}><${Icon} name=${copied ? "check" : "copy"} /><span class="visually-hidden" role="status">${copied ? t("copied") : ""}</span></button>
      </div>
    </div>
  `;
}
