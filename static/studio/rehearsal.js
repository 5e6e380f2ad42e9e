// @ts-check
// @css rehearsal.css
// Trying a show out before it: the way into a rehearsal, and the bar that stays while the host is in one.

import { useState } from "preact/hooks";
import { ErrorLine } from "../components/form.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { errorText, t } from "../components/words.js";
import { api } from "../lib/api.js";
import { asApiError } from "../lib/errors.js";
import { newRehearsalId } from "../lib/rehearsal.js";

/**
 * @import { ApiError } from "../lib/errors.js"
 * @import { Room } from "./room.js"
 */

const roomUrl = (/** @type {string} */ showId) => `/studio/?show=${showId}`;

/** Makes a rehearsal and goes there; to the one that runs, when one does. @param {{ room: Room }} props */
export function Rehearse({ room }) {
  const [id, setId] = useState(newRehearsalId); // a second try sends it again
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  const rehearse = async () => {
    setBusy(true);
    try {
      await api.rehearse(room.showId, { rehearsal_id: id });
      setId(newRehearsalId());
      location.assign(roomUrl(id));
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.name === "rehearsal_running") location.assign(roomUrl(String(error.extra.rehearsal_id)));
      else setProblem(error);
    }
    setBusy(false);
  };
  return html`
    <button class="button button-small button-wide" type="button" data-testid="rehearse" title=${t("rehearse-text")} disabled=${busy} onClick=${rehearse}>
      <${Icon} name="play" />${t("rehearse")}</button>
    ${problem && html`<${ErrorLine} text=${errorText(problem)} />`}
  `;
}

/** Where the host is, and the ways out. @param {{ room: Room }} props */
export function RehearsalBar({ room }) {
  const show = room.show.value;
  if (!show?.rehearsal_of) return null;
  const back = roomUrl(show.rehearsal_of);
  const end = async () => {
    await room.end();
    if (!room.problem.value) location.assign(back);
  };
  return html`
    <aside class="rehearsal-bar" aria-label=${t("rehearsal")} data-testid="rehearsal-bar">
      <p class="rehearsal-bar-words"><strong>${t("rehearsal")}</strong><span>${t("rehearsal-text")}</span></p>
      <div class="rehearsal-bar-ways">
        <a class="button button-small" href=${back} data-testid="rehearsal-back"><${Icon} name="arrow-left" />${t("rehearsal-back")}</a>
        ${show.state !== "ended" && html`
          <button class="button button-small" type="button" data-testid="rehearsal-end" disabled=${room.busy.value} onClick=${end}><${Icon} name="square" />${t("rehearsal-end")}</button>`}
      </div>
    </aside>
  `;
}
