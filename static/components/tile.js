// @ts-check
// @css stage_layout.css
// One person on stage or in the waiting room: the picture, the name, and what is missing.

import { useEffect, useRef } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/**
 * @typedef {{ id: string, name: string, stream: MediaStream | null, live: boolean, muted: ("audio" | "video")[], own?: boolean }} Person
 *   `own`: one's own camera, mirrored and silent
 */

/** @param {{ person: Person, quiet?: boolean, large?: boolean }} props */
export function Tile({ person, quiet = false, large = false }) {
  const ref = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const { stream, own = false } = person;
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    // The attribute alone does not silence an element that is made by a script.
    video.muted = own || quiet;
    if (video.srcObject !== stream) video.srcObject = stream;
    // A page that lost its gesture after a reload plays at the next one; the picture waits until then.
    if (stream) video.play().catch(() => undefined);
  }, [stream, own, quiet]);
  const noPicture = !stream || !person.live || person.muted.includes("video");
  return html`
    <figure class=${`tile${large ? " tile-large" : ""}${own ? " tile-own" : ""}${noPicture ? " tile-dark" : ""}`} data-testid=${`tile-${person.id}`} data-live=${String(person.live)}>
      <video class="tile-video" ref=${ref} autoplay playsinline disableremoteplayback aria-label=${t("tile-label", { name: person.name })}></video>
      ${noPicture && html`<span class="tile-initial" aria-hidden="true">${[...person.name][0]?.toUpperCase()}</span>`}
      <figcaption class="tile-name">
        ${person.muted.includes("audio") && html`<${Icon} name="mic-off" /><span class="visually-hidden">${t("tile-muted")}</span>`}
        <span class="tile-text">${own ? t("tile-you") : person.name}</span>
        ${!person.live && html`<span class="tile-note">${t("tile-away")}</span>`}
      </figcaption>
    </figure>
  `;
}
