// @ts-check
// @css ../components/menu.css
// @css run.css
// What can be done with a step of the run: go on to it, sell it in another way, move it, write to it.

import { useState } from "preact/hooks";
import { Dialog } from "../components/dialog.js";
import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { t } from "../components/words.js";

/**
 * @import { Props } from "./run_row.js"
 * @import { DeskId } from "./room.js"
 * @typedef {[string, string, string, () => void]} Entry id, icon, message, what it does
 */

/** Ways to sell or show a product, by the desk where its form opens. @type {[DeskId, string, string][]} */
const WAYS = [
  ["flash", "zap", "run-flash"],
  ["auctions", "gavel", "run-auction"],
  ["giveaways", "gift", "run-giveaway"],
  ["polls", "chart-bar", "run-poll"],
];

/** @param {Props & { title: string }} props */
export function RunMenu({ room, row, place, count, current, title, onMove, onEdit }) {
  const [open, setOpen] = useState(false);
  const { run } = room;
  const { item } = row;
  /** @type {Entry[]} */
  const entries = [
    ...(current ? [] : [/** @type {Entry} */ (["go", "play", "run-go", () => void run.goTo(row.id)])]),
    ...(item ? WAYS.map(([desk, icon, words]) => /** @type {Entry} */ ([desk, icon, words, () => room.begin(desk, item.offer.sku)])) : []),
    ["edit", "pencil", "run-edit", onEdit],
    ...(place > 0 ? [/** @type {Entry} */ (["up", "arrow-up", "run-up", () => onMove(place, place - 1)])] : []),
    ...(place < count - 1 ? [/** @type {Entry} */ (["down", "arrow-down", "run-down", () => onMove(place, place + 1)])] : []),
    ...(row.step.sku ? [] : [/** @type {Entry} */ (["remove", "trash-2", "run-remove", () => void run.put(run.rows.value.filter(({ id }) => id !== row.id))])]),
  ];
  const choose = (/** @type {() => void} */ act) => {
    setOpen(false);
    act();
  };
  return html`
    <button class="run-more" type="button" data-testid=${`run-menu-${row.id}`} aria-haspopup="dialog" aria-label=${t("run-menu", { title })} onClick=${() => setOpen(true)}>
      <${Icon} name="ellipsis" /></button>
    ${open && html`
      <${Dialog} title=${title} testid="run-menu" onClose=${() => setOpen(false)}>
        <ul class="menu">${entries.map(([id, icon, words, act]) => html`
          <li key=${id}><button class="menu-item" type="button" data-testid=${`run-${id}`} onClick=${() => choose(act)}><${Icon} name=${icon} />${t(words)}</button></li>`)}</ul>
      <//>`}
  `;
}
