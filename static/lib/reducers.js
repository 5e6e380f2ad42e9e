// @ts-check
// What a channel's state becomes when a publication arrives: one pure function per channel kind, the same as the kind's `apply`
// on the server. The vectors in tests/vectors/ hold both to it.

/**
 * @import { ChatMessage, ChatState, MessageRemoval, QuestionsState, QuestionView, SaleView, SalesState, StockChanged, StockState }
 *   from "../../schemas/generated/messages"
 * @import { AuctionState, LotFinished, LotMoved, LotNow } from "../../schemas/generated/messages"
 * @import { FlashSaleOver, FlashSalesState, FlashSaleUnits, FlashSaleView } from "../../schemas/generated/messages"
 * @import { GiveawayCount, GiveawayLive, GiveawayResult, GiveawaysState } from "../../schemas/generated/messages"
 * @import { InboxRead, InboxState, NotificationView } from "../../schemas/generated/messages"
 * @typedef {InboxRead | NotificationView} InboxPublication
 */

/**
 * `event` kinds have a publication at every offset; of a `state` kind only the newest matters, so offsets may be skipped.
 * @typedef {{ delivery: "event" | "state", apply: (state: any, publication: any) => any }} Kind
 */

/** @typedef {ChatMessage | MessageRemoval} ChatEntry */

/** Longest chat that is kept, as schemas/http/chat.py HISTORY_MAX. */
const ENTRIES_MAX = 100;

/** As schemas/http/notifications.py INBOX_MAX. */
const NOTIFICATIONS_MAX = 50;

/** Most questions on the screen, as schemas/http/questions.py QUESTIONS_MAX. */
const QUESTIONS_MAX = 100;

/** Most sales in the studio's list, as the server's snapshot. */
const SALES_MAX = 100;

/** When an entry came and what it is, which is its place. @param {ChatEntry} entry @returns {[number, string]} */
const placeOf = (entry) =>
  entry.type === "message" ? [entry.posted_at_ms, entry.message_id] : [entry.at_ms, entry.message_ids.join(",")];

/**
 * An entry as it is shown once the messages `hidden` are removed.
 * @param {ChatEntry} entry @param {Set<string>} hidden @returns {ChatEntry}
 */
function without(entry, hidden) {
  if (entry.type !== "message") return entry;
  if (hidden.has(entry.message_id)) return { ...entry, text: "", reply: null, mentions: [], removed: true };
  if (entry.reply && hidden.has(entry.reply.message_id)) return { ...entry, reply: { ...entry.reply, text: "" } };
  return entry;
}

/** Whether the one place is before the other. @param {ChatEntry} one @param {ChatEntry} other */
function isBefore(one, other) {
  const [[oneMs, oneId], [otherMs, otherId]] = [placeOf(one), placeOf(other)];
  return oneMs < otherMs || (oneMs === otherMs && oneId < otherId);
}

/**
 * Oldest first; what is there already changes nothing, wherever it was heard of first. A removal empties the messages before it
 * that it names, and takes a place itself.
 * @param {ChatState} state @param {ChatEntry} next @returns {ChatState}
 */
function chat(state, next) {
  const [atMs, id] = placeOf(next);
  const known = (/** @type {ChatEntry} */ each) => {
    const [itsAtMs, itsId] = placeOf(each);
    return itsId === id && (itsAtMs === atMs || (each.type === "message" && next.type === "message"));
  };
  if (state.entries.some(known)) return state;
  const removals = next.type === "removal" ? [next] : state.entries.flatMap((each) => (each.type === "removal" ? [each] : []));
  const shown = (/** @type {ChatEntry} */ entry) =>
    without(entry, new Set(removals.filter((each) => isBefore(entry, each)).flatMap((each) => each.message_ids)));
  const entries = next.type === "removal" ? [...state.entries.map(shown), next] : [...state.entries, shown(next)];
  return { entries: entries.sort((a, b) => (isBefore(a, b) ? -1 : 1)).slice(-ENTRIES_MAX) };
}

/** In order of SKU. @param {StockState} state @param {StockChanged} changed @returns {StockState} */
function stock(state, changed) {
  const pools = new Map(state.pools.map((pool) => [pool.sku, pool]));
  for (const pool of changed.pools) pools.set(pool.sku, pool);
  return { pools: [...pools.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1)) };
}

/**
 * The newest change first; news that is older than what the list has of the same order changes nothing.
 * @param {SalesState} state @param {SaleView} sale @returns {SalesState}
 */
function sales(state, sale) {
  const known = state.sales.find((each) => each.order_id === sale.order_id);
  if (known && known.version >= sale.version) return state;
  const rest = state.sales.filter((each) => each !== known);
  const newestFirst = (/** @type {SaleView} */ a, /** @type {SaleView} */ b) => b.at_ms - a.at_ms || (a.order_id < b.order_id ? 1 : -1);
  return { sales: [...rest, sale].sort(newestFirst).slice(0, SALES_MAX) };
}

/**
 * The newest notifications, oldest first; a mark that is older than all of them says nothing more.
 * @param {NotificationView[]} notifications @param {number} readUpToMs @returns {InboxState}
 */
function inboxOf(notifications, readUpToMs) {
  const oldestFirst = (/** @type {NotificationView} */ a, /** @type {NotificationView} */ b) =>
    a.created_at_ms - b.created_at_ms || (a.notification_id < b.notification_id ? -1 : 1);
  const kept = notifications.toSorted(oldestFirst).slice(-NOTIFICATIONS_MAX);
  return { notifications: kept, read_up_to_ms: kept.some((each) => each.created_at_ms <= readUpToMs) ? readUpToMs : 0 };
}

/** @param {InboxState} state @param {InboxPublication} publication @returns {InboxState} */
function inbox(state, publication) {
  if (publication.type === "read") return inboxOf(state.notifications, Math.max(state.read_up_to_ms, publication.read_up_to_ms));
  if (state.notifications.some((each) => each.notification_id === publication.notification_id)) return state;
  return inboxOf([...state.notifications, publication], state.read_up_to_ms);
}

/**
 * Oldest change first; news that is older than what the list has of the same question changes nothing.
 * @param {QuestionsState} state @param {QuestionView} question @returns {QuestionsState}
 */
function questions(state, question) {
  const known = state.questions.find((each) => each.question_id === question.question_id);
  if (known && known.version >= question.version) return state;
  const rest = state.questions.filter((each) => each !== known);
  const oldestFirst = (/** @type {QuestionView} */ a, /** @type {QuestionView} */ b) =>
    a.changed_at_ms - b.changed_at_ms || (a.question_id < b.question_id ? -1 : 1);
  return { questions: [...rest, question].sort(oldestFirst).slice(-QUESTIONS_MAX) };
}

/** @template T @param {T[]} list @param {(each: T) => string} idOf */
const byId = (list, idOf) => list.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));

/**
 * Sales that are not over, in order of their ids; units of another one change nothing.
 * @param {FlashSalesState} state @param {FlashSaleView | FlashSaleUnits | FlashSaleOver} next @returns {FlashSalesState}
 */
function flashSales(state, next) {
  if (next.type === "units") {
    const latest = new Map(next.changes.map(({ sale_id, sku, ...units }) => [`${sale_id} ${sku}`, units]));
    const changed = (/** @type {FlashSaleView} */ sale) => sale.items.map((item) => ({ ...item, ...latest.get(`${sale.sale_id} ${item.sku}`) }));
    return { sales: state.sales.map((sale) => ({ ...sale, items: changed(sale) })) };
  }
  const rest = state.sales.filter((sale) => sale.sale_id !== next.sale_id);
  return { sales: next.type === "over" ? rest : byId([...rest, next], (sale) => sale.sale_id) };
}

/**
 * Giveaways that are not drawn, in order of their ids; a count of another one changes nothing.
 * @param {GiveawaysState} state @param {GiveawayLive | GiveawayCount | GiveawayResult} next @returns {GiveawaysState}
 */
function giveaways(state, next) {
  if (next.type === "count") {
    const counted = { entries: next.entries, ended: next.ended };
    return { giveaways: state.giveaways.map((each) => (each.giveaway_id === next.giveaway_id ? { ...each, ...counted } : each)) };
  }
  const rest = state.giveaways.filter((each) => each.giveaway_id !== next.giveaway_id);
  return { giveaways: next.type === "drawn" ? rest : byId([...rest, next], (each) => each.giveaway_id) };
}

/**
 * The newer of two versions of a whole state.
 * @template {{ version: number }} S @param {S | null} state @param {S} next @returns {S}
 */
const newest = (state, next) => (state && state.version >= next.version ? state : next);

/**
 * A whole state that has no version: what came last.
 * @template S @param {unknown} _state @param {S} next @returns {S}
 */
const last = (_state, next) => next;

/** Most lots in the channel of auctions, as schemas/http/auctions.py LIVE_LOTS_MAX. */
const LIVE_LOTS_MAX = 3;

/**
 * The lots that started last, in the order of their starts. A change of a lot that is not among them is nothing to it.
 * @param {AuctionState} state @param {LotNow | LotMoved | LotFinished} next @returns {AuctionState}
 */
function auctions(state, next) {
  if (next.type !== "lot") {
    const { type: _type, extended: _extended, ...change } = /** @type {LotMoved} */ (next);
    return { lots: state.lots.map((lot) => (lot.lot_id === next.lot_id ? { ...lot, ...change } : lot)) };
  }
  const byStart = (/** @type {LotNow} */ a, /** @type {LotNow} */ b) => a.starts_at_ms - b.starts_at_ms || (a.lot_id < b.lot_id ? -1 : 1);
  const rest = state.lots.filter((lot) => lot.lot_id !== next.lot_id);
  return { lots: [...rest, next].sort(byStart).slice(-LIVE_LOTS_MAX) };
}

/** @type {Record<string, Kind>} */
export const KINDS = Object.freeze({
  show: { delivery: "state", apply: newest },
  order: { delivery: "state", apply: newest },
  stage: { delivery: "state", apply: newest },
  backstage: { delivery: "state", apply: newest },
  guest: { delivery: "state", apply: newest },
  chat: { delivery: "event", apply: chat },
  chat_room: { delivery: "state", apply: newest },
  moderation: { delivery: "state", apply: newest },
  stock: { delivery: "event", apply: stock },
  sales: { delivery: "event", apply: sales },
  inbox: { delivery: "event", apply: inbox },
  questions: { delivery: "event", apply: questions },
  question_votes: { delivery: "state", apply: newest },
  polls: { delivery: "state", apply: newest },
  poll_desk: { delivery: "state", apply: newest },
  reactions: { delivery: "state", apply: last },
  presence: { delivery: "state", apply: last },
  auctions: { delivery: "event", apply: auctions },
  lots: { delivery: "state", apply: newest },
  run_of_show: { delivery: "state", apply: newest },
  flash_sales: { delivery: "event", apply: flashSales },
  giveaways: { delivery: "event", apply: giveaways },
});

/** The kind of a channel `kind:subject`. @param {string} channel @returns {Kind} */
export const kindOf = (channel) => KINDS[channel.split(":", 1)[0]];

/**
 * Where a reader stands in a channel, and what it knows.
 * @typedef {{ epoch: string, offset: number, state: any }} View
 */

/** A snapshot replaces all that was known. @param {{ epoch: string, offset: number, snapshot: unknown }} frame @returns {View} */
export const fromSnapshot = ({ epoch, offset, snapshot }) => ({ epoch, offset, state: snapshot });

/**
 * Takes one publication in. `lost` means that something before it is missing: ask for the rest from `view` on.
 * A push names what it comes behind when the offsets between are nothing to its channel.
 * @param {Kind} kind @param {View} view @param {{ epoch: string, offset: number, after?: number | null, data: unknown }} push
 * @returns {View | "lost"}
 */
export function takePush(kind, view, push) {
  if (push.epoch !== view.epoch) return "lost";
  if (push.offset <= view.offset) return view;
  if (kind.delivery === "event" && view.offset < (push.after ?? push.offset - 1)) return "lost";
  return { epoch: view.epoch, offset: push.offset, state: kind.apply(view.state, push.data) };
}
