// The service worker without a network: one page of ours, whole and in its newest version, and never an answer of the API.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const source = await readFile(new URL("../../static/service_worker.js", import.meta.url), "utf8");
const SHOP = "https://shop.example";
const PAGE = '<link rel="stylesheet" href="/static/base.css?v=1" /><script type="module" src="/static/offline/page.js?v=1"></script><a href="/">';

/** A browser around the worker: a network that can fail, and caches that remember. */
function rig() {
  const listeners = new Map();
  const stores = new Map();
  const world = { etag: '"one"', down: false, fetched: [], stores };
  const answer = async (request) => {
    const path = String(request.url ?? request).replace(SHOP, "");
    world.fetched.push(path);
    if (world.down) throw new TypeError("Failed to fetch");
    if (world.broken?.(path)) return new Response("", { status: 500 });
    return new Response(path === "/offline/" ? PAGE : `of ${path}`, { headers: { etag: world.etag } });
  };
  const open = async (name) => {
    const store = stores.get(name) ?? new Map();
    stores.set(name, store);
    return {
      put: async (path, response) => void store.set(path, await response.text()),
      addAll: async (paths) => {
        for (const path of paths) {
          const response = await answer(path);
          if (!response.ok) throw new TypeError("bad status");
          store.set(path, await response.text());
        }
      },
    };
  };
  const caches = {
    open,
    has: async (name) => stores.has(name),
    keys: async () => [...stores.keys()],
    delete: async (name) => stores.delete(name),
    match: async (request) => {
      const path = String(request.url ?? request).replace(SHOP, "");
      for (const store of stores.values()) if (store.has(path)) return new Response(store.get(path));
      return undefined;
    },
  };
  const self = { addEventListener: (name, listener) => listeners.set(name, listener), location: new URL(SHOP), skipWaiting: async () => undefined };
  const start = () => new Function("self", "fetch", "caches", source)(self, answer, caches);
  start();
  /** What the worker answers; undefined when it leaves the request to the browser. */
  world.ask = async (path, { mode = "cors", method = "GET", origin = SHOP } = {}) => {
    let response;
    const work = [];
    listeners.get("fetch")({ request: { url: origin + path, mode, method }, respondWith: (given) => (response = given), waitUntil: (promise) => work.push(promise) });
    const answered = await response;
    await Promise.all(work);
    return answered && (answered.type === "error" ? "error" : answered.text());
  };
  world.install = async () => {
    let work;
    listeners.get("install")({ waitUntil: (promise) => (work = promise) });
    await work;
  };
  world.restart = start;
  return world;
}

test("without a network every page is the one that says so, with its files", async () => {
  const world = rig();
  await world.install();
  world.down = true;
  assert.equal(await world.ask("/watch/shw_1", { mode: "navigate" }), PAGE);
  assert.equal(await world.ask("/static/offline/page.js?v=1"), "of /static/offline/page.js?v=1");
  assert.equal(await world.ask("/static/watch/page.js?v=1"), "error");
});

test("with a network everything comes from it", async () => {
  const world = rig();
  await world.install();
  assert.equal(await world.ask("/watch/shw_1", { mode: "navigate" }), "of /watch/shw_1");
  world.stores.get("efir-offline-one").set("/static/base.css?v=1", "old");
  assert.equal(await world.ask("/static/base.css?v=1"), "of /static/base.css?v=1");
});

test("the API, other methods and other sites are not the worker's", async () => {
  const world = rig();
  await world.install();
  for (const down of [false, true]) {
    world.down = down;
    assert.equal(await world.ask("/api/auth/me"), undefined);
    assert.equal(await world.ask("/api/orders", { method: "POST" }), undefined);
    assert.equal(await world.ask("/static/x.js", { origin: "https://elsewhere.example" }), undefined);
  }
  assert.deepEqual([...world.stores.get("efir-offline-one").keys()].filter((path) => !path.startsWith("/static/")), ["/offline/"]);
});

test("a newer version takes the place of the older one, whole or not at all", async () => {
  const world = rig();
  await world.install();
  world.etag = '"two"';
  world.broken = (path) => path.startsWith("/static/base.css");
  world.restart();
  await world.ask("/", { mode: "navigate" });
  assert.deepEqual([...world.stores.keys()], ["efir-offline-one"], "half a version is none");
  world.broken = undefined;
  world.restart();
  await world.ask("/", { mode: "navigate" });
  assert.deepEqual([...world.stores.keys()], ["efir-offline-two"]);
  const before = world.fetched.length;
  await world.ask("/", { mode: "navigate" });
  assert.equal(world.fetched.length, before + 1, "looked for once in a worker's life");
});

test("a worker that cannot keep the page is not installed", async () => {
  const world = rig();
  world.broken = (path) => path === "/offline/";
  await assert.rejects(world.install());
});
