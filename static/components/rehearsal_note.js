// @ts-check
// @css rehearsal_note.css
// Says that a show, or an order, is a rehearsal: whoever has the link sees it at once and all the time.

import { html } from "./html.js";
import { t } from "./words.js";

/** @param {{ over?: boolean }} props `over`: it lies on the video */
export const RehearsalNote = ({ over = false }) => html`
  <p class=${`rehearsal-note${over ? " rehearsal-note-over" : ""}`} data-testid="rehearsal-note"><strong>${t("rehearsal")}</strong><span>${t("rehearsal-note")}</span></p>
`;
