// @ts-check
// @css player.css
// The video: starts muted, because browsers allow nothing else, and offers the sound at once. With guests it is arranged as the host says.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { PictureInPicture } from "./picture_in_picture.js";
import { PlayerSpot } from "./player_spot.js";
import { QualityButton } from "./quality_button.js";
import { onFirstTouch, rememberSound, wantsSound } from "./sound.js";
import { t } from "./words.js";

/**
 * @import { Arrangement } from "../lib/arrange.js"
 * @import { Quality } from "../lib/quality.js"
 */

/**
 * @param {{ arrangement: Arrangement, media: ReadonlyMap<number, MediaStream>, quality: Quality | null, onQuality: () => void }} props
 */
export function Player({ arrangement, media, quality, onQuality }) {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [muted, setMuted] = useState(true);
  const [blocked, setBlocked] = useState(false);
  const { shape, spots } = arrangement;

  const play = async (/** @type {HTMLVideoElement} */ video) => {
    try {
      await video.play();
      setBlocked(false);
    } catch (error) {
      // NotAllowedError: even muted video needs a gesture here (power saving). AbortError: a newer stream took over.
      setBlocked(error instanceof DOMException && error.name === "NotAllowedError");
    }
  };
  const playAll = () => ref.current?.querySelectorAll("video").forEach(play);
  const setSound = (/** @type {boolean} */ on) => {
    // In the gesture itself: browsers do not let a page unmute later.
    ref.current?.querySelectorAll("video").forEach((video) => (video.muted = !on));
    setMuted(!on);
    playAll();
  };
  const chooseSound = (/** @type {boolean} */ on) => {
    rememberSound(on);
    setSound(on);
  };
  const hostVideo = () => /** @type {HTMLVideoElement | null} */ (ref.current?.querySelector(".player-slot-0 video") ?? null);
  // Only once there is something to hear: a touch before that would be spent on nothing.
  const audible = media.size > 0;
  useEffect(() => (audible && wantsSound() ? onFirstTouch(() => setSound(true)) : undefined), [audible]);

  return html`
    <div class=${`player player-${shape} player-count-${spots.length}`} ref=${ref} data-testid="player" data-shape=${shape}>
      ${spots.map((spot) => html`
        <${PlayerSpot} key=${spot.id} spot=${spot} stream=${media.get(spot.place) ?? null} muted=${muted || spot.silent} named=${spots.length > 1} onStream=${play} />
      `)}
    </div>
    ${media.size > 0 && blocked && html`
      <button class="player-play button button-primary button-large" type="button" data-testid="play" onClick=${playAll}>
        <${Icon} name="play" />${t("player-play")}
      </button>
    `}
    ${media.size > 0 && html`
      <div class="player-tools">
        ${!blocked && (muted
          ? html`<button class="button button-glass" type="button" data-testid="sound" onClick=${() => chooseSound(true)}>
              <${Icon} name="volume-x" />${t("player-sound-on")}
            </button>`
          : html`<button class="button button-glass button-round" type="button" data-testid="mute" aria-label=${t("player-mute")}
              onClick=${() => chooseSound(false)}><${Icon} name="volume-2" /></button>`)}
        <${PictureInPicture} video=${hostVideo} />
        <${QualityButton} quality=${quality} onClick=${onQuality} />
      </div>
    `}
  `;
}
