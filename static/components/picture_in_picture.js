// @ts-check
// The picture in a small window of its own, over whatever else the person does (W3C Picture-in-Picture).

import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @param {{ video: () => HTMLVideoElement | null }} props the picture that goes into the window: the host's */
export function PictureInPicture({ video }) {
  const [out, setOut] = useState(document.pictureInPictureElement !== null);
  const toggle = () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video()?.requestPictureInPicture());
  // Refused while the picture is not there yet; the button says what is so.
  const act = () => toggle()?.catch(() => undefined);
  useEffect(() => {
    const learn = () => setOut(document.pictureInPictureElement !== null);
    // Neither bubbles further than the document.
    document.addEventListener("enterpictureinpicture", learn);
    document.addEventListener("leavepictureinpicture", learn);
    onSystemsWish(act);
    return () => {
      document.removeEventListener("enterpictureinpicture", learn);
      document.removeEventListener("leavepictureinpicture", learn);
      onSystemsWish(null);
    };
  }, []);
  if (!document.pictureInPictureEnabled) return null;
  return html`
    <button class="button button-glass button-round" type="button" data-testid="pip" aria-pressed=${String(out)}
      aria-label=${t(out ? "player-pip-back" : "player-pip")} onClick=${act}><${Icon} name="picture-in-picture-2" /></button>
  `;
}

/** The system may ask for it, for example when the person goes to another tab. @param {(() => void) | null} act */
function onSystemsWish(act) {
  try {
    navigator.mediaSession?.setActionHandler(/** @type {MediaSessionAction} */ ("enterpictureinpicture"), act);
  } catch {
    // A browser that does not know this action says so by throwing.
  }
}
