// @ts-check
// What a viewer who moderates does in the player.

import { html } from "../components/html.js";
import { MessageMenu } from "../components/message_menu.js";
import { ModerationDesk } from "../lib/moderation_desk.js";

/**
 * @import { ChatMessage } from "../../schemas/generated/messages"
 * @import { ShowPage } from "./show_page.js"
 */

/** @type {WeakMap<ShowPage, ModerationDesk>} */
const desks = new WeakMap();

/** @param {ShowPage} page */
function deskOf(page) {
  const desk = desks.get(page) ?? new ModerationDesk(page.showId, page.live);
  desks.set(page, desk);
  return desk;
}

/** @param {ShowPage} page @param {ChatMessage} message */
export const removeMessage = (page, message) => deskOf(page).remove(message.message_id);

/** @param {{ page: ShowPage, message: ChatMessage, onClose: () => void }} props */
export const PlayerMenu = ({ page, message, onClose }) => html`
  <${MessageMenu} desk=${deskOf(page)} message=${message} own=${message.author_id === page.live.me.value?.actor_id}
    pinned=${page.talk.room.value?.pinned?.message_id === message.message_id} onClose=${onClose} />
`;
