// @ts-check
// @css menu.css
// @css moderation.css
// What a moderator does about a message and its author.

import { useState } from "preact/hooks";
import { MUTES_MS } from "../lib/moderation_desk.js";
import { Dialog } from "./dialog.js";
import { ErrorLine } from "./form.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/**
 * @import { ChatMessage } from "../../schemas/generated/messages"
 * @import { ModerationDesk } from "../lib/moderation_desk.js"
 */

/** `pinned`: the message is above the chat now. @param {{ desk: ModerationDesk, message: ChatMessage, own: boolean, pinned: boolean, onClose: () => void }} props */
export function MessageMenu({ desk, message, own, pinned, onClose }) {
  const [blocking, setBlocking] = useState(false);
  const { author_id: author, author_name: name, message_id: id } = message;
  const sanction = desk.sanctions.value.find(({ actor_id }) => actor_id === author);
  const moderator = desk.moderators.value.some(({ actor_id }) => actor_id === author);
  const plain = !own && !moderator && message.author_role === "viewer";
  const problem = desk.problem.value;
  const act = async (/** @type {Promise<boolean>} */ done) => (await done) && onClose();
  const item = (/** @type {string} */ testid, /** @type {string} */ icon, /** @type {string} */ text, /** @type {() => unknown} */ onClick, danger = false) => html`
    <li><button class=${`menu-item${danger ? " menu-item-danger" : ""}`} type="button" data-testid=${testid} disabled=${desk.busy.value} onClick=${onClick}><${Icon} name=${icon} />${text}</button></li>`;
  return html`
    <${Dialog} title=${name} testid="message-menu" onClose=${onClose}>
      <p class="menu-quote">${message.text}</p>
      ${problem && html`<${ErrorLine} text=${problem.name === "not_found" ? t("moderate-not-here") : errorText(problem)} />`}
      <ul class="menu">
        ${item("menu-pin", pinned ? "pin-off" : "pin", t(pinned ? "chat-unpin" : "moderate-pin"), () => act(desk.pin(pinned ? null : id)))}
        ${item("menu-remove", "trash-2", t("moderate-remove"), () => act(desk.remove(id)), true)}
        ${plain && html`
          ${item("menu-remove-all", "trash-2", t("moderate-remove-all"), () => act(desk.removeAll(author)), true)}
          ${sanction
            ? item("menu-lift", "undo-2", t("sanction-lift"), () => act(desk.lift(author)))
            : html`
                ${MUTES_MS.map((ms) => item(`menu-mute-${ms / 60_000}`, "mic-off", t("moderate-mute", { minutes: ms / 60_000 }), () => act(desk.restrain(author, "mute", ms))))}
                ${item("menu-shadow", "ghost", t("moderate-shadow"), () => act(desk.restrain(author, "shadow")))}
                ${item("menu-block", "ban", t(blocking ? "moderate-block-sure" : "moderate-block"), () => (blocking ? act(desk.restrain(author, "block")) : setBlocking(true)), true)}
              `}
          ${item("menu-appoint", "shield-check", t("moderator-appoint"), () => act(desk.appoint(author, true)))}
        `}
        ${moderator && !own && item("menu-dismiss", "user-x", t("moderator-dismiss"), () => act(desk.appoint(author, false)))}
      </ul>
    <//>
  `;
}
