// @ts-check
// Whether the page lies in a frame on another site (static/embed/embed.js), and what the two tell each other. Of the window only what is
// handed in is touched.

/**
 * @typedef {{ mode: string, parent: string, locale: string, theme: string }} Asked what the frame's address says; `parent` is the origin around
 * @typedef {{ location?: Pick<Location, "search"> & { ancestorOrigins?: ArrayLike<string> }, parent?: any, addEventListener?: Function }} Host
 */

const VERSION = 1;
const VIEWS = ["off", "preview", "player"];
const THEMES = ["light", "dark"];
/** Pages that other sites may show as well (`embedded` in page.json): the others open in a window of their own. */
const WITHIN = /^\/(watch|order)\//;

/** Null where the page is no frame of that script. @param {Host} host @returns {Asked | null} */
export function readAsked(host) {
  if (!host.location || !host.parent || host.parent === host) return null;
  const given = new URLSearchParams(host.location.search);
  if (!given.has("embed")) return null;
  const parent = originOf(given.get("parent") ?? "");
  // Browsers that know the origin around do not have to believe the address. Those that do not deliver to the right one only.
  const real = host.location.ancestorOrigins?.[0];
  const theme = given.get("theme") ?? "";
  return {
    mode: given.get("embed") ?? "",
    parent: real && real !== parent ? "" : parent,
    locale: given.get("locale") ?? "",
    theme: THEMES.includes(theme) ? theme : "",
  };
}

export class Embedded {
  #host;

  /** @param {Asked} asked @param {Host} host */
  constructor(asked, host) {
    this.asked = asked;
    this.#host = host;
  }

  get bubble() {
    return this.asked.mode === "bubble";
  }

  /** @param {"ready" | "state" | "size" | "close" | "order"} type @param {Record<string, unknown>} [detail] */
  tell(type, detail = {}) {
    if (this.asked.parent) this.#host.parent.postMessage({ ...detail, efir: VERSION, type }, this.asked.parent);
  }

  /** @param {(view: "off" | "preview" | "player") => void} listener how the site shows the bubble now */
  onView(listener) {
    this.#host.addEventListener?.("message", (/** @type {MessageEvent} */ { source, origin, data }) => {
      if (source !== this.#host.parent || !this.asked.parent || origin !== this.asked.parent) return;
      if (data?.efir === VERSION && data.type === "view" && VIEWS.includes(data.view)) listener(data.view);
    });
  }

  /**
   * The address of a page that stays in the frame; null for one that needs a window of its own.
   * @param {string} address @param {string} base of the page
   */
  within(address, base) {
    const url = new URL(address, base);
    if (url.origin !== new URL(base).origin || !WITHIN.test(url.pathname)) return null;
    for (const name of /** @type {const} */ (["parent", "locale", "theme"])) if (this.asked[name]) url.searchParams.set(name, this.asked[name]);
    url.searchParams.set("embed", this.asked.mode);
    return url.href;
  }
}

/** @param {string} text @returns {string} empty when it is no origin that a message can be sent to */
function originOf(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && /^https?:$/.test(url.protocol) && url.origin === text ? text : "";
}

const host = /** @type {Host} */ (globalThis);
const asked = readAsked(host);

/** The site around this page; null when there is none. */
export const embedded = asked && new Embedded(asked, host);

/** Frames on other sites keep only partitioned cookies: the server has to know. */
export const framed = embedded ? { framed: true } : {};

/** Where a provider's page leads back to. Who paid in a window of its own has nothing to see there: the show goes on in the frame. @param {string} path */
export const wayBack = (path) => (embedded ? "/paid/" : path);

/** What stands in another site's page. @param {string} origin of the shop @param {string} showId @param {{ bubble: boolean, liveOnly: boolean }} how */
export function snippetOf(origin, showId, { bubble, liveOnly }) {
  return `<script async src="${origin}/embed.js" data-show="${showId}"${bubble ? ' data-mode="bubble"' : ""}${liveOnly ? ' data-when="live"' : ""}></script>`;
}
