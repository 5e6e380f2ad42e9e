// @ts-check
// @css moderation.css
// Messages that wait for a moderator, each with why it was held.

import { formatTime } from "../lib/money.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { locale, t } from "./words.js";

/**
 * @import { HeldView } from "../../schemas/generated/messages"
 * @import { ModerationDesk } from "../lib/moderation_desk.js"
 */

/** @type {Record<HeldView["reason"], string>} */
export const HELD_REASONS = { approve_first: "held-approve-first", banned_word: "held-banned-word", link: "held-link", repeat: "held-repeat", flood: "held-flood" };

/** @param {{ desk: ModerationDesk }} props */
export const HeldQueue = ({ desk }) => html`
  <ul class="desk-list" aria-label=${t("held-title")} data-testid="held" aria-live="polite">
    ${desk.held.value.map((held) => html`<${HeldRow} key=${held.message_id} held=${held} desk=${desk} />`)}
    ${desk.held.value.length === 0 && html`<li class="empty">${t("held-empty")}</li>`}
  </ul>
`;

/** @param {{ held: HeldView, desk: ModerationDesk }} props */
const HeldRow = ({ held, desk }) => html`
  <li class="desk-row held-row" data-testid="held-row" data-message=${held.message_id} data-reason=${held.reason}>
    <p class="desk-words"><b>${held.author_name}</b> ${held.text}</p>
    <p class="small soft"><span class="held-reason">${t(HELD_REASONS[held.reason])}</span> ${formatTime(held.held_at_ms, locale())}</p>
    <div class="row">
      <button class="button button-small button-primary" type="button" data-testid="held-approve" disabled=${desk.busy.value} onClick=${() => desk.review(held.message_id, true)}>
        <${Icon} name="check" />${t("held-approve")}</button>
      <button class="button button-small button-danger" type="button" data-testid="held-reject" disabled=${desk.busy.value} onClick=${() => desk.review(held.message_id, false)}>
        <${Icon} name="x" />${t("held-reject")}</button>
    </div>
  </li>
`;
