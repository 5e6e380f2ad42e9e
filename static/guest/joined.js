// @ts-check
// In the waiting room and on stage: everybody on stage, one's own picture, and what the host and the network do to it.

import { Connection } from "../components/connection.js";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { StageLayout } from "../components/stage_layout.js";
import { Tile } from "../components/tile.js";
import { errorText, t } from "../components/words.js";

/**
 * @import { Broadcast } from "../lib/broadcast.js"
 * @import { Seat } from "./seat.js"
 */

/** @param {{ seat: Seat, onLeave: () => void }} props */
export function Joined({ seat, onLeave }) {
  const { broadcast } = seat;
  const guest = seat.part.value?.guest;
  const show = seat.show.value?.show;
  if (!guest) return null;
  const live = seat.onStage.value;
  const own = { id: guest.participant_id, name: guest.name, stream: broadcast.stream.value, live: true, muted: guest.muted, own: true };
  return html`
    <main class="guest-room" data-testid="guest" data-step="joined" data-standing=${guest.standing} data-status=${broadcast.status.value}>
      <${Connection} live=${seat.live} />
      <div class="guest-stage">
        <${StageLayout} layout="side_by_side" featured="host" people=${seat.people.value} />
        ${!live && html`<div class="guest-own"><${Tile} person=${own} /></div>`}
      </div>
      <div class="guest-panel stack">
        <${Standing} live=${live} seen=${broadcast.status.value === "live"} title=${show?.title ?? ""} host=${show?.host_name ?? ""} />
        <${Trouble} broadcast=${broadcast} />
        ${guest.muted.length > 0 && html`
          <p class="row guest-muted" role="status" data-testid="muted-by-host"><${Icon} name="mic-off" />${t(mutedText(guest.muted))}</p>`}
        <${Controls} onLeave=${onLeave} broadcast=${broadcast} />
      </div>
    </main>
  `;
}

/** @param {{ live: boolean, seen: boolean, title: string, host: string }} props `seen`: the picture reaches the server */
const Standing = ({ live, seen, title, host }) => html`
  <div class=${`guest-standing${live && seen ? " guest-standing-live" : ""}`} role="status" data-testid="standing">
    <strong class="row"><${Icon} name=${live ? "radio" : "clock"} />${t(live ? "guest-live" : "guest-waiting")}</strong>
    <span class="small">${seen ? (live ? t("guest-live-text", { title }) : t("guest-waiting-text", { name: host })) : t("guest-unseen")}</span>
  </div>
`;

/** @param {{ broadcast: Broadcast }} props */
function Trouble({ broadcast }) {
  const status = broadcast.status.value;
  const error = broadcast.error.value;
  if (status === "live" && !error) return null;
  return html`
    ${(status === "connecting" || status === "reconnecting") && html`
      <p class="row small" role="status"><${Icon} name="loader-circle" turning />${t(status === "connecting" ? "broadcast-connecting" : "broadcast-reconnecting")}</p>`}
    ${error && html`<${ErrorLine} text=${errorText(error)} />`}
    ${status === "failed" && html`<button class="button button-primary" type="button" data-testid="guest-again" onClick=${() => broadcast.publish()}>${t("retry")}</button>`}
  `;
}

/** @param {{ onLeave: () => void, broadcast: Broadcast }} props */
function Controls({ onLeave, broadcast }) {
  const { video, audio } = broadcast.sending.value;
  return html`
    <div class="guest-controls">
      <button class=${`button button-large${audio ? "" : " button-danger"}`} type="button" data-testid="toggle-microphone" aria-pressed=${String(!audio)} onClick=${() => broadcast.toggle("audio")}>
        <${Icon} name=${audio ? "mic" : "mic-off"} />${t(audio ? "microphone-mute" : "microphone-unmute")}
      </button>
      <button class=${`button button-large${video ? "" : " button-danger"}`} type="button" data-testid="toggle-camera" aria-pressed=${String(!video)} onClick=${() => broadcast.toggle("video")}>
        <${Icon} name=${video ? "camera" : "video-off"} />${t(video ? "camera-hide" : "camera-show")}
      </button>
      <button class="button button-large button-danger" type="button" data-testid="guest-leave" onClick=${onLeave}>
        <${Icon} name="log-out" />${t("guest-leave")}
      </button>
    </div>
  `;
}

/** @param {("audio" | "video")[]} muted */
const mutedText = (muted) => (muted.length === 2 ? "guest-muted-both" : muted[0] === "audio" ? "guest-muted-audio" : "guest-muted-video");
