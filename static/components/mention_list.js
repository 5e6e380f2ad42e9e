// @ts-check
// @css chat.css
// Names to choose from while an `@` is being typed; the input keeps the focus.

import { html } from "./html.js";
import { t } from "./words.js";

/** @import { Mention } from "../../schemas/generated/messages" */

/** @param {{ people: Mention[], chosen: number, onChoose: (person: Mention) => void }} props */
export const MentionList = ({ people, chosen, onChoose }) => html`
  <ul class="mention-list" id="mentions" role="listbox" aria-label=${t("chat-suggestions")} data-testid="mentions">
    ${people.map((person, index) => html`
      <li class=${`mention-name${index === chosen ? " mention-name-chosen" : ""}`} key=${person.actor_id} id=${`mention-${person.actor_id}`} role="option"
        aria-selected=${String(index === chosen)} data-testid="mention"
        onPointerDown=${(/** @type {PointerEvent} */ event) => {
          // Before the input would lose the focus.
          event.preventDefault();
          onChoose(person);
        }}>@${person.name}</li>
    `)}
  </ul>
`;
