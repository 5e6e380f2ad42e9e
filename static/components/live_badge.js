// @ts-check
// @css live_badge.css
// The red "Live".

import { html } from "./html.js";
import { t } from "./words.js";

export const LiveBadge = () => html`<span class="live-badge" data-testid="live-badge"><span class="live-dot"></span>${t("live-badge")}</span>`;
