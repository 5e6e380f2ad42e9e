// @ts-check
// The texts of an ICE restart by PATCH (RFC 9725 §4.3.2, fragments of RFC 8840). Pure.

const CREDENTIAL = /^a=ice-(ufrag|pwd):.*$/gm;

/** The fragment to send: the credentials of a fresh offer. @param {string} offer @returns {string} */
export function restartFragment(offer) {
  return ["ufrag", "pwd"].map((name) => `a=ice-${name}:${credential(offer, name)}\r\n`).join("");
}

/**
 * The answer of before, as if it had been given to the fresh offer: with the credentials of the fragment that came back, and with its
 * candidates when it has some. @param {string} answer @param {string} fragment @returns {string}
 */
export function restartedAnswer(answer, fragment) {
  const fresh = { ufrag: credential(fragment, "ufrag"), pwd: credential(fragment, "pwd") };
  const named = answer.replace(CREDENTIAL, (_, name) => `a=ice-${name}:${fresh[/** @type {"ufrag" | "pwd"} */ (name)]}`);
  const candidates = [...new Set(fragment.match(/^a=candidate:[^\r\n]*/gm) ?? [])];
  if (candidates.length === 0) return named;
  // They belong to the transport, which with BUNDLE is that of the first m-section that has any.
  const without = named.replace(/^a=(?:candidate:.*|end-of-candidates)\r?\n/gm, "");
  const place = without.indexOf("a=ice-pwd:");
  const end = without.indexOf("\n", place) + 1;
  if (!without.slice(0, place).includes("m=")) return named;
  return `${without.slice(0, end)}${candidates.map((line) => `${line}\r\n`).join("")}a=end-of-candidates\r\n${without.slice(end)}`;
}

/** @param {string} text @param {string} name @returns {string} throws when the text has none */
function credential(text, name) {
  const found = new RegExp(`^a=ice-${name}:([^\\r\\n]+)`, "m").exec(text);
  if (!found) throw new Error(`no ice-${name}`);
  return found[1].trim();
}
