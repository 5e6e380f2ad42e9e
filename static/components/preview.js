// @ts-check
// @css broadcast.css
// One's own picture, the devices behind it and how loud the microphone is.

import { useEffect, useRef } from "preact/hooks";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/** @import { Broadcast } from "../lib/broadcast.js" */

/** `bare`: the devices are chosen elsewhere; `children` are further buttons on the picture. @param {{ broadcast: Broadcast, bare?: boolean, children?: unknown }} props */
export function Preview({ broadcast, bare = false, children }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const stream = broadcast.stream.value;
  const error = broadcast.error.value;
  const { video: showing, audio: speaking } = broadcast.sending.value;
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return html`
    <div class=${`preview${broadcast.sharing.value ? " preview-screen" : ""}`}>
      <video class="preview-video" ref=${video} data-testid="preview" autoplay muted playsinline aria-label=${t("preview-label")}></video>
      ${stream
        ? html`
            <div class="preview-controls">
              <${Toggle} on=${speaking} icons=${["mic", "mic-off"]} labels=${["microphone-mute", "microphone-unmute"]} testid="toggle-microphone" onClick=${() => broadcast.toggle("audio")} />
              <${Toggle} on=${showing} icons=${["camera", "video-off"]} labels=${["camera-hide", "camera-show"]} testid="toggle-camera" onClick=${() => broadcast.toggle("video")} />
              ${children}
            </div>
          `
        : html`
            <div class="preview-off">
              <p>${t("preview-off")}</p>
              <button class="button button-primary" type="button" data-testid="camera-on" onClick=${() => broadcast.open(broadcast.choice.value)}>
                <${Icon} name="camera" />${t("camera-on")}
              </button>
            </div>
          `}
    </div>
    ${stream && stream.getAudioTracks().length === 0 && html`<${ErrorLine} text=${errorText({ name: "microphone_missing" })} />`}
    ${error && html`<${ErrorLine} text=${errorText(error)} />`}
    ${stream && !bare && html`<${Devices} broadcast=${broadcast} />`}
  `;
}

/** @param {{ on: boolean, icons: string[], labels: string[], testid: string, onClick: () => void }} props */
const Toggle = ({ on, icons, labels, testid, onClick }) => html`
  <button class="button button-glass button-round" type="button" data-testid=${testid} aria-label=${t(labels[on ? 0 : 1])} onClick=${onClick}>
    <${Icon} name=${icons[on ? 0 : 1]} />
  </button>
`;

/** @param {{ broadcast: Broadcast }} props */
export function Devices({ broadcast }) {
  const { cameras, microphones } = broadcast.devices.value;
  const choice = broadcast.choice.value;
  return html`
    <div class="stack devices">
      <label class="level"><span class="field-label">${t("level-label")}</span>
        <meter class="level-meter" data-testid="level" min="0" max="1" low="0.2" high="0.92" optimum="0.6" value=${broadcast.level.value.toFixed(2)}></meter></label>
      <${Picker} label=${t("camera-label")} testid="camera" devices=${cameras} value=${choice.cameraId}
        onChange=${(/** @type {string} */ cameraId) => broadcast.open({ ...choice, cameraId })} />
      <${Picker} label=${t("microphone-label")} testid="microphone" devices=${microphones} value=${choice.microphoneId}
        onChange=${(/** @type {string} */ microphoneId) => broadcast.open({ ...choice, microphoneId })} />
    </div>
  `;
}

/** @param {{ label: string, testid: string, devices: MediaDeviceInfo[], value: string | null, onChange: (id: string) => void }} props */
const Picker = ({ label, testid, devices, value, onChange }) => html`
  <label class="field"><span class="field-label">${label}</span>
    <select class="field-input" data-testid=${testid} onChange=${(/** @type {Event} */ event) => onChange(/** @type {HTMLSelectElement} */ (event.target).value)}>
      ${devices.map((device, index) => html`
        <option value=${device.deviceId} selected=${device.deviceId === value}>${device.label || t("device-number", { number: index + 1 })}</option>
      `)}
    </select>
  </label>
`;
