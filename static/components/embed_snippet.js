// @ts-check
// @css broadcast.css
// The lines that put a show on another site: as a player in the text, or as a bubble in the corner.

import { useState } from "preact/hooks";
import { snippetOf } from "../lib/embedded.js";
import { CopyLine } from "./copy_line.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** @param {{ showId: string }} props */
export function EmbedSnippet({ showId }) {
  const [mode, setMode] = useState("inline");
  const [liveOnly, setLiveOnly] = useState(false);
  const change = (/** @type {Event} */ event) => setMode(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`
    <details class="panel obs" data-testid="embed">
      <summary>${t("embed-title")}</summary>
      <div class="stack">
        <p class="soft small">${t("embed-text")}</p>
        <label class="field"><span class="field-label">${t("embed-mode")}</span>
          <select class="field-input" data-testid="embed-mode" onChange=${change}>
            <option value="inline" selected=${mode === "inline"}>${t("embed-mode-inline")}</option>
            <option value="bubble" selected=${mode === "bubble"}>${t("embed-mode-bubble")}</option>
          </select></label>
        <label class="row"><input type="checkbox" data-testid="embed-live" checked=${liveOnly} onChange=${() => setLiveOnly(!liveOnly)} />${t("embed-live")}</label>
        <${CopyLine} label=${t("embed-snippet")} value=${snippetOf(location.origin, showId, { bubble: mode === "bubble", liveOnly })} testid="embed-snippet" />
        <p class="soft small">${t("embed-origins")}</p>
      </div>
    </details>
  `;
}
