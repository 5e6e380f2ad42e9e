// @ts-check
// The Telegram client around the page: methods go to it, events come from it (https://core.telegram.org/api/web-events). Telegram's
// own script is not used: our policy lets no other site's code in.

import { launch, themeOf, wayOut } from "./launch.js";

/**
 * @import { Launch, ThemeParams } from "./launch.js"
 * @typedef {{ top: number, bottom: number, left: number, right: number }} Insets in CSS pixels
 * @typedef {{ device: Insets, content: Insets }} SafeArea `device`: notches and bars of the system; `content`: Telegram's own buttons within
 */

export const WEB = "https://web.telegram.org";
const NONE = { top: 0, bottom: 0, left: 0, right: 0 };

export class Telegram {
  /** @type {Map<string, Set<(data: any) => void>>} */ #listeners = new Map();
  #host;
  #way;

  /** @param {Launch} how @param {any} host the window */
  constructor(how, host) {
    this.launch = how;
    this.#host = host;
    this.#way = wayOut(host);
    this.#listen();
  }

  /** Whether the page lies in a frame, where only partitioned cookies are kept. */
  get framed() {
    return this.#way === "frame";
  }

  /** Whether the client is new enough for a method. @param {string} version such as `8.0` */
  knows(version) {
    const [have, need] = [this.launch.version, version].map((text) => text.split(".").map(Number));
    return have[0] > need[0] || (have[0] === need[0] && (have[1] ?? 0) >= (need[1] ?? 0));
  }

  /** Calls a method; an older client does not know it and does nothing. @param {string} eventType @param {Record<string, unknown>} [eventData] */
  post(eventType, eventData = {}) {
    const both = JSON.stringify({ eventType, eventData });
    if (this.#way === "proxy") this.#host.TelegramWebviewProxy?.postEvent(eventType, JSON.stringify(eventData));
    else if (this.#way === "notify") this.#host.external.notify(both);
    // Named, so that no other page that frames this one could listen.
    else if (this.#way === "frame") this.#host.parent.postMessage(both, WEB);
  }

  /** @param {string} eventType @param {(data: any) => void} listener @returns {() => void} stop */
  on(eventType, listener) {
    const listeners = this.#listeners.get(eventType) ?? new Set();
    this.#listeners.set(eventType, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Drawn; the client takes its placeholder away, and gives all the height that it has. */
  ready() {
    if (this.#way === "frame") this.post("iframe_ready", { reload_supported: true });
    this.post("web_app_ready");
    this.post("web_app_expand");
  }

  /** @param {(theme: ThemeParams) => void} listener called at once and whenever the person changes the theme */
  onTheme(listener) {
    listener(this.launch.theme);
    return this.on("theme_changed", (data) => listener(themeOf(data?.theme_params)));
  }

  /** @param {(area: SafeArea) => void} listener */
  onSafeArea(listener) {
    let area = { device: NONE, content: NONE };
    this.on("safe_area_changed", (data) => listener((area = { ...area, device: insetsOf(data) })));
    this.on("content_safe_area_changed", (data) => listener((area = { ...area, content: insetsOf(data) })));
    this.post("web_app_request_safe_area");
    this.post("web_app_request_content_safe_area");
  }

  /** Leads to an address outside of the page. @param {string} url */
  open(url) {
    const { host, pathname, search, protocol } = new URL(url);
    if (host === "t.me") this.post("web_app_open_tg_link", { path_full: pathname + search });
    else if (protocol === "https:" || protocol === "http:") this.post("web_app_open_link", { url });
  }

  #listen() {
    const receive = (/** @type {string} */ eventType, /** @type {unknown} */ data) => this.#receive(eventType, data);
    const host = this.#host;
    if (this.#way === "frame") {
      host.addEventListener("message", (/** @type {MessageEvent} */ event) => {
        if (event.source !== host.parent || event.origin !== WEB) return;
        const { eventType, eventData } = messageOf(event.data);
        if (typeof eventType === "string") receive(eventType, eventData);
      });
      return;
    }
    // Android and iOS, desktop, Windows Phone: each calls another of these.
    host.Telegram = { ...host.Telegram, WebView: { ...host.Telegram?.WebView, receiveEvent: receive } };
    host.TelegramGameProxy = { ...host.TelegramGameProxy, receiveEvent: receive };
    host.TelegramGameProxy_receiveEvent = receive;
  }

  /** @param {string} eventType @param {unknown} data */
  #receive(eventType, data) {
    for (const listener of this.#listeners.get(eventType) ?? []) listener(data);
  }
}

/** @param {unknown} data @returns {Insets} */
function insetsOf(data) {
  const given = /** @type {Record<string, unknown>} */ (data ?? {});
  const size = (/** @type {string} */ side) => (Number.isFinite(given[side]) ? Math.max(0, Number(given[side])) : 0);
  return { top: size("top"), bottom: size("bottom"), left: size("left"), right: size("right") };
}

/** @param {unknown} text @returns {{ eventType?: unknown, eventData?: unknown }} */
function messageOf(text) {
  try {
    return JSON.parse(String(text)) ?? {};
  } catch {
    return {};
  }
}

/** The client around this page; null outside of Telegram. */
export const telegram = launch && new Telegram(launch, /** @type {any} */ (globalThis));
