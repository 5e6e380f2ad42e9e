// @ts-check
// One chat message. The text is a text node, whatever it contains.

import { html } from "./html.js";
import { t } from "./words.js";

/** @import { ChatMessage } from "../../schemas/generated/messages" */

/** @param {{ message: ChatMessage }} props */
export const ChatLine = ({ message }) => html`
  <p class="chat-line" data-testid="chat-message">
    <span class=${`chat-author${message.author_role === "host" ? " chat-author-host" : ""}`}>
      ${message.author_name}${message.author_role === "host" && html`<span class="chat-role">${t("chat-host")}</span>`}
    </span>
    <span class="chat-text">${message.text}</span>
  </p>
`;
