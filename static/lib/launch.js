// @ts-check
// Whether the page was opened as a Mini App of Telegram, and with what (https://core.telegram.org/bots/webapps). Of the window only what
// is handed in is touched.

/**
 * @typedef {Record<string, string>} ThemeParams names such as `bg_color`, values `#rrggbb`
 * @typedef {{ initData: string, version: string, platform: string, theme: ThemeParams, startParam: string }} Launch
 * @typedef {{ postEvent: (event: string, data: string) => void }} WebviewProxy
 * What of the window is needed; tests give their own.
 * @typedef {{ location?: Pick<Location, "pathname" | "hash" | "search">, history?: Pick<History, "replaceState" | "state">, parent?: unknown,
 *   TelegramWebviewProxy?: WebviewProxy, external?: unknown, sessionStorage?: Pick<Storage, "getItem" | "setItem"> }} Host
 */

const KEPT = "efir.launch";
/** The page of a show by its id; anything else in a start parameter is not for us. */
const SHOW_ID = /^shw_[0-9a-f]{32}$/;

/**
 * What the fragment of a Mini App's address says; null for any other. A parameter that comes twice is somebody's attempt to put in
 * one of their own before Telegram's.
 * @param {string} fragment with or without `#` @returns {Launch | null}
 */
export function parseLaunch(fragment) {
  const text = fragment.replace(/^#/, "");
  const parameters = new URLSearchParams(text.includes("?") ? text.slice(text.indexOf("?") + 1) : text);
  const names = [...parameters.keys()].filter((name) => name.startsWith("tgWebApp"));
  if (!parameters.get("tgWebAppVersion") || new Set(names).size !== names.length) return null;
  const initData = parameters.get("tgWebAppData") ?? "";
  return {
    initData,
    version: parameters.get("tgWebAppVersion") ?? "",
    platform: parameters.get("tgWebAppPlatform") ?? "",
    theme: themeOf(parameters.get("tgWebAppThemeParams") ?? ""),
    startParam: parameters.get("tgWebAppStartParam") ?? new URLSearchParams(initData).get("start_param") ?? "",
  };
}

/** Only colours as Telegram writes them: they go into style sheets. @param {unknown} given JSON, or what was read from it @returns {ThemeParams} */
export function themeOf(given) {
  const params = typeof given === "string" ? decode(given) : given;
  const colours = Object.entries(params && typeof params === "object" ? params : {});
  return Object.fromEntries(colours.filter(([, value]) => /^#[0-9a-f]{6}$/i.test(String(value))));
}

/**
 * The way to the Telegram client around this page; null in any other browser. What a link carries is worth nothing without it: else a link
 * with somebody's init data would sign its readers in as that person.
 * @param {Host} host @returns {"proxy" | "notify" | "frame" | null}
 */
export function wayOut(host) {
  if (typeof host.TelegramWebviewProxy?.postEvent === "function") return "proxy";
  if (typeof (/** @type {{ notify?: unknown } | undefined} */ (host.external)?.notify) === "function") return "notify";
  // The server lets nobody but web.telegram.org put our pages into a frame (Content-Security-Policy: frame-ancestors).
  return host.parent && host.parent !== host ? "frame" : null;
}

/**
 * How this page was opened. Telegram tells the first page of a visit only; those after it know it from the tab's storage. The fragment
 * is taken out of the address, because who shares that would give away who they are.
 * @param {Host} host @returns {Launch | null}
 */
export function takeLaunch(host) {
  // A frame of another site than Telegram's is one of static/embed/embed.js, and the server allows none without this.
  if (!host.location || !wayOut(host) || new URLSearchParams(host.location.search).has("embed")) return null;
  const fragment = host.location.hash;
  const told = parseLaunch(fragment);
  try {
    if (!told) return parseLaunch(host.sessionStorage?.getItem(KEPT) ?? "");
    host.sessionStorage?.setItem(KEPT, fragment);
    host.history?.replaceState(host.history.state, "", host.location.pathname + host.location.search);
  } catch {
    // A browser that keeps nothing within frames: the fragment stays, for the next load of this page.
  }
  return told;
}

/** The show that the address names, or the link into the Mini App; empty without one. @param {string} pathname @param {Launch | null} how */
export function showIdOf(pathname, how) {
  const named = pathname.split("/")[2] ?? "";
  return named || (SHOW_ID.test(how?.startParam ?? "") ? (how?.startParam ?? "") : "");
}

/** @param {string} text @returns {unknown} */
function decode(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** How this page was opened; null outside of Telegram. */
export const launch = takeLaunch(/** @type {Host} */ (globalThis));
