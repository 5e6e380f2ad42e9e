// @ts-check
// @css chat.css
// One chat message. The text is text nodes, whatever it contains.

import { useRef } from "preact/hooks";
import { partsOf } from "../lib/mentions.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { locale, t } from "./words.js";

/**
 * @import { VNode } from "preact"
 * @import { ChatMessage, Quote } from "../../schemas/generated/messages"
 * @typedef {{ menu: (message: ChatMessage) => void, remove: (message: ChatMessage) => void }} Moderate what a moderator gets beside a message
 * @typedef {{ reply: (message: ChatMessage) => void, moderate: Moderate | null }} Actions
 */

/** @type {Record<string, string>} */
const ROLES = { host: "chat-host", moderator: "chat-moderator" };

/**
 * Lines by what they show. A busy chat is drawn often: a line that has not changed is the same object as before, which Preact does not
 * even compare. `me`: who reads; `active`: its actions are in view; `held`: it waits for a moderator.
 */
export function useLines() {
  /** @type {{ current: WeakMap<ChatMessage, { for: unknown[], line: VNode }> }} */
  const drawn = useRef(new WeakMap());
  return (
    /** @type {ChatMessage} */ message, /** @type {string | null} */ me, /** @type {boolean} */ active, /** @type {boolean} */ held, /** @type {Actions} */ actions,
  ) => {
    const wanted = [me, active, held, actions, locale()];
    const known = drawn.current.get(message);
    if (known && known.for.every((each, index) => each === wanted[index])) return known.line;
    const line = html`<${ChatLine} key=${message.message_id} message=${message} me=${me} active=${active} held=${held} actions=${actions} />`;
    drawn.current.set(message, { for: wanted, line });
    return line;
  };
}

/** @param {{ message: ChatMessage, me: string | null, active: boolean, held: boolean, actions: Actions }} props */
function ChatLine({ message, me, active, held, actions }) {
  const { author_role: role, reply } = message;
  const toMe = me !== null && (message.mentions.some(({ actor_id }) => actor_id === me) || reply?.author_id === me);
  const look = `${toMe ? " chat-line-to-me" : ""}${held ? " chat-line-held" : ""}${active ? " chat-line-active" : ""}`;
  return html`
    <div class=${`chat-line${look}`} tabindex="-1" data-testid="chat-message" data-message=${message.message_id} data-held=${String(held)}>
      ${reply && html`<${QuoteLine} quote=${reply} />`}
      ${toMe && html`<span class="visually-hidden">${t("chat-to-you")}</span>`}
      <span class=${`chat-author${role === "host" ? " chat-author-host" : ""}`}>
        ${message.author_name}${role in ROLES && html`<span class=${`chat-role chat-role-${role}`}>${t(ROLES[role])}</span>`}
      </span>
      <span class="chat-text">${partsOf(message.text, message.mentions).map(({ text, mention }) =>
        mention ? html`<strong class=${`chat-mention${mention.actor_id === me ? " chat-mention-me" : ""}`}>${text}</strong>` : text)}</span>
      ${held && html`<span class="chat-held" data-testid="chat-held"><${Icon} name="clock" />${t("chat-held")}</span>`}
      ${active && html`<${LineActions} message=${message} held=${held} actions=${actions} />`}
    </div>
  `;
}

/** @param {{ quote: Quote }} props */
export const QuoteLine = ({ quote }) => html`
  <span class="chat-quote" data-testid="chat-quote"><${Icon} name="reply" /><span class="chat-quote-text"><b>${quote.author_name}</b> ${quote.text}</span></span>
`;

/** @param {{ message: ChatMessage, held: boolean, actions: Actions }} props */
const LineActions = ({ message, held, actions: { reply, moderate } }) => html`
  <span class="chat-actions">
    ${!held && html`<${Action} testid="chat-reply" icon="reply" label=${t("chat-reply-to", { name: message.author_name })} onClick=${() => reply(message)} />`}
    ${!held && moderate && html`
      <${Action} testid="chat-remove" icon="trash-2" label=${t("moderate-remove-of", { name: message.author_name })} onClick=${() => moderate.remove(message)} />
      <${Action} testid="chat-menu" icon="ellipsis" label=${t("moderate-message", { name: message.author_name })} onClick=${() => moderate.menu(message)} />
    `}
  </span>
`;

/** @param {{ testid: string, icon: string, label: string, onClick: () => void }} props */
const Action = ({ testid, icon, label, onClick }) => html`
  <button class="chat-action" type="button" data-testid=${testid} aria-label=${label} title=${label} onClick=${onClick}><${Icon} name=${icon} /></button>
`;
