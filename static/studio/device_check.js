// @ts-check
// @css device_check.css
// Before going on air: what viewers will see and hear, and whether it can get to them. Each line says what to do when it is wrong.

import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Devices } from "../components/preview.js";
import { t } from "../components/words.js";
import { isPoor } from "../lib/frame_rate.js";
import { findPath } from "../lib/path_check.js";
import { usePicture } from "./use_picture.js";

/**
 * @import { Heard } from "../lib/hearing.js"
 * @import { PathFound } from "../lib/path_check.js"
 * @import { Room } from "./room.js"
 * @typedef {"good" | "fair" | "poor" | "busy"} Verdict
 */

/** What can be done about each error of the devices. @type {Record<string, string>} */
const HELP = {
  camera_refused: "check-refused-help",
  camera_missing: "check-missing-help",
  camera_busy: "check-busy-help",
  camera_insecure: "check-insecure-help",
};

/** @type {Record<Heard | "missing" | "muted", [Verdict, string]>} */
const SOUND = {
  listening: ["busy", "check-say-something"],
  heard: ["good", "check-heard"],
  silent: ["poor", "check-not-heard-help"],
  missing: ["poor", "check-no-microphone"],
  muted: ["fair", "check-muted"],
};

/** @type {Record<PathFound["path"], [Verdict, string]>} */
const PATHS = {
  udp: ["good", "check-path-udp"],
  tcp: ["fair", "check-path-tcp"],
  blocked: ["poor", "check-path-blocked"],
  taken: ["fair", "check-path-taken"],
  refused: ["poor", "check-path-refused"],
};

/** @param {{ room: Room, heard: Heard | "missing" | "muted", onClose: () => void }} props */
export function DeviceCheck({ room, heard, onClose }) {
  const { broadcast } = room;
  const stream = broadcast.stream.value;
  const error = broadcast.error.value;
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const picture = usePicture(video, stream);
  useEffect(() => {
    if (!broadcast.stream.peek()) void broadcast.open(broadcast.choice.peek());
  }, []);
  const size = picture && { width: String(picture.width), height: String(picture.height), fps: picture.fps ?? 0 };
  const camera = error
    ? html`<${Line} icon="camera" verdict="poor" testid="check-camera" state=${error.name} text=${t(HELP[error.name] ?? "check-busy-help")}>
        <button class="button button-small" type="button" data-testid="check-again" onClick=${() => broadcast.open(broadcast.choice.value)}>${t("check-again")}</button><//>`
    : html`<${Line} icon="camera" verdict=${!picture ? "busy" : isPoor(picture) ? "fair" : "good"} testid="check-camera" state=${picture ? "ok" : "waiting"}
        text=${size ? t(isPoor(/** @type {any} */ (picture)) ? "check-picture-poor" : "check-picture", size) : t("check-waiting")} />`;
  return html`
    <${Dialog} title=${t("check-title")} testid="device-check" onClose=${onClose}>
      <div class="device-check">
        <div class="device-check-picture"><video class=${`device-check-video${broadcast.sharing.value ? " device-check-screen" : ""}`} ref=${video} autoplay muted playsinline aria-label=${t("preview-label")}></video>
          ${!stream && html`<${Icon} name="video-off" />`}</div>
        <ul class="device-check-lines">
          ${camera}
          ${stream && html`<${Line} icon="mic" verdict=${SOUND[heard][0]} testid="check-sound" state=${heard} text=${t(SOUND[heard][1])} />`}
          <${Path} room=${room} />
        </ul>
        ${stream && html`<${Devices} broadcast=${broadcast} />`}
      </div>
      <button class="button button-primary button-large" type="button" data-testid="check-done" onClick=${onClose}>${t("check-done")}</button>
    <//>
  `;
}

/** Whether the server can be reached. Nothing is sent, and nothing is tried while a broadcast runs. @param {{ room: Room }} props */
function Path({ room }) {
  const [found, setFound] = useState(/** @type {PathFound | null} */ (null));
  const [tries, setTries] = useState(0);
  const onAir = room.show.value?.on_air || room.broadcast.status.value !== "stopped";
  useEffect(() => {
    let here = true;
    setFound(null);
    if (!onAir) void findPath(`/whip/${room.showId}`).then((next) => here && setFound(next));
    return () => { here = false; };
  }, [tries, onAir]);
  if (onAir) return html`<${Line} icon="wifi" verdict="good" testid="check-path" state="on-air" text=${t("check-path-on-air")} />`;
  const [verdict, words] = found ? PATHS[found.path] : /** @type {[Verdict, string]} */ (["busy", "check-path-trying"]);
  return html`<${Line} icon="wifi" verdict=${verdict} testid="check-path" state=${found?.path ?? "trying"} text=${t(words, { rtt: String(found?.rttMs ?? 0) })}>
    ${found && found.path !== "udp" && html`<button class="button button-small" type="button" data-testid="check-path-again" onClick=${() => setTries(tries + 1)}>${t("check-again")}</button>`}<//>`;
}

/** @param {{ icon: string, verdict: Verdict, testid: string, state: string, text: string, children?: unknown }} props */
const Line = ({ icon, verdict, testid, state, text, children }) => html`
  <li class=${`check-line check-${verdict}`} data-testid=${testid} data-state=${state} data-verdict=${verdict}>
    <span class="check-mark"><${Icon} name=${icon} /></span>
    <span role="status">${text}</span>${children}
  </li>
`;
