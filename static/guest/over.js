// @ts-check
// Why there is nothing to do here any more, in words that say what to do instead.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { errorText, t } from "../components/words.js";

/** @type {Record<string, string>} what helps, by the name of the error */
const HELP = {
  invite_used: "guest-help-used",
  invite_expired: "guest-help-new-link",
  invite_revoked: "guest-help-new-link",
  invite_unknown: "guest-help-whole-link",
  guest_removed: "guest-help-removed",
  show_ended: "guest-help-ended",
};

/** @param {{ why: string }} props `why`: name of an error */
export const Over = ({ why }) => html`
  <div class="guest-over stack" role="status" data-testid="guest-over" data-why=${why}>
    <${Icon} name=${why === "show_ended" ? "circle-check" : "circle-x"} />
    <h1>${errorText({ name: why })}</h1>
    <p class="soft">${t(HELP[why] ?? "guest-help-new-link")}</p>
    <a class="button" href="/">${t("player-to-start")}</a>
  </div>
`;
