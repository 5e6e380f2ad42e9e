// @ts-check
// @css moderation.css
// Chat, questions and held messages side by side in tabs, for whoever moderates.

import { useMemo, useState } from "preact/hooks";
import { ChatPanel } from "./chat_panel.js";
import { Composer } from "./composer.js";
import { HeldQueue } from "./held_queue.js";
import { html } from "./html.js";
import { MessageMenu } from "./message_menu.js";
import { QuestionQueue } from "./question_queue.js";
import { Tabs } from "./tabs.js";
import { t } from "./words.js";

/**
 * @import { ChatMessage, Mention } from "../../schemas/generated/messages"
 * @import { ModerationDesk } from "../lib/moderation_desk.js"
 * @import { Questions } from "../lib/questions.js"
 * @import { Talk } from "../lib/talk.js"
 */

/** `chatOnly`: questions and held messages have places of their own. @param {{ talk: Talk, questions: Questions, desk: ModerationDesk, ended: boolean, chatOnly?: boolean }} props */
export function TalkPanel({ talk, questions, desk, ended, chatOnly = false }) {
  const [panel, setPanel] = useState("chat");
  const [menu, setMenu] = useState(/** @type {ChatMessage | null} */ (null));
  const moderate = useMemo(() => ({ menu: setMenu, remove: (/** @type {ChatMessage} */ message) => desk.remove(message.message_id) }), [desk]);
  const pinned = talk.room.value?.pinned ?? null;
  const say = async (/** @type {string} */ text, /** @type {Mention[]} */ people) => {
    await talk.say(text, people);
    return true;
  };
  const tabs = [
    { id: "chat", label: t("chat-title") },
    { id: "questions", label: t("questions-title"), count: questions.waiting.value },
    { id: "held", label: t("held-title"), count: desk.held.value.length },
  ];
  return html`
    <section class="panel talk" aria-label=${t("talk-title")} data-testid="talk">
      ${chatOnly ? html`<h2>${t("chat-title")}</h2>` : html`<${Tabs} label=${t("talk-title")} tabs=${tabs} chosen=${panel} onChoose=${setPanel} />`}
      ${(chatOnly || panel === "chat") && html`
        <${ChatPanel} talk=${talk} moderate=${moderate} onUnpin=${() => desk.pin(null)} />
        <${Composer} talk=${talk} onSend=${say} disabled=${ended} />`}
      ${!chatOnly && panel === "questions" && html`<${QuestionQueue} questions=${questions} />`}
      ${!chatOnly && panel === "held" && html`<${HeldQueue} desk=${desk} />`}
      ${menu && html`<${MessageMenu} desk=${desk} message=${menu} own=${menu.author_id === talk.live.me.value?.actor_id}
        pinned=${pinned?.message_id === menu.message_id} onClose=${() => setMenu(null)} />`}
    </section>
  `;
}
