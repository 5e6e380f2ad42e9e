// @ts-check
// @css desks.css
// The desks of the control room: which there are, and the two ways to them: a rail on a desktop, a bar with groups on a phone.

import { html } from "../components/html.js";
import { Icon } from "../components/icon.js";
import { Tabs } from "../components/tabs.js";
import { t } from "../components/words.js";

/**
 * @import { DeskId, Room } from "./room.js"
 * @typedef {{ id: DeskId, icon: string, label: string, group: string }} Desk
 */

/** @type {Desk[]} */
export const DESKS = [
  { id: "run", icon: "list-ordered", label: "desk-run", group: "run" },
  { id: "chat", icon: "message-circle", label: "desk-chat", group: "chat" },
  { id: "flash", icon: "zap", label: "desk-flash", group: "sell" },
  { id: "auctions", icon: "gavel", label: "desk-auctions", group: "sell" },
  { id: "giveaways", icon: "gift", label: "desk-giveaways", group: "sell" },
  { id: "polls", icon: "chart-bar", label: "desk-polls", group: "sell" },
  { id: "coupons", icon: "ticket-percent", label: "desk-coupons", group: "sell" },
  { id: "guests", icon: "users", label: "desk-guests", group: "guests" },
  { id: "orders", icon: "shopping-bag", label: "desk-orders", group: "more" },
  { id: "stock", icon: "package", label: "desk-stock", group: "more" },
  { id: "moderation", icon: "shield-check", label: "desk-moderation", group: "more" },
  { id: "links", icon: "share-2", label: "desk-links", group: "more" },
];

/** What the phone's bar shows. @type {{ id: string, icon: string, label: string }[]} */
const GROUPS = [
  { id: "run", icon: "list-ordered", label: "desk-run" },
  { id: "chat", icon: "message-circle", label: "desk-chat" },
  { id: "sell", icon: "zap", label: "desk-sell" },
  { id: "guests", icon: "users", label: "desk-guests" },
  { id: "more", icon: "menu", label: "desk-more" },
];

const groupOf = (/** @type {DeskId} */ id) => DESKS.find((desk) => desk.id === id)?.group ?? "run";

/** What asks for the host, by desk. @param {Room} room @returns {Partial<Record<DeskId, number>>} */
const waitingAt = (room) => ({
  chat: room.questions.waiting.value + room.moderation.held.value.length,
  guests: room.guests.waiting.value.length,
});

/** A desktop has the chat beside it all the time. @param {{ room: Room }} props */
export function DeskRail({ room }) {
  const desks = DESKS.filter(({ id }) => id !== "chat");
  const chosen = room.desk.value === "chat" ? "run" : room.desk.value;
  const waiting = waitingAt(room);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    const at = (desks.findIndex(({ id }) => id === chosen) + step + desks.length) % desks.length;
    room.desk.value = desks[at].id;
    /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (event.currentTarget).children[at]).focus();
  };
  return html`
    <div class="desk-rail" role="tablist" aria-orientation="vertical" aria-label=${t("desks-title")} onKeyDown=${onKeyDown}>
      ${desks.map(({ id, icon, label }) => html`
        <button class="desk-tab" key=${id} type="button" role="tab" id=${`desk-tab-${id}`} data-testid=${`tab-${id}`} aria-controls=${`desk-${id}`} aria-selected=${String(id === chosen)}
          tabindex=${id === chosen ? 0 : -1} onClick=${() => (room.desk.value = id)}><${Icon} name=${icon} /><span>${t(label)}</span><${Dot} count=${waiting[id] ?? 0} /></button>`)}
    </div>
  `;
}

/** @param {{ room: Room }} props */
export function DeskBar({ room }) {
  const here = groupOf(room.desk.value);
  const waiting = waitingAt(room);
  const first = (/** @type {string} */ group) => /** @type {Desk} */ (DESKS.find((desk) => desk.group === group)).id;
  return html`
    <nav class="desk-bar" aria-label=${t("desks-title")}>
      ${GROUPS.map(({ id, icon, label }) => html`
        <button class="desk-bar-item" key=${id} type="button" data-testid=${`nav-${id}`} aria-current=${id === here ? "page" : undefined}
          onClick=${() => id !== here && (room.desk.value = first(id))}><${Icon} name=${icon} /><span>${t(label)}</span><${Dot} count=${waiting[/** @type {DeskId} */ (id)] ?? 0} /></button>`)}
    </nav>
  `;
}

/** The desks of a group of several, on a phone. @param {{ room: Room }} props */
export function DeskStrip({ room }) {
  const desks = DESKS.filter(({ group }) => group === groupOf(room.desk.value));
  if (desks.length < 2) return null;
  const choose = (/** @type {string} */ id) => (room.desk.value = /** @type {DeskId} */ (id));
  return html`<div class="desk-strip"><${Tabs} label=${t("desks-title")} tabs=${desks.map(({ id, label }) => ({ id, label: t(label) }))} chosen=${room.desk.value} onChoose=${choose} /></div>`;
}

/** @param {{ count: number }} props */
const Dot = ({ count }) => (count > 0 ? html`<span class="desk-count numbers">${count}</span>` : null);
