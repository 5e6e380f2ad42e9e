// @ts-check
// @css chat.css
// @css reactions.css
// The emoji that a live chat needs, in a grid that arrow keys walk through. Screen readers know the signs' names themselves.

import { useEffect, useRef } from "preact/hooks";
import { html } from "./html.js";
import { t } from "./words.js";

/** Four rows of eight: what live chats use most, laughter and love first. */
const EMOJI = [..."😀😂🤣😊😍🥰😘🤩😎🤔😮😢😭😡🥳😇👍👎👏🙏💪👋🤝🙌🔥⭐🎉🎁💯✨💔👀"];
const COLUMNS = 8;
/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };

/** @param {{ onPick: (emoji: string) => void, onClose: () => void }} props */
export function EmojiPicker({ onPick, onClose }) {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    // On a phone the focus stays in the input, or the keyboard would go and come.
    if (matchMedia("(hover: hover)").matches) ref.current?.querySelector("button")?.focus();
  }, []);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") return onClose();
    const step = STEPS[event.key];
    const buttons = [...(ref.current?.querySelectorAll("button") ?? [])];
    const next = buttons[buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) + step];
    if (!step || !next) return;
    event.preventDefault();
    next.focus();
  };
  return html`
    <div class="emoji-picker" ref=${ref} role="group" aria-label=${t("chat-emoji")} data-testid="emoji-picker" onKeyDown=${onKeyDown}>
      ${EMOJI.map((emoji, index) => html`
        <button class="emoji" key=${emoji} type="button" tabindex=${index === 0 ? 0 : -1} onClick=${() => onPick(emoji)}>${emoji}</button>
      `)}
    </div>
  `;
}
