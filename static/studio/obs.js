// @ts-check
// @css ../components/broadcast.css
// For hosts who broadcast with OBS or another WHIP encoder: address, token, and the button that needs no camera here.

import { CopyLine } from "../components/copy_line.js";
import { html } from "../components/html.js";
import { t } from "../components/words.js";

/** @import { Room } from "./room.js" */

/** @param {{ room: Room }} props */
export function Obs({ room }) {
  const ingest = room.ingest.value;
  if (!ingest || room.show.value?.state === "ended") return null;
  return html`
    <details class="panel obs" data-testid="obs">
      <summary>${t("obs-title")}</summary>
      <div class="stack">
        <p class="soft small">${t("obs-text")}</p>
        <${CopyLine} label=${t("obs-url")} value=${ingest.whip_url} testid="whip-url" />
        <${CopyLine} label=${t("obs-token")} value=${ingest.token} testid="whip-token" />
        ${room.show.value?.state === "scheduled" && html`
          <button class="button" type="button" data-testid="go-live-obs" disabled=${room.busy.value} onClick=${() => room.goLiveWithoutCamera()}>${t("obs-go-live")}</button>
        `}
      </div>
    </details>
  `;
}
