// @ts-check
// The video: starts muted, because browsers allow nothing else, and offers the sound at once.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @param {{ stream: MediaStream | null }} props */
export function Player({ stream }) {
  const ref = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [muted, setMuted] = useState(true);
  const [blocked, setBlocked] = useState(false);

  const play = async () => {
    try {
      await ref.current?.play();
      setBlocked(false);
    } catch (error) {
      // NotAllowedError: even muted video needs a gesture here (power saving). AbortError: a newer stream took over.
      setBlocked(error instanceof DOMException && error.name === "NotAllowedError");
    }
  };

  useEffect(() => {
    const video = ref.current;
    if (!video || video.srcObject === stream) return;
    video.srcObject = stream;
    if (stream) play();
  }, [stream]);

  const setSound = (/** @type {boolean} */ on) => {
    if (ref.current) ref.current.muted = !on;
    setMuted(!on);
    play();
  };

  return html`
    <video class="player" ref=${ref} data-testid="video" autoplay muted playsinline disableremoteplayback aria-label=${t("player-video")}></video>
    ${stream && blocked && html`
      <button class="player-play button button-primary button-large" type="button" data-testid="play" onClick=${play}>
        <${Icon} name="play" />${t("player-play")}
      </button>
    `}
    ${stream && !blocked && (muted
      ? html`<button class="player-sound button button-glass" type="button" data-testid="sound" onClick=${() => setSound(true)}>
          <${Icon} name="volume-x" />${t("player-sound-on")}
        </button>`
      : html`<button class="player-sound button button-glass button-round" type="button" data-testid="mute" aria-label=${t("player-mute")}
          onClick=${() => setSound(false)}><${Icon} name="volume-2" /></button>`)}
  `;
}
