// @ts-check
// @css inbox.css
// The bell: how much is new, the inbox behind it, and a voice for those who do not see it.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { titleOf } from "./inbox_item.js";
import { Lazy } from "./lazy.js";
import { t } from "./words.js";

/** @import { Inbox } from "../lib/inbox.js" */
/** @import { NotificationView } from "../../schemas/generated/messages" */

const inboxSheet = () => import("./inbox_sheet.js").then((module) => module.InboxSheet);

/** A bigger number says no more. */
const COUNT_MAX = 9;

/** @param {{ inbox: Inbox, glass?: boolean }} props */
export function Bell({ inbox, glass = false }) {
  const [open, setOpen] = useState(false);
  const arrived = useArrived(inbox);
  // Over a video everybody gets one in a moment, and what stands beside it does not move then.
  if (!inbox.open.value) return glass && html`<span class="button button-round button-glass" aria-hidden="true"><${Icon} name="bell" /></span>`;
  const count = inbox.unread.value;
  return html`
    <button class=${`button button-round bell${glass ? " button-glass" : ""}`} type="button" data-testid="bell" data-unread=${count}
      aria-haspopup="dialog" aria-label=${t("inbox-open", { count })} onClick=${() => setOpen(true)}>
      <${Icon} name="bell" />
      ${count > 0 && html`<span class="bell-count" aria-hidden="true">${count > COUNT_MAX ? `${COUNT_MAX}+` : count}</span>`}
    </button>
    <span class="visually-hidden" role="status" data-testid="bell-arrived">${arrived && t("inbox-arrived", { title: titleOf(arrived) })}</span>
    ${open && html`<${Lazy} load=${inboxSheet} inbox=${inbox} onClose=${() => setOpen(false)} />`}
  `;
}

/** What came while the page was open: not what was there when it was opened. @param {Inbox} inbox @returns {NotificationView | null} */
function useArrived(inbox) {
  const { notifications, read_up_to_ms } = inbox.state.value;
  const last = notifications.at(-1) ?? null;
  const known = useRef(/** @type {string | null | undefined} */ (undefined));
  const [arrived, setArrived] = useState(/** @type {NotificationView | null} */ (null));
  const loaded = inbox.loaded.value;
  useEffect(() => {
    if (!loaded) return;
    if (known.current !== undefined && last && last.notification_id !== known.current && last.created_at_ms > read_up_to_ms) setArrived(last);
    known.current = last?.notification_id ?? null;
  }, [loaded, last?.notification_id]);
  return arrived;
}
