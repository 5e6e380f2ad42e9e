// @ts-check
// @css calendar_button.css
// A show that is to come, into the viewer's own calendar.

import { useState } from "preact/hooks";
import { fileAddress, googleAddress } from "../lib/calendar.js";
import { clock } from "../lib/store.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @import { ShowView } from "../../schemas/generated/messages" */

/** @param {{ show: ShowView }} props */
export function CalendarButton({ show }) {
  const [open, setOpen] = useState(false);
  // What may begin at any moment needs no calendar.
  if (show.scheduled_at_ms <= clock.serverNowMs()) return null;
  const close = () => setOpen(false);
  return html`
    <button class="button button-round calendar-button" type="button" data-testid=${`calendar-${show.show_id}`} aria-haspopup="dialog"
      aria-label=${t("calendar-add", { title: show.title })} onClick=${() => setOpen(true)}><${Icon} name="calendar-plus" /></button>
    ${open && html`
      <${Dialog} title=${t("calendar-title")} testid="calendar-sheet" onClose=${close}>
        <a class="button button-large button-wide" href=${fileAddress(show)} download data-testid="calendar-file" onClick=${close}>
          <${Icon} name="calendar" />${t("calendar-file")}</a>
        <a class="button button-large button-wide" href=${googleAddress(show, location.origin)} target="_blank" rel="noopener" data-testid="calendar-google" onClick=${close}>
          <${Icon} name="calendar-plus" />${t("calendar-google")}</a>
        <p class="soft small">${t("calendar-note")}</p>
      <//>`}
  `;
}
