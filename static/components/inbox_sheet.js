// @ts-check
// @css inbox.css
// The inbox: the newest first; what is on the screen has been seen.

import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { InboxItem } from "./inbox_item.js";
import { InboxPush } from "./inbox_push.js";
import { t } from "./words.js";

/** @import { Inbox } from "../lib/inbox.js" */

/** @param {{ inbox: Inbox, onClose: () => void }} props */
export function InboxSheet({ inbox, onClose }) {
  const { notifications, read_up_to_ms } = inbox.state.value;
  // Marked as read at once, but still shown as new until the sheet is closed.
  const readBefore = useRef(read_up_to_ms);
  const last = notifications.at(-1)?.notification_id;
  useEffect(() => {
    inbox.markRead().catch(() => undefined); // then it counts as new for a while longer
  }, [last]);
  return html`
    <${Dialog} title=${t("inbox-title")} testid="inbox" onClose=${onClose}>
      <${InboxPush} />
      ${notifications.length === 0 && html`<p class="empty">${t("inbox-empty")}</p>`}
      <ul class="stack inbox-list">
        ${inbox.newestFirst.map(
          (each) => html`<${InboxItem} key=${each.notification_id} item=${each} isNew=${each.created_at_ms > readBefore.current} />`,
        )}
      </ul>
    <//>
  `;
}
