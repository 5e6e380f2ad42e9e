// @ts-check
// @css ../components/guests.css
// The guests of a show: who is invited, who waits, who is on stage, and how they are arranged.

import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Tile } from "../components/tile.js";
import { errorText, t } from "../components/words.js";
import { Invites } from "./invites.js";
import { LayoutPicker } from "./layout_picker.js";

/**
 * @import { GuestDesk } from "./guest_desk.js"
 * @import { GuestView } from "../../schemas/generated/messages"
 */

/** @param {{ desk: GuestDesk, hostName: string, ended: boolean }} props */
export function Guests({ desk, hostName, ended }) {
  const problem = desk.problem.value;
  const waiting = desk.waiting.value;
  const live = desk.onStage.value;
  if (ended) return null;
  return html`
    <section class="panel guests stack" data-testid="guests">
      <header><h2>${t("guests-title")}</h2></header>
      ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
      ${waiting.length > 0 && html`
        <h3 class="small" role="status">${t("guests-waiting", { count: waiting.length })}</h3>
        <ul class="guest-cards">${waiting.map((guest) => html`<${Card} key=${guest.participant_id} guest=${guest} desk=${desk} />`)}</ul>
      `}
      ${live.length > 0 && html`
        <h3 class="small">${t("guests-on-stage")}</h3>
        <ul class="guest-cards">${live.map((guest) => html`<${Card} key=${guest.participant_id} guest=${guest} desk=${desk} />`)}</ul>
        <${LayoutPicker} desk=${desk} hostName=${hostName} />
      `}
      ${waiting.length + live.length === 0 && html`<p class="empty">${t("guests-empty")}</p>`}
      <${Invites} desk=${desk} />
    </section>
  `;
}

/** @param {{ guest: GuestView, desk: GuestDesk }} props */
function Card({ guest, desk }) {
  const live = guest.standing === "live";
  const id = guest.participant_id;
  return html`
    <li class="guest-card" data-testid=${`guest-${id}`} data-standing=${guest.standing} data-place=${guest.place}>
      <div class="guest-card-picture"><${Tile} person=${desk.person(guest)} /></div>
      <div class="guest-card-buttons">
        <button class=${`button button-small${live ? "" : " button-primary"}`} type="button" data-testid=${`${live ? "back" : "admit"}-${id}`} disabled=${desk.busy.value}
          onClick=${() => desk.move(guest, live ? "back" : "admit")}><${Icon} name=${live ? "undo-2" : "user-check"} />${t(live ? "guest-back" : "guest-admit")}</button>
        <${Mute} guest=${guest} desk=${desk} kind="audio" icons=${["mic", "mic-off"]} labels=${["guest-mute-audio", "guest-unmute-audio"]} />
        <${Mute} guest=${guest} desk=${desk} kind="video" icons=${["camera", "video-off"]} labels=${["guest-mute-video", "guest-unmute-video"]} />
        <button class="button button-small button-danger" type="button" data-testid=${`remove-${id}`} disabled=${desk.busy.value} aria-label=${t("guest-remove", { name: guest.name })}
          onClick=${() => desk.move(guest, "remove")}><${Icon} name="user-x" /></button>
      </div>
    </li>
  `;
}

/** @param {{ guest: GuestView, desk: GuestDesk, kind: "audio" | "video", icons: string[], labels: string[] }} props */
function Mute({ guest, desk, kind, icons, labels }) {
  const muted = guest.muted.includes(kind) ? 1 : 0;
  return html`
    <button class=${`button button-small${muted ? " button-danger" : ""}`} type="button" data-testid=${`mute-${kind}-${guest.participant_id}`} disabled=${desk.busy.value}
      aria-pressed=${String(muted === 1)} aria-label=${t(labels[muted], { name: guest.name })} onClick=${() => desk.toggle(guest, kind)}><${Icon} name=${icons[muted]} /></button>
  `;
}
