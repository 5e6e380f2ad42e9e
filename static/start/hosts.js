// @ts-check
// @css hosts.css
// Whose shows these are, to be followed.

import { useToggle } from "../components/inbox_toggle.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";

/** @import { Inbox } from "../lib/inbox.js" */
/** @typedef {{ id: string, name: string, live: boolean }} Host */

/** @param {{ hosts: Host[], inbox: Inbox, me: string, enter: () => Promise<unknown> }} props `me`: who looks; nobody follows themselves */
export const Hosts = ({ hosts, inbox, me, enter }) => html`
  <ul class="hosts">
    ${hosts.map((host) => html`
      <li class="host" key=${host.id}>
        <span class=${`host-face${host.live ? " host-face-live" : ""}`} aria-hidden="true">${[...host.name][0]?.toUpperCase()}</span>
        <strong class="host-name">${host.name}</strong>
        ${host.id !== me && html`<${FollowHost} host=${host} inbox=${inbox} enter=${enter} />`}
      </li>`)}
  </ul>
`;

/** @param {{ host: Host, inbox: Inbox, enter: () => Promise<unknown> }} props */
function FollowHost({ host: { id, name }, inbox, enter }) {
  const following = inbox.following.value.host_ids.includes(id);
  const [busy, toggle] = useToggle(async () => {
    await enter();
    await inbox.follow(id, !following);
  });
  return html`
    <button class="button button-small" type="button" data-testid=${`follow-${id}`} aria-pressed=${String(following)} disabled=${busy}
      aria-label=${following ? t("unfollow-host", { name }) : t("follow-host", { name })} onClick=${toggle}>
      <${Icon} name=${following ? "user-check" : "user-plus"} />${following ? t("following") : t("follow")}
    </button>
  `;
}
