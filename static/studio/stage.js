// @ts-check
// @css ../components/broadcast.css
// @css stage.css
// The host's own picture, its devices one press away, and the way on air.

import { useState } from "preact/hooks";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Preview } from "../components/preview.js";
import { t } from "../components/words.js";
import { CountDown } from "./count_down.js";
import { DeviceCheck } from "./device_check.js";
import { OnAir } from "./on_air.js";
import { Rehearse } from "./rehearsal.js";
import { useHearing } from "./use_hearing.js";

/** @import { Room } from "./room.js" */

/** @param {{ room: Room }} props */
export function Stage({ room }) {
  const { broadcast } = room;
  const show = room.show.value;
  const stream = broadcast.stream.value;
  const [counting, setCounting] = useState(false);
  const heard = useHearing(broadcast);
  const again = show?.state === "live"; // viewers are waiting: nobody counts down
  const go = () => (again ? void room.goLive() : setCounting(true));
  const done = () => {
    setCounting(false);
    void room.goLive();
  };
  return html`
    <section class="panel stage" aria-label=${t("stage-title")} data-testid="stage">
      ${show?.state !== "ended" && html`
        <div class="stage-picture">
          <${Preview} broadcast=${broadcast} bare>
            <button class="button button-glass button-round" type="button" data-testid="share-screen" aria-pressed=${String(broadcast.sharing.value)}
              aria-label=${t(broadcast.sharing.value ? "screen-stop" : "screen-share")} onClick=${() => (broadcast.sharing.value ? broadcast.unshare() : broadcast.share())}>
              <${Icon} name=${broadcast.sharing.value ? "monitor-x" : "monitor-up"} /></button>
          <//>
          ${counting && html`<${CountDown} onDone=${done} onCancel=${() => setCounting(false)} />`}
        </div>`}
      <div class="stage-side stack">
        ${show?.state !== "ended" && html`
          <button class="button button-small button-wide" type="button" data-testid="device-check-open" onClick=${() => (room.checking.value = true)}>
            <${Icon} name="sliders-horizontal" />${t("check-open")}</button>
          ${show?.state === "scheduled" && !show.rehearsal_of && html`<${Rehearse} room=${room} />`}`}
        ${stream && heard === "silent" && html`<p class="stage-note" role="status" data-testid="not-heard"><${Icon} name="mic-off" />${t("check-not-heard")}</p>`}
        ${stream && html`<${Level} level=${broadcast.level.value} />`}
        <${OnAir} room=${room} counting=${counting} onGo=${go} />
      </div>
      ${room.checking.value && html`<${DeviceCheck} room=${room} heard=${heard} onClose=${() => (room.checking.value = false)} />`}
    </section>
  `;
}

/** @param {{ level: number }} props */
const Level = ({ level }) => html`
  <div class="stage-level"><${Icon} name="mic" />
    <meter class="level-meter" aria-label=${t("level-label")} min="0" max="1" low="0.2" high="0.92" optimum="0.6" value=${level.toFixed(2)}></meter></div>
`;
