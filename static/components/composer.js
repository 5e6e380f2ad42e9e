// @ts-check
// @css chat.css
// Writing to the chat: answers, mentions, emoji. What was typed stays until the server has taken it.

import { useRef, useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { askedAt, complete, recentAuthors, suggest } from "../lib/mentions.js";
import { ComposerState, useRestraint } from "./composer_state.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Lazy } from "./lazy.js";
import { errorText, t } from "./words.js";

/**
 * @import { Mention } from "../../schemas/generated/messages"
 * @import { Talk } from "../lib/talk.js"
 */

/** As schemas/http/chat.py TEXT_LENGTH_MAX. */
const TEXT_LENGTH_MAX = 500;

const mentionList = () => import("./mention_list.js").then((module) => module.MentionList);
const emojiPicker = () => import("./emoji_picker.js").then((module) => module.EmojiPicker);

/**
 * @param {{ talk: Talk, onSend: (text: string, people: Mention[]) => Promise<unknown>, disabled?: boolean, follow?: unknown, children?: unknown }} props
 *   `onSend` resolves to false when the person did not want to after all; `follow`: the way to become a follower; `children`: buttons beside it
 */
export function Composer({ talk, onSend, disabled = false, follow = null, children = null }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [picking, setPicking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState(/** @type {string | null} */ (null));
  const restraint = useRestraint(talk);
  const people = () => recentAuthors(talk.messages.value, talk.live.me.value?.actor_id ?? "");
  const asked = askedAt(text, caret);
  // Only while somebody is asked for does it matter here who speaks: else every line of the chat would draw the writing anew.
  const suggested = asked ? suggest(people(), asked.typed) : [];
  const silent = disabled || (restraint !== null && restraint.why !== "slow_mode");

  const write = (/** @type {string} */ next, /** @type {number} */ at, focus = true) => {
    setText(next);
    setCaret(at);
    setChosen(0);
    // After the input has taken the new text.
    queueMicrotask(() => {
      if (focus) input.current?.focus();
      input.current?.setSelectionRange(at, at);
    });
  };
  const mention = (/** @type {Mention} */ person) => {
    if (!asked) return;
    const next = complete(text, asked, person.name);
    write(next.text, next.caret);
  };
  const insert = (/** @type {string} */ emoji) => {
    const at = input.current?.selectionStart ?? text.length;
    // The focus stays in the picker: one emoji seldom comes alone.
    if (text.length + emoji.length <= TEXT_LENGTH_MAX) write(text.slice(0, at) + emoji + text.slice(at), at + emoji.length, false);
  };
  const onSubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (busy || !text.trim() || restraint) return;
    setBusy(true);
    setNote(null);
    try {
      if (await onSend(text.trim(), people())) write("", 0);
      setPicking(false);
    } catch (error) {
      const refused = asApiError(error);
      // What restrains the next message too is said for as long as it lasts.
      if (!talk.restraint.value) setNote(errorText(refused));
    }
    setBusy(false);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (suggested.length > 0 && step) setChosen((chosen + step + suggested.length) % suggested.length);
    else if (suggested.length > 0 && (event.key === "Enter" || event.key === "Tab")) mention(suggested[chosen]);
    else if (event.key === "Escape") (setPicking(false), setCaret(0), (talk.replyTo.value = null));
    else return;
    event.preventDefault();
  };
  const onInput = (/** @type {InputEvent} */ event) => {
    const { value, selectionStart } = /** @type {HTMLInputElement} */ (event.target);
    setText(value);
    setCaret(selectionStart ?? value.length);
    setChosen(0);
    setNote(null);
  };

  return html`
    <div class="composer-box" data-testid="composer">
      ${note && html`<p class="composer-note" role="alert" data-testid="chat-error">${note}</p>`}
      <${ComposerState} talk=${talk} restraint=${restraint} follow=${follow} />
      ${suggested.length > 0 && html`<${Lazy} load=${mentionList} people=${suggested} chosen=${chosen} onChoose=${mention} />`}
      ${picking && html`<${Lazy} load=${emojiPicker} onPick=${insert} onClose=${() => (setPicking(false), input.current?.focus())} />`}
      <form class="composer" onSubmit=${onSubmit}>
        <span class="composer-field">
          <input class="composer-input" ref=${input} data-testid="chat-input" aria-label=${t("chat-placeholder")} placeholder=${t("chat-placeholder")}
            maxlength=${TEXT_LENGTH_MAX} autocomplete="off" enterkeyhint="send" value=${text} disabled=${silent}
            role="combobox" aria-expanded=${String(suggested.length > 0)} aria-controls="mentions" aria-autocomplete="list"
            aria-activedescendant=${suggested.length > 0 ? `mention-${suggested[chosen].actor_id}` : undefined}
            onInput=${onInput} onKeyDown=${onKeyDown} onClick=${onInput} />
          <button class="composer-emoji" type="button" data-testid="chat-emoji" aria-label=${t("chat-emoji")} aria-expanded=${String(picking)} disabled=${silent}
            onClick=${() => setPicking(!picking)}><${Icon} name="smile" /></button>
        </span>
        ${text.trim() && !silent && html`
          <button class="button button-primary button-round" type="submit" data-testid="chat-send" aria-label=${t("chat-send")} disabled=${busy || restraint !== null}>
            <${Icon} name="send" />
          </button>`}
        ${(silent || !text.trim()) && children}
      </form>
    </div>
  `;
}
