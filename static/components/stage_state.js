// @ts-check
// @css stage_state.css
// What the stage says when there is no moving picture, in the viewer's words and with something to do.

import { formatDay } from "../lib/money.js";
import { clock } from "../lib/store.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, locale, t } from "./words.js";

/**
 * @import { ApiError } from "../lib/errors.js"
 * @import { ShowView } from "../../schemas/generated/messages"
 * @import { WhepStatus } from "../lib/whep.js"
 * @typedef {{ show: ShowView | null, status: WhepStatus, error: ApiError | null, onRetry: () => void, children?: unknown }} Props
 * `children` are for who waits for the start.
 */

/** What helps, beside the reason; without a picture one can still talk and buy. @type {Record<string, string>} */
const HELP = { webrtc_missing: "player-help-browser", not_acceptable: "player-help-codec" };

/** @param {Props} props */
export function StageState({ show, status, error, onRetry, children }) {
  const [name, text, icon] = stateOf(show, status, error);
  if (name === "playing") return null;
  return html`
    <div class=${`stage-state stage-state-${name}`} role="status" data-testid="stage-state" data-state=${name}>
      <${Icon} name=${icon} turning=${icon === "loader-circle"} />
      <p class="stage-state-text">${text}</p>
      ${name === "ended" && html`<p class="small">${t("player-ended-text")}</p>`}
      ${name === "failed" && html`<p class="small">${error && errorText(error)}</p>
        ${error && HELP[error.name] && html`<p class="small" data-testid="stage-help">${t(HELP[error.name])}</p>`}
        <button class="button button-primary" type="button" data-testid="retry" onClick=${onRetry}>${t("retry")}</button>`}
      ${name === "blocked" && html`<p class="small" data-testid="stage-help">${t("player-blocked-text")}</p>
        <button class="button button-primary" type="button" data-testid="retry" onClick=${onRetry}>${t("retry")}</button>`}
      ${name === "full" && html`<p class="small">${t("player-full-text")}</p>`}
      ${name === "scheduled" && children}
      ${(name === "ended" || name === "scheduled") && html`<a class="button" href="/">${t("player-to-start")}</a>`}
    </div>
  `;
}

/** @param {ShowView | null} show @param {WhepStatus} status @param {ApiError | null} error @returns {[string, string, string]} */
function stateOf(show, status, error) {
  if (!show) return ["connecting", t("player-connecting"), "loader-circle"];
  if (show.state === "ended") return ["ended", t("player-ended"), "circle-check"];
  if (show.state === "scheduled") return ["scheduled", startText(show), "calendar"];
  if (status === "failed" && error) return ["failed", t("player-failed"), "triangle-alert"];
  if (status === "blocked") return ["blocked", t("player-blocked"), "wifi-off"];
  if (error?.name === "stream_full" && status !== "playing") return ["full", t("player-full"), "users"];
  if (!show.on_air && status === "waiting") return ["waiting", t("player-waiting"), "radio"];
  if (!show.on_air || status === "away") return ["host-back", t("player-host-back"), "radio"];
  if (status === "playing") return ["playing", "", ""];
  if (status === "reconnecting") return ["reconnecting", t("player-reconnecting"), "loader-circle"];
  if (status === "waiting") return ["waiting", t("player-waiting"), "radio"];
  return ["connecting", t("player-connecting"), "loader-circle"];
}

/** @param {ShowView} show */
const startText = (show) =>
  show.scheduled_at_ms > clock.serverNowMs() ? t("player-scheduled", { when: formatDay(show.scheduled_at_ms, locale()) }) : t("player-scheduled-soon");
