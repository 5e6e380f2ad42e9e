// @ts-check
// @css stage.css
// Three, two, one over the picture, with a way back until the last moment.

import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../components/html.js";
import { t } from "../components/words.js";
import { FROM, liftOff } from "../lib/lift_off.js";

/** @param {{ onDone: () => void, onCancel: () => void }} props */
export function CountDown({ onDone, onCancel }) {
  const [left, setLeft] = useState(FROM);
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useEffect(() => {
    button.current?.focus();
    return liftOff(setLeft, onDone);
  }, []);
  return html`
    <div class="count-down" role="alertdialog" aria-label=${t("go-live-soon")} data-testid="count-down" onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && onCancel()}>
      <p role="status" aria-live="assertive"><span class="count-down-number numbers" key=${left} data-testid="count-down-left">${left}</span></p>
      <button class="button button-large" type="button" ref=${button} data-testid="count-down-cancel" onClick=${onCancel}>${t("go-live-cancel")}</button>
    </div>
  `;
}
