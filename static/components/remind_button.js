// @ts-check
// @css inbox.css
// Wait for a show that is not on air yet.

import { html } from "./html.js";
import { Icon } from "./icon.js";
import { useToggle } from "./inbox_toggle.js";
import { t } from "./words.js";

/** @import { Inbox } from "../lib/inbox.js" */
/** @import { ShowView } from "../../schemas/generated/messages" */

/** @param {{ inbox: Inbox, show: ShowView, enter?: () => Promise<unknown> }} props `enter` makes a session where there is none yet */
export function RemindButton({ inbox, show, enter = async () => undefined }) {
  const waiting = inbox.following.value.show_ids.includes(show.show_id);
  const [busy, toggle] = useToggle(async () => {
    await enter();
    await inbox.remind(show.show_id, !waiting);
  });
  const title = show.title;
  return html`
    <button class="button remind" type="button" data-testid=${`remind-${show.show_id}`} aria-pressed=${String(waiting)}
      aria-label=${waiting ? t("remind-not", { title }) : t("remind-of", { title })} disabled=${busy} onClick=${toggle}>
      <${Icon} name=${waiting ? "check" : "bell"} />${waiting ? t("reminded") : t("remind")}
    </button>
  `;
}
