// @ts-check
// @css chat.css
// The message that stays above the chat: short until it is opened.

import { useState } from "preact/hooks";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @import { ChatMessage } from "../../schemas/generated/messages" */

/** @param {{ message: ChatMessage, onUnpin: (() => void) | null }} props */
export function PinnedMessage({ message, onUnpin }) {
  const [open, setOpen] = useState(false);
  return html`
    <div class="pinned-message" data-testid="pinned-message">
      <${Icon} name="pin" />
      <button class=${`pinned-text${open ? " pinned-text-open" : ""}`} type="button" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>
        <span class="visually-hidden">${t("chat-pinned")}</span><b>${message.author_name}</b> ${message.text}
      </button>
      ${onUnpin && html`
        <button class="chat-action" type="button" data-testid="chat-unpin" aria-label=${t("chat-unpin")} onClick=${onUnpin}><${Icon} name="x" /></button>`}
    </div>
  `;
}
