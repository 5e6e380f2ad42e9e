// @ts-check
// The chat: stays at the newest message unless the reader has scrolled back.

import { useEffect, useRef, useState } from "preact/hooks";
import { ChatLine } from "./chat_line.js";
import { html } from "./html.js";
import { errorText, t } from "./words.js";

/**
 * @import { ApiError } from "../lib/errors.js"
 * @import { ChatState } from "../../schemas/generated/messages"
 */

/** A reader this close to the end, in pixels, is reading the newest. */
const AT_END_PX = 48;

/** @param {{ state: ChatState | null, refused: ApiError | null }} props */
export function ChatPanel({ state, refused }) {
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [atEnd, setAtEnd] = useState(true);
  const messages = (state?.entries ?? []).flatMap((entry) => (entry.type === "message" && !entry.removed ? [entry] : []));
  const last = messages.at(-1)?.message_id;

  const toEnd = () => list.current?.scrollTo({ top: list.current.scrollHeight });
  useEffect(() => {
    if (atEnd) toEnd();
  }, [last]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLDivElement} */ (list.current);
    setAtEnd(scrollHeight - scrollTop - clientHeight < AT_END_PX);
  };

  return html`
    <section class="chat" aria-label=${t("chat-title")} data-testid="chat">
      <div class="chat-list" ref=${list} tabindex="0" role="log" aria-live="polite" aria-label=${t("chat-title")} onScroll=${onScroll}>
        ${messages.map((message) => html`<${ChatLine} key=${message.message_id} message=${message} />`)}
        ${state && messages.length === 0 && html`<p class="chat-empty">${t("chat-empty")}</p>`}
        ${refused && html`<p class="chat-empty">${errorText(refused)}</p>`}
      </div>
      ${!atEnd && html`<button class="chat-newer button button-small" type="button" data-testid="chat-newer" onClick=${toEnd}>${t("chat-newer")}</button>`}
    </section>
  `;
}
