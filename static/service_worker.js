// @ts-check
// The service worker: shows a push while no page is open, and leads to what it tells of. It keeps no files.

/**
 * What the server sends, see server/modules/notifications/jobs.py `PushText`.
 * @typedef {{ title: string, body: string, link: string, tag: string, locale: string, at_ms: number }} PushText
 */

// The types of workers and of pages exclude each other; this is the one file that needs the former.
const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(show(event.data)));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link ?? "/"));
});
worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => event.waitUntil(renew(event)));

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
