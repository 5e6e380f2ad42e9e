// @ts-check
// @css connection.css
// Says that the connection is being mended, or why it will not be.

import { useRef } from "preact/hooks";
import { useAnnounced } from "./announcer.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Live } from "../lib/store.js" */

/** @param {{ live: Live }} props */
export function Connection({ live }) {
  const status = live.status.value;
  const stopped = status === "stopped" && live.reason.value !== null;
  const lost = useRef(false);
  // Every try passes through "connecting": what was lost is lost until it is there again, and is said once.
  if (status === "waiting") lost.current = true;
  if (status === "open" || status === "stopped") lost.current = false;
  useAnnounced(lost.current, () => t("reconnecting"));
  useAnnounced(stopped, () => t("disconnected"));
  if (!lost.current && !stopped) return null;
  return html`
    <div class="connection" data-testid="connection" data-state=${stopped ? "stopped" : "waiting"}>
      <span class="connection-dot"></span>${stopped ? t("disconnected") : t("reconnecting")}
      ${stopped && html`<button class="button button-small" type="button" onClick=${() => location.reload()}>${t("reload")}</button>`}
    </div>
  `;
}
