// @ts-check
// @css player.css
// One person in the player: the picture, and a name where there are several.

import { useEffect, useRef } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @import { Spot } from "../lib/arrange.js" */

/** @param {{ spot: Spot, stream: MediaStream | null, muted: boolean, named: boolean, onStream: (video: HTMLVideoElement) => void }} props */
export function PlayerSpot({ spot, stream, muted, named, onStream }) {
  const ref = useRef(/** @type {HTMLVideoElement | null} */ (null));
  useEffect(() => {
    const video = ref.current;
    if (!video || video.srcObject === stream) return;
    video.srcObject = stream;
    if (stream) onStream(video);
  }, [stream]);
  useEffect(() => {
    // The attribute alone does not silence an element that is made by a script.
    if (ref.current) ref.current.muted = muted;
  }, [muted]);
  const host = spot.place === 0;
  return html`
    <figure class=${`player-spot player-slot-${spot.slot}${spot.dark ? " player-spot-dark" : ""}`} data-testid=${`spot-${spot.place}`}>
      <video class="player-video" ref=${ref} data-testid=${host ? "video" : `video-${spot.place}`} autoplay muted playsinline disableremoteplayback
        aria-label=${host ? t("player-video") : t("player-guest-video", { name: spot.name })}></video>
      ${spot.dark && html`<span class="player-initial" aria-hidden="true">${[...spot.name][0]?.toUpperCase()}</span>`}
      ${named && html`
        <figcaption class="player-name">
          ${spot.silent && html`<${Icon} name="mic-off" /><span class="visually-hidden">${t("player-silent")}</span>`}
          <span class="player-name-text">${spot.name}</span>
        </figcaption>
      `}
    </figure>
  `;
}
