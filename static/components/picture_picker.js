// @ts-check
// @css picture_picker.css
// Pictures to choose, upload, put in order and take away: by finger, mouse, keyboard, or dropped from elsewhere.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { MEDIA_TYPES } from "../lib/pictures.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { PictureTile } from "./picture_tile.js";
import { errorText, t } from "./words.js";

/** @import { PictureList } from "../lib/picture_list.js" */

/** @param {{ label: string, list: PictureList, hint?: string, error?: string | null, testid?: string }} props */
export function PicturePicker({ label, list, hint = "", error = null, testid = "pictures" }) {
  const id = useId();
  const items = list.items.value;
  const group = useRef(/** @type {HTMLElement | null} */ (null));
  /** Which button had the focus when its picture moved: moving an element takes the focus away. */
  const focus = useRef("");
  const [over, setOver] = useState(false);
  const [dragged, setDragged] = useState("");
  useEffect(() => {
    if (focus.current) /** @type {HTMLElement | null | undefined} */ (group.current?.querySelector(`[data-move="${focus.current}"]`))?.focus();
    focus.current = "";
  }, [items]);
  const move = (/** @type {string} */ key, /** @type {number} */ to, /** @type {string} */ button) => {
    focus.current = `${key}-${button}`;
    list.move(key, to);
  };
  const onDrop = (/** @type {DragEvent} */ event) => {
    setOver(false);
    setDragged("");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    void list.add(event.dataTransfer.files);
  };
  const onDragOver = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    if (!dragged) setOver(true);
  };
  const problem = items.find((item) => item.problem)?.problem;
  const note = error ?? (problem ? errorText(problem) : list.turnedAway.value > 0 ? t("pictures-full", { count: list.most }) : null);
  return html`
    <div class="field picture-picker" role="group" aria-label=${label} ref=${group} data-testid=${testid} data-over=${String(over)}
      onDrop=${onDrop} onDragOver=${onDragOver} onDragLeave=${() => setOver(false)}>
      <span class="field-label" aria-hidden="true">${label}</span>
      <ul class="picture-tiles">
        ${items.map((item, at) => html`
          <${PictureTile} key=${item.key} item=${item} at=${at} count=${items.length} onMove=${move} onRemove=${() => list.remove(item.key)}
            onAgain=${() => list.again(item.key)} dragged=${dragged} onDrag=${setDragged} onPass=${() => dragged !== item.key && list.move(dragged, at)} />`)}
        ${items.length < list.most && html`<li><${Adding} id=${id} list=${list} first=${items.length === 0} /></li>`}
      </ul>
      ${note ? html`<p class="field-error" id=${`${id}-note`} role="alert">${note}</p>` : hint && html`<p class="field-hint" id=${`${id}-note`}>${hint}</p>`}
    </div>
  `;
}

/** @param {{ id: string, list: PictureList, first: boolean }} props */
function Adding({ id, list, first }) {
  const many = list.most > 1;
  const onChange = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    void list.add(input.files ?? []);
    input.value = ""; // the same file may be chosen again
  };
  return html`
    <label class=${`picture-add${first ? " picture-add-first" : ""}`}>
      <input class="visually-hidden" type="file" accept=${MEDIA_TYPES.join(",")} multiple=${many} aria-describedby=${`${id}-note`} data-testid="picture-file" onChange=${onChange} />
      <${Icon} name="image-plus" />
      <strong>${t(many ? "pictures-add" : "picture-add")}</strong>
      ${first && html`<span class="soft small">${t(many ? "pictures-drop" : "picture-drop")}</span>`}
    </label>
  `;
}
