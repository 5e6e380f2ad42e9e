// @ts-check
// @css connection.css
// Says that the connection is being mended, or why it will not be.

import { useAnnounced } from "./announcer.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Live } from "../lib/store.js" */

/** @param {{ live: Live }} props */
export function Connection({ live }) {
  const status = live.status.value;
  const stopped = status === "stopped" && live.reason.value !== null;
  useAnnounced(status === "waiting", () => t("reconnecting"));
  useAnnounced(stopped, () => t("disconnected"));
  if (status !== "waiting" && !stopped) return null;
  return html`
    <div class="connection" data-testid="connection" data-state=${status}>
      <span class="connection-dot"></span>${stopped ? t("disconnected") : t("reconnecting")}
      ${stopped && html`<button class="button button-small" type="button" onClick=${() => location.reload()}>${t("reload")}</button>`}
    </div>
  `;
}
