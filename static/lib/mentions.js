// @ts-check
// Speaking to somebody: who has said something lately, what `@na` before the caret may become, and where names stand in a text. Pure.

/**
 * @import { ChatMessage, Mention } from "../../schemas/generated/messages"
 * @typedef {{ start: number, end: number, typed: string }} Asked `@` and what follows it up to the caret, as a range of the text
 * @typedef {{ text: string, mention: Mention | null }} Part
 */

/** As schemas/http/chat.py MENTIONS_MAX. */
const MENTIONS_MAX = 5;
/** More would hide the chat that they come from. */
const SUGGESTIONS_MAX = 5;
/** As the longest name, schemas/http/auth.py PersonName. */
const NAME_LENGTH_MAX = 40;

/** People who have written, the latest first; `without` is the reader. @param {ChatMessage[]} messages oldest first @param {string} without @returns {Mention[]} */
export function recentAuthors(messages, without) {
  /** @type {Map<string, Mention>} */
  const found = new Map();
  for (const { author_id, author_name } of messages.toReversed()) {
    if (author_id !== without && !found.has(author_id)) found.set(author_id, { actor_id: author_id, name: author_name });
  }
  return [...found.values()];
}

/** What is being asked for with an `@` that begins a word before the caret; null when there is none. @param {string} text @param {number} caret @returns {Asked | null} */
export function askedAt(text, caret) {
  const start = text.slice(0, caret).lastIndexOf("@");
  if (start < 0 || caret - start > NAME_LENGTH_MAX + 1) return null;
  if (start > 0 && !/\s/.test(text[start - 1])) return null;
  return { start, end: caret, typed: text.slice(start + 1, caret) };
}

/** People whose name, or a later word of it, begins with what was typed. @param {Mention[]} people @param {string} typed */
export function suggest(people, typed) {
  const wanted = typed.toLocaleLowerCase();
  const fits = (/** @type {Mention} */ { name }) => {
    const known = name.toLocaleLowerCase();
    return known.startsWith(wanted) || (wanted !== "" && known.includes(` ${wanted}`));
  };
  return people.filter(fits).slice(0, SUGGESTIONS_MAX);
}

/** The text with the name in the place of what was typed, and where the caret goes. @param {string} text @param {Asked} asked @param {string} name */
export function complete(text, asked, name) {
  const before = `${text.slice(0, asked.start)}@${name} `;
  return { text: before + text.slice(asked.end).trimStart(), caret: before.length };
}

/** Those of the people whose `@name` is still in the text. @param {string} text @param {Mention[]} people @returns {Mention[]} */
export function mentionsIn(text, people) {
  const found = partsOf(text, people).flatMap(({ mention }) => mention ?? []);
  return [...new Set(found)].slice(0, MENTIONS_MAX);
}

/** The text cut at every `@name`; of two names that fit in one place the longer. @param {string} text @param {Mention[]} mentions @returns {Part[]} */
export function partsOf(text, mentions) {
  const longestFirst = mentions.toSorted((a, b) => b.name.length - a.name.length);
  /** @type {Part[]} */
  const parts = [];
  let begin = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (at < begin) continue;
    const mention = longestFirst.find(({ name }) => text.startsWith(name, at + 1) && !/^[\p{L}\p{N}]/u.test(text.slice(at + 1 + name.length)));
    if (!mention) continue;
    if (at > begin) parts.push({ text: text.slice(begin, at), mention: null });
    begin = at + 1 + mention.name.length;
    parts.push({ text: text.slice(at, begin), mention });
  }
  if (begin < text.length) parts.push({ text: text.slice(begin), mention: null });
  return parts;
}
