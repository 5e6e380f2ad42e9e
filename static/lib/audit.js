// @ts-check
// What a line of the audit log is about, taken apart so that a page can say it in its own words. Pure.

/**
 * @import { AuditEntry, HeldView, ModerationSettings } from "../../schemas/generated/messages"
 * @typedef {{ name: string, text: string, spanMs: number | null, held: HeldView["reason"] | null, settings: ModerationSettings | null }} About
 *   `name`: the person; `text`: what was written, or why
 */

const SEPARATOR = " · ";
/** @type {readonly HeldView["reason"][]} */
const HELD = ["approve_first", "banned_word", "link", "repeat", "flood"];
const PEOPLE = new Set(["mute", "block", "shadow", "appoint", "dismiss"]);

/** @param {AuditEntry} entry @param {AuditEntry[]} entries other lines, which may know a person's name @returns {About} */
export function aboutOf(entry, entries) {
  const about = { name: "", text: "", spanMs: null, held: null, settings: null };
  const parts = entry.detail.split(SEPARATOR);
  if (entry.action === "settings") return { ...about, settings: settingsOf(entry.detail) };
  if (PEOPLE.has(entry.action)) {
    const [name, ...rest] = parts;
    const span = /^(\d{1,12}) ms$/.exec(rest[0] ?? "");
    return { ...about, name, spanMs: span && Number(span[1]), text: rest.slice(span ? 1 : 0).join(SEPARATOR) };
  }
  const held = HELD.find((each) => each === parts[0]);
  if (held) return { ...about, held, text: parts.slice(1).join(SEPARATOR) };
  return { ...about, name: nameOf(entry.target, entries), text: entry.detail };
}

/** @param {string} target @param {AuditEntry[]} entries */
function nameOf(target, entries) {
  const known = entries.find((each) => each.target === target && PEOPLE.has(each.action));
  return known ? known.detail.split(SEPARATOR)[0] : "";
}

/** @param {string} detail @returns {ModerationSettings | null} */
function settingsOf(detail) {
  try {
    return JSON.parse(detail);
  } catch {
    // Cut off, or from before a rule was there.
    return null;
  }
}
