// @ts-check
// @css reactions.css
// How many are watching, and on a tap some of their names.

import { useState } from "preact/hooks";
import { formatCount } from "../lib/money.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { locale, t } from "./words.js";

/** @import { PresenceState } from "../../schemas/generated/messages" */

/** @param {{ state: PresenceState | null }} props */
export function Viewers({ state }) {
  const [open, setOpen] = useState(false);
  // Its place is kept until the number is known.
  if (!state) return html`<span class="viewers" aria-hidden="true"><${Icon} name="eye" /></span>`;
  return html`
    <button class="viewers" type="button" data-testid="viewers" data-count=${state.count} aria-label=${t("viewers-now", { count: state.count })} onClick=${() => setOpen(true)}>
      <${Icon} name="eye" /><span>${formatCount(state.count, locale())}</span>
    </button>
    ${open && html`<${Names} state=${state} onClose=${() => setOpen(false)} />`}
  `;
}

/** @param {{ state: PresenceState, onClose: () => void }} props */
function Names({ state, onClose }) {
  const unnamed = state.count - state.sample.length;
  return html`
    <${Dialog} title=${t("viewers-now", { count: state.count })} testid="viewers-sheet" onClose=${onClose}>
      <ul class="viewer-names">${state.sample.map(({ actor_id, name }) => html`
        <li class="viewer-name" key=${actor_id}><span class="viewer-initial" aria-hidden="true">${[...name][0]?.toUpperCase()}</span>${name}</li>`)}</ul>
      ${unnamed > 0 && html`<p class="soft small">${t("viewers-more", { count: unnamed })}</p>`}
    <//>
  `;
}
