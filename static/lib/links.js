// @ts-check
// Link headers (RFC 8288), as WHIP and WHEP use them: ICE servers (RFC 9725 §4.6) and the extensions of a session. Pure.

/**
 * @typedef {{ target: string, rel: string, parameters: Record<string, string> }} Link
 * @typedef {{ iceServers: RTCIceServer[], events: string | null, layer: string | null }} Offers what the server has for a session
 */

const EXTENSION = "urn:ietf:params:whep:ext:core:";
/** A header is written by a server; more than this is not one of ours. */
const LINKS_MAX = 32;

// One link is `<target>` and its parameters; a value is a token or a quoted text, in which commas mean nothing.
const LINK = /<([^>]*)>((?:\s*;\s*[\w!#$&+.^`|~-]+\*?\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))?)*)/g;
const PARAMETER = /;\s*([\w!#$&+.^`|~-]+\*?)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?/g;

/** All links of a header; fetch joins several headers with commas. @param {string | null} header @returns {Link[]} */
export function parseLinks(header) {
  return [...(header ?? "").matchAll(LINK)].slice(0, LINKS_MAX).map(([, target, rest]) => {
    /** @type {Record<string, string>} */
    const parameters = {};
    for (const [, name, quoted, token] of rest.matchAll(PARAMETER)) {
      // The first of two parameters of one name counts (RFC 8288 §3.3).
      parameters[name.toLowerCase()] ??= quoted === undefined ? (token ?? "") : quoted.replace(/\\(.)/g, "$1");
    }
    return { target, rel: parameters.rel ?? "", parameters };
  });
}

/** What the links of a 201 offer. Addresses are made absolute against the endpoint. @param {string | null} header @param {string} base @returns {Offers} */
export function offersOf(header, base) {
  const links = parseLinks(header);
  const named = (/** @type {string} */ name) => {
    const link = links.find(({ rel }) => rel === EXTENSION + name);
    return link ? new URL(link.target, base).href : null;
  };
  return { iceServers: links.filter(isIceServer).map(iceServer), events: named("server-sent-events"), layer: named("layer") };
}

/** A target with a scheme that a browser takes: with any other the whole list would be refused. @param {Link} link */
const isIceServer = ({ rel, target, parameters }) =>
  rel === "ice-server" && (/^stuns?:/.test(target) || (/^turns?:/.test(target) && "username" in parameters && "credential" in parameters));

/** @param {Link} link @returns {RTCIceServer} */
const iceServer = ({ target, parameters: { username, credential } }) =>
  target.startsWith("stun") ? { urls: target } : { urls: target, username, credential };
