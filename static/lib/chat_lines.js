// @ts-check
// The lines of a chat that a reader has: the channel's last ones, older ones that were fetched, and what only the reader sees. Pure.

/**
 * @import { ChatMessage, MessageRemoval } from "../../schemas/generated/messages"
 * @typedef {{ messages: ChatMessage[], removed: ReadonlySet<string>, more: boolean }} Lines
 *   `messages` oldest first without removed ones; `more`: there may be older ones to fetch
 */

/** A reader who stays scrolled back for an evening; then the oldest go, and can be fetched again. */
const LINES_MAX = 1_000;

/** @type {Lines} */
export const NO_LINES = Object.freeze({ messages: [], removed: new Set(), more: true });

const oldestFirst = (/** @type {ChatMessage} */ a, /** @type {ChatMessage} */ b) =>
  a.posted_at_ms - b.posted_at_ms || (a.message_id < b.message_id ? -1 : 1);

/**
 * After news of the channel. While the reader reads the newest, only the channel's own lines are kept; a reader who has scrolled
 * back keeps what is on the screen. When nothing connects what was known with the news, a hole would be between them: afresh.
 * @param {Lines} lines @param {(ChatMessage | MessageRemoval)[]} entries of the channel's state @param {boolean} atEnd @returns {Lines}
 */
export function withNews(lines, entries, atEnd) {
  const removed = new Set(lines.removed);
  /** @type {ChatMessage[]} */
  const news = [];
  for (const entry of entries) {
    if (entry.type === "message") news.push(entry);
    else entry.message_ids.forEach((each) => removed.add(each));
  }
  news.forEach((each) => each.removed && removed.add(each.message_id));
  const connected = lines.messages.some(({ message_id }) => news.some((each) => each.message_id === message_id));
  const next = made([...(connected && !atEnd ? lines.messages : []), ...news], removed, lines.more);
  const dropped = lines.messages.some(({ message_id }) => !removed.has(message_id) && !next.messages.some((each) => each.message_id === message_id));
  return { ...next, more: next.more || dropped };
}

/** After a page of older messages has come. @param {Lines} lines @param {ChatMessage[]} messages @param {boolean} more @returns {Lines} */
export function withOlder(lines, messages, more) {
  const removed = new Set(lines.removed);
  messages.forEach((each) => each.removed && removed.add(each.message_id));
  return made([...messages, ...lines.messages], removed, more);
}

/**
 * What only the reader sees, in its place by time; the channel's own version of a message replaces the reader's.
 * @param {Lines} lines @param {ChatMessage[]} echoes @returns {ChatMessage[]}
 */
export function withEchoes(lines, echoes) {
  const own = echoes.filter(({ message_id }) => !lines.removed.has(message_id) && !lines.messages.some((each) => each.message_id === message_id));
  return own.length === 0 ? lines.messages : [...lines.messages, ...own].sort(oldestFirst);
}

/** @param {ChatMessage[]} messages @param {Set<string>} removed @param {boolean} more @returns {Lines} */
function made(messages, removed, more) {
  const byId = new Map(messages.map((each) => [each.message_id, each]));
  const kept = [...byId.values()].filter(({ message_id }) => !removed.has(message_id)).sort(oldestFirst);
  return { messages: kept.slice(-LINES_MAX), removed, more: more || kept.length > LINES_MAX };
}
