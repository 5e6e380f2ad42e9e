// @ts-check
// @css control_room.css
// @css desks.css
// Keys for hands that hold a product: what they do, and the sheet that lists them.

import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";
import { LISTED, shortcutOf } from "../lib/shortcuts.js";

/**
 * @import { Shortcut } from "../lib/shortcuts.js"
 * @import { Room } from "./room.js"
 */

/** @param {{ room: Room }} props */
export function Shortcuts({ room }) {
  const [open, setOpen] = useState(false);
  const [on, setOn] = useState(true);
  useEffect(() => {
    /** @type {Record<Shortcut, () => unknown>} */
    const acts = {
      next: () => room.run.next.peek() && room.run.goTo(/** @type {{ id: string }} */ (room.run.next.peek()).id),
      pin: () => room.togglePin(),
      mute: () => room.broadcast.toggle("audio"),
      camera: () => room.broadcast.toggle("video"),
      help: () => setOpen(true),
    };
    const onKeyDown = (/** @type {KeyboardEvent} */ press) => {
      const shortcut = shortcutOf(press, isTyping());
      if (!shortcut || (!on && shortcut !== "help")) return;
      press.preventDefault();
      acts[shortcut]();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [room, on]);
  return html`
    <button class="button button-round room-keys" type="button" data-testid="shortcuts" aria-label=${t("shortcuts-title")} aria-keyshortcuts="?" onClick=${() => setOpen(true)}><${Icon} name="keyboard" /></button>
    ${open && html`
      <${Dialog} title=${t("shortcuts-title")} testid="shortcuts-sheet" onClose=${() => setOpen(false)}>
        <dl class="shortcuts">${LISTED.map(([id, key, words]) => html`<div class="shortcut" key=${id}><dt><kbd class="key">${key}</kbd></dt><dd>${t(words)}</dd></div>`)}
          <div class="shortcut"><dt><kbd class="key">Alt</kbd> <kbd class="key">↑</kbd> <kbd class="key">↓</kbd></dt><dd>${t("shortcut-move")}</dd></div></dl>
        <label class="check"><input type="checkbox" checked=${on} data-testid="shortcuts-on" onChange=${() => setOn(!on)} />${t("shortcuts-on")}</label>
      <//>`}
  `;
}

/** Text is being entered, a choice made, or a sheet lies over the studio. */
function isTyping() {
  const focus = document.activeElement;
  return document.querySelector("dialog[open]") !== null || (focus instanceof HTMLElement && (focus.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(focus.tagName)));
}
