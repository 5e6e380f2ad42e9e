// @ts-check
// Camera and microphone before anybody sees them.

import { useEffect, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Preview } from "../components/preview.js";
import { t } from "../components/words.js";

/** @import { Seat } from "./seat.js" */

/** Louder than a quiet room: the microphone works. */
const HEARD = 0.35;

/** @param {{ seat: Seat, onJoin: () => void }} props */
export function Check({ seat, onJoin }) {
  const { broadcast } = seat;
  const stream = broadcast.stream.value;
  const [heard, setHeard] = useState(false);
  const loud = broadcast.level.value > HEARD;
  useEffect(() => {
    if (loud) setHeard(true);
  }, [loud]);
  return html`
    <h1>${t("guest-check")}</h1>
    <p class="soft">${t("guest-check-text")}</p>
    <${Preview} broadcast=${broadcast} />
    ${stream && stream.getAudioTracks().length > 0 && html`<p class="small" role="status" data-testid="heard" data-heard=${String(heard)}>${t(heard ? "guest-heard" : "guest-say-something")}</p>`}
    <button class="button button-primary button-large button-wide" type="button" data-testid="guest-join" disabled=${!stream} onClick=${onJoin}>
      ${t(seat.onStage.value ? "guest-join-stage" : "guest-join")}
    </button>
  `;
}
