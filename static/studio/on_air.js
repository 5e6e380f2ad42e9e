// @ts-check
// @css ../components/broadcast.css
// @css stage.css
// Going on air and leaving it, and how the picture does meanwhile.

import { useState } from "preact/hooks";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { QualityDot, linesText, qualityText } from "../components/quality_button.js";
import { errorText, t } from "../components/words.js";

/**
 * @import { Quality } from "../lib/quality.js"
 * @import { Room } from "./room.js"
 */

/** @type {Record<string, string>} */
const STATUS = { connecting: "broadcast-connecting", live: "broadcast-live", reconnecting: "broadcast-reconnecting" };

/** @param {{ room: Room, counting: boolean, onGo: () => void }} props `counting`: the countdown runs */
export function OnAir({ room, counting, onGo }) {
  const show = room.show.value;
  const status = room.broadcast.status.value;
  const problem = room.problem.value;
  const busy = room.busy.value;
  const sending = status in STATUS;
  const live = show?.state === "live";
  return html`
    <div class="stack on-air" data-testid="broadcast" data-status=${status} data-on-air=${String(show?.on_air ?? false)}>
      ${(sending || live) && html`
        <p class="row broadcast-status" role="status" data-testid="broadcast-status">
          <span class=${`broadcast-lamp${status === "live" || show?.on_air ? " broadcast-lamp-live" : ""}`}></span>
          ${t(sending ? STATUS[status] : show?.on_air ? "broadcast-live" : "broadcast-waiting")}
        </p>
      `}
      ${status === "live" && html`<${Uplink} quality=${room.broadcast.quality.value} />`}
      ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
      ${show && show.state !== "ended" && !sending && !show.on_air && html`
        <button class="button button-live button-large button-wide" type="button" data-testid="go-live"
          disabled=${busy || counting || !room.broadcast.stream.value} onClick=${onGo}>
          <${Icon} name="radio" />${t(live ? "go-live-again" : show.rehearsal_of ? "rehearsal-go" : "go-live")}
        </button>
      `}
      ${live && !show.rehearsal_of && html`<${EndShow} onEnd=${() => room.end()} busy=${busy} />`}
      ${show?.state === "ended" && html`<p class="empty">${t("player-ended")}</p>`}
      ${show && show.state !== "scheduled" && html`
        <a class=${`button button-wide ${show.state === "ended" ? "button-primary" : "button-small"}`} href=${`/report/${show.show_id}`} data-testid="open-report"><${Icon} name="chart-bar" />${t("report-open-page")}</a>`}
    </div>
  `;
}
/** @param {{ quality: Quality | null }} props */
const Uplink = ({ quality }) => html`
  <p class="row small soft" data-testid="uplink" data-grade=${quality?.grade ?? "unknown"}>
    <${QualityDot} quality=${quality} />
    <span role="status">${quality?.grade === "fair" && quality.limitedBy === "cpu" ? t("quality-busy") : qualityText(quality)}</span>
    ${quality && html`<span class="numbers">${linesText(quality)} ${t("quality-bitrate", { mbits: Math.round(quality.bitrateBps / 100_000) / 10 })}</span>`}
  </p>
`;

/** Ending cannot be undone, so it takes two presses. @param {{ onEnd: () => void, busy: boolean }} props */
function EndShow({ onEnd, busy }) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return html`<button class="button button-danger button-wide" type="button" data-testid="end-show" disabled=${busy} onClick=${() => setAsking(true)}>
      <${Icon} name="square" />${t("end-show")}
    </button>`;
  }
  return html`
    <div class="stack end-show" role="alertdialog" aria-label=${t("end-show-sure")}>
      <p>${t("end-show-sure")}</p>
      <div class="row">
        <button class="button button-live" type="button" data-testid="end-show-sure" disabled=${busy} onClick=${onEnd}>${t("end-show")}</button>
        <button class="button" type="button" data-testid="end-show-keep" onClick=${() => setAsking(false)}>${t("end-show-keep")}</button>
      </div>
    </div>
  `;
}
