// @ts-check
// @css chat.css
// The chat: stays at the newest message unless the reader has scrolled back, and fetches older ones at the top.

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useCalm } from "./calm.js";
import { useLines } from "./chat_line.js";
import { ChatOlder } from "./chat_older.js";
import { html } from "./html.js";
import { Lazy } from "./lazy.js";
import { useSwipe } from "./swipe.js";
import { errorText, t } from "./words.js";

/**
 * @import { ChatMessage } from "../../schemas/generated/messages"
 * @import { Moderate } from "./chat_line.js"
 * @import { Talk } from "../lib/talk.js"
 */

/** A reader this close to the end, in pixels, is reading the newest. */
const AT_END_PX = 48;
/** This close to the top the next older page is fetched. */
const AT_TOP_PX = 80;
const LINE = "[data-message]";
/** In a busy chat several lines come up together: each drawing costs a phone more than the line. */
const DRAWN_EVERY_MS = 100;
const pinnedMessage = () => import("./pinned_message.js").then((module) => module.PinnedMessage);

/** @param {{ talk: Talk, moderate?: Moderate | null, onUnpin?: (() => void) | null }} props */
export function ChatPanel({ talk, moderate = null, onUnpin = null }) {
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [atEnd, setAtEnd] = useState(true);
  const [active, setActive] = useState(/** @type {string | null} */ (null));
  const lineOf = useLines();
  const messages = useCalm(talk.messages, DRAWN_EVERY_MS);
  const refused = talk.channel.refused.value;
  const me = talk.live.me.value?.actor_id ?? null;
  const held = talk.held.value;
  const pinned = talk.room.value?.pinned ?? null;

  const toEnd = () => list.current?.scrollTo({ top: list.current.scrollHeight });
  useKeptPlace(list, messages, atEnd);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = /** @type {HTMLDivElement} */ (list.current);
    const end = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    talk.atEnd = end;
    setAtEnd(end);
    if (scrollTop < AT_TOP_PX && !end) talk.loadOlder();
  };
  const actions = useMemo(() => {
    const reply = (/** @type {ChatMessage} */ message) => {
      setActive(null);
      talk.replyTo.value = message;
    };
    return { reply, moderate };
  }, [talk, moderate]);
  const find = (/** @type {string | undefined} */ id) => talk.messages.peek().find(({ message_id }) => message_id === id);
  useSwipe(list, LINE, useCallback((line) => {
    const message = find(line.dataset.message);
    if (message && !talk.held.peek().has(message.message_id)) actions.reply(message);
  }, [actions]));

  const idOf = (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.target).closest(LINE)?.getAttribute("data-message") ?? null;
  // A mouse shows what it points at; a finger taps once to show and once more to put away.
  const onPointerOver = (/** @type {PointerEvent} */ event) => event.pointerType === "mouse" && setActive(idOf(event));
  const onPointerLeave = (/** @type {PointerEvent} */ event) => event.pointerType === "mouse" && setActive(null);
  const onClick = (/** @type {PointerEvent} */ event) => {
    if (event.pointerType !== "mouse" && !(/** @type {Element} */ (event.target).closest("button"))) setActive((known) => (known === idOf(event) ? null : idOf(event)));
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || messages.length === 0) return;
    event.preventDefault();
    const at = messages.findIndex(({ message_id }) => message_id === active);
    const next = messages[Math.max(0, Math.min(messages.length - 1, at < 0 ? messages.length - 1 : at + step))].message_id;
    setActive(next);
    /** @type {HTMLElement | null | undefined} */ (list.current?.querySelector(`[data-message="${next}"]`))?.focus();
  };

  return html`
    <section class="chat" aria-label=${t("chat-title")} data-testid="chat">
      ${pinned && html`<${Lazy} load=${pinnedMessage} key=${pinned.message_id} message=${pinned} onUnpin=${onUnpin} />`}
      <div class="chat-list" ref=${list} tabindex="0" role="log" aria-live="polite" aria-label=${t("chat-title")} onScroll=${onScroll}
        onPointerOver=${onPointerOver} onPointerLeave=${onPointerLeave} onClick=${onClick} onKeyDown=${onKeyDown}>
        <div class="chat-lines">
          <${ChatOlder} talk=${talk} />
          ${messages.map((message) => lineOf(message, me, message.message_id === active, held.has(message.message_id), actions))}
          ${talk.loaded.value && messages.length === 0 && html`<p class="chat-empty">${t("chat-empty")}</p>`}
          ${refused && html`<p class="chat-empty">${errorText(refused)}</p>`}
        </div>
      </div>
      ${!atEnd && html`<button class="chat-newer button button-small" type="button" data-testid="chat-newer" onClick=${toEnd}>${t("chat-newer")}</button>`}
    </section>
  `;
}

/** New lines at the end are followed; lines that come in above leave what is being read where it is. @param {{ current: HTMLElement | null }} list @param {ChatMessage[]} messages @param {boolean} atEnd */
function useKeptPlace(list, messages, atEnd) {
  const before = useRef({ first: "", height: 0 });
  useLayoutEffect(() => {
    const element = list.current;
    if (!element || messages.length === 0) return; // to ask for a height is to draw at once, and there is none yet
    const first = messages[0].message_id;
    const grown = element.scrollHeight - before.current.height;
    if (atEnd) element.scrollTo({ top: element.scrollHeight });
    else if (first !== before.current.first && grown > 0) element.scrollTop += grown;
    before.current = { first, height: element.scrollHeight };
  }, [messages]);
  useEffect(() => {
    // A smaller panel (a keyboard, a card above it) must not leave the end behind.
    const element = list.current;
    if (!element || !atEnd) return;
    const observer = new ResizeObserver(() => element.scrollTo({ top: element.scrollHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [atEnd]);
}
