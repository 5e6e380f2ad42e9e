// @ts-check
// @css reactions.css
// The heart: a tap flies at once and is sent with others of the same second; a long press offers more kinds.

import { useEffect, useRef, useState } from "preact/hooks";
import { SIGNS, totalOf } from "../lib/reactions.js";
import { formatCount } from "../lib/money.js";
import { html } from "./html.js";
import { locale, t } from "./words.js";

/**
 * @import { Kind } from "../lib/reactions.js"
 * @import { Hearts } from "../watch/hearts.js"
 */

/** A press this long asks for the other kinds. */
const LONG_PRESS_MS = 450;

/** @type {Record<Kind, string>} */
const NAMES = { heart: "reaction-heart", fire: "reaction-fire", clap: "reaction-clap", laugh: "reaction-laugh", wow: "reaction-wow" };
const KINDS = /** @type {Kind[]} */ (Object.keys(SIGNS));

/** @param {{ hearts: Hearts, disabled: boolean }} props */
export function Reactions({ hearts, disabled }) {
  const [kind, setKind] = useState(/** @type {Kind} */ ("heart"));
  const [choosing, setChoosing] = useState(false);
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const timer = useRef(0);
  const total = totalOf(hearts.state.value);
  useEffect(() => {
    if (!choosing) return;
    const close = (/** @type {Event} */ event) => !box.current?.contains(/** @type {Node} */ (event.target)) && setChoosing(false);
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [choosing]);
  const press = () => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setChoosing(true), LONG_PRESS_MS);
  };
  const release = () => clearTimeout(timer.current);
  const choose = (/** @type {Kind} */ next) => {
    setKind(next);
    setChoosing(false);
    hearts.tap(next);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "ArrowUp") setChoosing(true);
    else if (event.key === "Escape") setChoosing(false);
    else return;
    event.preventDefault();
  };
  return html`
    <div ref=${box} onKeyDown=${onKeyDown}>
      ${choosing && html`
        <div class="reaction-kinds" role="group" aria-label=${t("reaction-kinds")} data-testid="reaction-kinds">
          ${KINDS.map((each) => html`<button class="emoji" key=${each} type="button" data-testid=${`reaction-${each}`} aria-label=${t(NAMES[each])} onClick=${() => choose(each)}>${SIGNS[each]}</button>`)}
        </div>`}
      <button class="button button-round reaction-button" type="button" data-testid="react" data-total=${total} disabled=${disabled}
        aria-label=${t("reaction-send", { name: t(NAMES[kind]), total: formatCount(total, locale()) })}
        onPointerDown=${press} onPointerUp=${release} onPointerLeave=${release}
        onContextMenu=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${() => !choosing && hearts.tap(kind)}>
        <span class="reaction-sign" aria-hidden="true">${SIGNS[kind]}</span>
        ${total > 0 && html`<span class="reaction-total" aria-hidden="true">${formatCount(total, locale())}</span>`}
      </button>
    </div>
  `;
}
