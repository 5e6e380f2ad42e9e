// @ts-check
// The service worker: shows a push while no page is open, and leads to what it tells of; and in the place of a page that cannot be
// fetched it shows the one that says so. That page and its files are all that it keeps, never an answer of the API. Pages always come from
// the network while there is one, so a new worker may take over at once without breaking a player that is open.

/**
 * What the server sends, see server/modules/notifications/jobs.py `PushText`.
 * @typedef {{ title: string, body: string, link: string, tag: string, locale: string, at_ms: number }} PushText
 */

// The types of workers and of pages exclude each other; this is the one file that needs the former.
const worker = /** @type {any} */ (self);

/** The page for when there is no network; its name tells which of its versions is kept. */
const OFFLINE = "/offline/";
const KEPT = "efir-offline-";
/** Where its files come from: one by one, and the style sheets and words of a page in one piece. */
const FILES = /^\/(?:static|combined)\//;
/** Whether this run of the worker has looked for a newer one. */
let looked = false;

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keepOffline().then(() => worker.skipWaiting())));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (FILES.test(url.pathname)) event.respondWith(fetch(request).catch(() => kept(request)));
});
worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(show(event.data)));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link ?? "/"));
});
worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => event.waitUntil(renew(event)));

/** @param {any} event */
async function page(event) {
  try {
    const response = await fetch(event.request);
    // Best effort: what is kept already still says what to do.
    if (!looked) event.waitUntil(keepOffline().catch(() => undefined));
    return response;
  } catch {
    return kept(OFFLINE);
  }
}

/** @param {any} request */
const kept = async (request) => (await caches.match(request)) ?? Response.error();

/** Keeps the page with every file that it names, as one version: all of it, or the one before. */
async function keepOffline() {
  looked = true;
  const response = await fetch(OFFLINE, { cache: "no-cache" });
  if (!response.ok) throw new Error(`the offline page: ${response.status}`);
  const name = KEPT + (response.headers.get("etag") ?? "").replaceAll('"', "");
  const others = (await caches.keys()).filter((/** @type {string} */ each) => each.startsWith(KEPT) && each !== name);
  if (!(await caches.has(name))) {
    const html = await response.clone().text();
    const files = new Set([...html.matchAll(/(?:href|src)="(\/(?:static|combined)\/[^"]+)"/g)].map(([, address]) => address));
    const cache = await caches.open(name);
    try {
      await cache.addAll([...files]);
      await cache.put(OFFLINE, response);
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
  }
  await Promise.all(others.map((/** @type {string} */ each) => caches.delete(each)));
}

/** A browser takes the permission away from who shows nothing, so something is shown in any case. @param {any} data */
async function show(data) {
  const text = read(data);
  await worker.registration.showNotification(text?.title ?? worker.location.host, {
    body: text?.body ?? "",
    tag: text?.tag ?? "",
    lang: text?.locale ?? "",
    timestamp: text?.at_ms,
    icon: "/static/brand/mark.svg",
    data: { link: text?.link ?? "/" },
  });
}

/** @param {any} data @returns {PushText | null} */
function read(data) {
  try {
    return data.json();
  } catch {
    return null;
  }
}

/** The tab that has this page already, else a new one. @param {string} link */
async function open(link) {
  const url = new URL(link, worker.location.origin);
  if (url.origin !== worker.location.origin) return;
  const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const tab = tabs.find((/** @type {{ url: string }} */ each) => new URL(each.url).pathname === url.pathname);
  await (tab ? tab.focus() : worker.clients.openWindow(url.href));
}

/** The browser has changed its address (Push API §11.4): the server needs the new one. @param {any} event */
async function renew(event) {
  const options = event.oldSubscription?.options;
  const subscription = event.newSubscription ?? (options && (await worker.registration.pushManager.subscribe(options)));
  if (!subscription) return;
  const { endpoint, keys } = subscription.toJSON();
  const locale = worker.navigator.language.startsWith("ru") ? "ru" : "en";
  await fetch("/api/notifications/push/subscribe", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint, keys, locale }),
  });
}
