// @ts-check
// A sheet: from the bottom on a phone, in the middle on a desktop. The browser keeps the focus inside and gives it back.

import { useEffect, useRef } from "preact/hooks";
import { opened } from "../lib/sheets.js";
import { Announcer } from "./announcer.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @param {{ title: string, onClose: () => void, testid: string, children?: unknown }} props */
export function Dialog({ title, onClose, testid, children }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return opened(() => dialog?.close());
  }, []);
  const onClick = (/** @type {MouseEvent} */ event) => {
    if (event.target === ref.current) onClose();
  };
  return html`
    <dialog class="dialog" ref=${ref} aria-label=${title} data-testid=${testid} onClose=${onClose} onClick=${onClick}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2>${title}</h2>
          <button class="button button-round" type="button" aria-label=${t("close")} data-testid="close" onClick=${onClose}><${Icon} name="x" /></button>
        </header>
        ${children}
      </div>
      <${Announcer} within />
    </dialog>
  `;
}
