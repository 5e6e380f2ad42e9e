// @ts-check
// @css run.css
// One step of the run of show: the grip, what it is, its pin, and everything else in a menu.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Picture } from "../components/picture.js";
import { locale, t } from "../components/words.js";
import { formatMoney } from "../lib/money.js";
import { RunMenu } from "./run_menu.js";
import { StepForm } from "./step_form.js";

/**
 * @import { Row } from "../lib/run_of_show.js"
 * @import { Room } from "./room.js"
 * @typedef {{ room: Room, row: Row, place: number, count: number, current: boolean, upcoming: boolean, held: boolean,
 *   onGrip: (event: PointerEvent, index: number) => void, onMove: (from: number, to: number) => void, editing: boolean, onEdit: () => void,
 *   onSave: (row: Row) => void, ended: boolean }} Props
 */

/** What a step is called. @param {Row} row */
export const titleOf = ({ step, item }) => item?.offer.title ?? (step.title || step.item_id);

/** @param {Props} props */
export function RunRow(props) {
  const { room, row, place, current, upcoming, held, onGrip, onMove, editing, onEdit, onSave, ended } = props;
  const { step, item } = row;
  const title = titleOf(row);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !event.altKey || ended) return;
    event.preventDefault();
    onMove(place, place + by);
  };
  const name = [`run-row`, item?.pinned && "run-row-pinned", current && "run-row-current", held && "run-row-held", editing && "run-row-open"].filter(Boolean).join(" ");
  return html`
    <li class=${name} data-testid=${`item-${row.id}`} data-current=${String(current)}
      aria-current=${current ? "step" : undefined} onKeyDown=${onKeyDown}>
      ${!ended && html`<button class="run-grip" type="button" data-testid=${`grip-${row.id}`} aria-label=${t("run-grip", { title })} onPointerDown=${(/** @type {PointerEvent} */ event) => onGrip(event, place)}>
        <${Icon} name="grip-vertical" /></button>`}
      <span class="run-picture">${item
        ? html`<${Picture} url=${item.offer.image_url} title=${title} />`
        : html`<span class="run-segment"><${Icon} name=${step.sku ? "package" : "message-square-text"} /></span>`}</span>
      <span class="run-words">
        ${(current || upcoming) && html`<span class=${`run-when${current ? " run-when-now" : ""}`}>${t(current ? "run-now" : "run-up-next")}</span>`}
        <strong class="run-name">${title}${item?.offer.label && html`<span class="soft"> · ${item.offer.label}</span>`}</strong>
        ${item && html`<${Goods} item=${item} />`}
        ${step.note && html`<span class="run-note small">${step.note}</span>`}
      </span>
      ${step.planned_minutes > 0 && html`<span class="run-minutes small numbers">${t("run-minutes", { minutes: step.planned_minutes })}</span>`}
      ${item && html`<${Pin} room=${room} item=${item} />`}
      ${!ended && html`<${RunMenu} ...${props} title=${title} />`}
      ${editing && html`<${StepForm} row=${row} onSave=${onSave} onClose=${onEdit} />`}
    </li>
  `;
}

/** @import { Item } from "../lib/offers.js" */

/** @param {{ item: Item }} props */
const Goods = ({ item: { offer, pool } }) => html`
  <span class="run-goods small">
    <span>${formatMoney(offer.price, locale())}</span>
    <span class="soft numbers" data-testid=${`stock-${offer.sku}`} data-available=${pool?.available} data-held=${pool?.held} data-sold=${pool?.sold}>
      ${pool && t(pool.held > 0 ? "stock-numbers" : "run-stock", { available: pool.available, held: pool.held, sold: pool.sold })}</span>
  </span>
`;

/** @param {{ room: Room, item: Item }} props */
const Pin = ({ room, item: { offer, pinned } }) => html`
  <button class=${`button button-small run-pin${pinned ? " button-primary" : ""}`} type="button" data-testid=${`${pinned ? "unpin" : "pin"}-${offer.sku}`}
    aria-label=${t(pinned ? "run-unpin" : "run-pin", { title: offer.title })} disabled=${room.busy.value} onClick=${() => room.setPinned(offer.sku, !pinned)}>
    <${Icon} name=${pinned ? "pin-off" : "pin"} /><span class="run-action">${t(pinned ? "unpin" : "pin")}</span>
  </button>
`;
