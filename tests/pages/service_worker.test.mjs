// The service worker, run as it is with a browser around it that remembers: what a push shows, and where a click leads.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const source = await readFile(new URL("../../static/service_worker.js", import.meta.url), "utf8");
const SHOP = "https://shop.example";
const TEXT = { title: "Hanna is live", body: "“Mugs” has started.", link: "/watch/shw_1", tag: "ntf_1", locale: "en", at_ms: 5 };

/** @param {string[]} tabs addresses that are open */
function rig(tabs = []) {
  const listeners = new Map();
  const done = { shown: [], focused: [], opened: [], posted: [], subscribed: [] };
  const subscription = { toJSON: () => ({ endpoint: "https://push.example/2", keys: { p256dh: "P", auth: "A" }, expirationTime: null }) };
  const self = {
    addEventListener: (name, listener) => listeners.set(name, listener),
    location: new URL(SHOP),
    navigator: { language: "ru-RU" },
    registration: {
      showNotification: async (title, options) => done.shown.push([title, options]),
      pushManager: { subscribe: async (options) => (done.subscribed.push(options), subscription) },
    },
    clients: {
      matchAll: async () => tabs.map((url) => ({ url, focus: async () => done.focused.push(url) })),
      openWindow: async (url) => done.opened.push(url),
    },
  };
  const fetch = async (path, { method, body }) => done.posted.push([method, path, JSON.parse(body)]);
  new Function("self", "fetch", source)(self, fetch);
  const happen = async (name, event) => {
    let work;
    listeners.get(name)({ ...event, waitUntil: (promise) => (work = promise) });
    await work;
  };
  return { happen, done };
}

const click = (link) => ({ notification: { data: { link }, close: () => undefined } });

test("a push shows the words that the server made, once per tag", async () => {
  const { happen, done } = rig();
  await happen("push", { data: { json: () => TEXT } });
  const [[title, options]] = done.shown;
  assert.equal(title, TEXT.title);
  assert.deepEqual([options.body, options.tag, options.lang, options.timestamp, options.data], [TEXT.body, "ntf_1", "en", 5, { link: TEXT.link }]);
});

test("a push that cannot be read shows something all the same", async () => {
  for (const data of [null, { json: () => JSON.parse("{") }]) {
    const { happen, done } = rig();
    await happen("push", { data });
    assert.deepEqual([done.shown[0][0], done.shown[0][1].data], ["shop.example", { link: "/" }]);
  }
});

test("a click goes to the tab that has the page already", async () => {
  const { happen, done } = rig([`${SHOP}/`, `${SHOP}/watch/shw_1?from=x`]);
  await happen("notificationclick", click("/watch/shw_1"));
  assert.deepEqual([done.focused, done.opened], [[`${SHOP}/watch/shw_1?from=x`], []]);
});

test("a click opens a tab where there is none, and takes none away from another page", async () => {
  const { happen, done } = rig([`${SHOP}/watch/shw_2`]);
  await happen("notificationclick", click("/watch/shw_1"));
  assert.deepEqual([done.focused, done.opened], [[], [`${SHOP}/watch/shw_1`]]);
});

test("a click leads nowhere but into this site", async () => {
  for (const link of ["https://elsewhere.example/", "//elsewhere.example/x", "javascript:alert(1)"]) {
    const { happen, done } = rig();
    await happen("notificationclick", click(link));
    assert.deepEqual([done.focused, done.opened], [[], []], link);
  }
});

test("when the browser changes its address the server is told the new one", async () => {
  const { happen, done } = rig();
  const options = { userVisibleOnly: true, applicationServerKey: "K" };
  await happen("pushsubscriptionchange", { oldSubscription: { options }, newSubscription: null });
  assert.deepEqual(done.subscribed, [options]);
  const body = { endpoint: "https://push.example/2", keys: { p256dh: "P", auth: "A" }, locale: "ru" };
  assert.deepEqual(done.posted, [["POST", "/api/notifications/push/subscribe", body]]);
});
