// @ts-check
// Writing to the chat. What was typed stays until the server has taken it.

import { useState } from "preact/hooks";
import { asApiError } from "../lib/errors.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { errorText, t } from "./words.js";

/** As schemas/http/chat.py TEXT_LENGTH_MAX. */
const TEXT_LENGTH_MAX = 500;

/** @param {{ onSend: (text: string) => Promise<unknown>, disabled?: boolean }} props `onSend` resolves once the message is in the chat */
export function Composer({ onSend, disabled = false }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState(/** @type {string | null} */ (null));

  const onSubmit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (busy || !text.trim()) return;
    setBusy(true);
    setNote(null);
    try {
      if (await onSend(text.trim())) setText("");
    } catch (error) {
      setNote(errorText(asApiError(error)));
    }
    setBusy(false);
  };

  return html`
    ${note && html`<p class="composer-note" role="alert" data-testid="chat-error">${note}</p>`}
    <form class="composer" onSubmit=${onSubmit}>
      <input class="composer-input" data-testid="chat-input" aria-label=${t("chat-placeholder")} placeholder=${t("chat-placeholder")}
        maxlength=${TEXT_LENGTH_MAX} autocomplete="off" enterkeyhint="send" value=${text} disabled=${disabled}
        onInput=${(/** @type {InputEvent} */ event) => setText(/** @type {HTMLInputElement} */ (event.target).value)} />
      ${text.trim() && html`
        <button class="button button-primary button-round" type="submit" data-testid="chat-send" aria-label=${t("chat-send")} disabled=${busy}>
          <${Icon} name="send" />
        </button>
      `}
    </form>
  `;
}
