// @ts-check
// @css calendar_button.css
// What somebody does who wants to see a show that has not begun.

import { CalendarButton } from "./calendar_button.js";
import { html } from "./html.js";
import { RemindButton } from "./remind_button.js";

/** @import { ShowView } from "../../schemas/generated/messages" */
/** @import { Inbox } from "../lib/inbox.js" */

/** @param {{ inbox: Inbox, show: ShowView, enter?: () => Promise<unknown> }} props as for RemindButton */
export const WaitForShow = ({ inbox, show, enter }) => html`
  <div class="wait-for-show">
    <${RemindButton} inbox=${inbox} show=${show} ...${enter && { enter }} />
    <${CalendarButton} show=${show} />
  </div>
`;
