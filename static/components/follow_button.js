// @ts-check
// @css inbox.css
// Follow a host, by the host's name.

import { html } from "./html.js";
import { Icon } from "./icon.js";
import { useToggle } from "./inbox_toggle.js";
import { t } from "./words.js";

/** @import { Inbox } from "../lib/inbox.js" */

/** @param {{ inbox: Inbox, hostId: string, name: string }} props */
export function FollowButton({ inbox, hostId, name }) {
  const following = inbox.following.value.host_ids.includes(hostId);
  const [busy, toggle] = useToggle(() => inbox.follow(hostId, !following));
  return html`
    <button class="button button-glass button-small follow" type="button" data-testid="follow" aria-pressed=${String(following)}
      aria-label=${following ? t("unfollow-host", { name }) : t("follow-host", { name })} disabled=${busy} onClick=${toggle}>
      <${Icon} name=${following ? "user-check" : "user-plus"} /><span class="follow-word">${following ? t("following") : t("follow")}</span>
    </button>
  `;
}
