// @ts-check
// @css picture_picker.css
// One picture of those that somebody puts together: how far it is, its place, and the way out.

import { html } from "./html.js";
import { Icon } from "./icon.js";
import { t } from "./words.js";

/** @import { Item } from "../lib/picture_list.js" */

/**
 * @param {{ item: Item, at: number, count: number, onMove: (key: string, to: number, button: string) => void, onRemove: () => void,
 *   onAgain: () => void, dragged: string, onDrag: (key: string) => void, onPass: () => void }} props
 */
export function PictureTile({ item, at, count, onMove, onRemove, onAgain, dragged, onDrag, onPass }) {
  const number = at + 1;
  const state = item.problem ? "failed" : item.id ? "ready" : "uploading";
  const onDragStart = (/** @type {DragEvent} */ event) => {
    event.dataTransfer?.setData("text/plain", item.key);
    onDrag(item.key);
  };
  const button = (/** @type {string} */ icon, /** @type {string} */ label, /** @type {() => void} */ act, /** @type {string} */ name, disabled = false) => html`
    <button class="button button-glass picture-tile-button" type="button" aria-label=${label} disabled=${disabled} data-move=${`${item.key}-${name}`}
      data-testid=${`picture-${name}`} onClick=${act}><${Icon} name=${icon} /></button>`;
  return html`
    <li class="picture-tile" data-state=${state} data-testid="picture-tile" data-dragged=${String(dragged === item.key)} draggable=${count > 1}
      onDragStart=${onDragStart} onDragEnd=${() => onDrag("")} onDragEnter=${() => dragged && onPass()}>
      <img class="picture" src=${item.url} alt=${t("picture-number", { number, count })} draggable="false" />
      ${at === 0 && count > 1 && html`<span class="picture-tile-main">${t("picture-main")}</span>`}
      ${state === "uploading" && html`<progress class="picture-tile-progress" max="1" value=${item.progress} aria-label=${t("picture-uploading", { number })}></progress>`}
      ${state === "failed" && html`<span class="picture-tile-again">${button("undo-2", t("picture-again", { number }), onAgain, "again")}</span>`}
      <span class="picture-tile-tools">
        ${count > 1 && button("chevron-left", t("picture-earlier", { number }), () => onMove(item.key, at - 1, "earlier"), "earlier", at === 0)}
        ${count > 1 && button("chevron-right", t("picture-later", { number }), () => onMove(item.key, at + 1, "later"), "later", at === count - 1)}
        ${button("trash-2", t("picture-remove", { number }), onRemove, "remove")}
      </span>
    </li>
  `;
}
