// @ts-check
// @css chat.css
// The top of the chat: older lines are on their way, could not be had, or there are none.

import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @import { Talk } from "../lib/talk.js" */

/** @param {{ talk: Talk }} props */
export function ChatOlder({ talk }) {
  const { messages, more } = talk.lines.value;
  const older = talk.older.value;
  if (messages.length === 0) return null;
  return html`
    <p class="chat-older" data-testid="chat-older" data-state=${more ? older : "beginning"}>
      ${!more && t("chat-beginning")}
      ${more && older === "loading" && html`<${Icon} name="loader-circle" turning /><span class="visually-hidden">${t("loading")}</span>`}
      ${more && older === "failed" && html`<button class="button button-small" type="button" onClick=${() => talk.loadOlder()}>${t("chat-older-failed")}</button>`}
    </p>
  `;
}
