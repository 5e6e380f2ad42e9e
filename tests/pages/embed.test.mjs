// The script that other sites load, in a page that is made up, and the frame's side of what the two tell each other.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import { gzipSync } from "node:zlib";
import { Checkout } from "../../static/lib/checkout.js";
import { Embedded, readAsked, snippetOf } from "../../static/lib/embedded.js";
import { keeper } from "../../static/lib/kept.js";
import { takeLaunch } from "../../static/lib/launch.js";

const SOURCE = readFileSync(new URL("../../static/embed/embed.js", import.meta.url), "utf8");
const SHOP = "https://shop.example";
const BLOG = "https://blog.example";
const SHOW = `shw_${"a1".repeat(16)}`;

/** An element, as far as the script needs one. */
class Element {
  children = [];
  dataset = {};
  attributes = {};
  parent = null;
  listeners = [];

  constructor(tag) {
    this.tag = tag;
    if (tag === "iframe") this.contentWindow = { sent: [], postMessage: (...call) => this.contentWindow.sent.push(call) };
  }
  get isConnected() {
    return this.parent !== null;
  }
  appendChild(child) {
    this.children.push(child);
    child.parent = this;
    return child;
  }
  append(child) {
    this.appendChild(child);
  }
  after(other) {
    this.parent.appendChild(other);
  }
  remove() {
    this.parent.children.splice(this.parent.children.indexOf(this), 1);
    this.parent = null;
  }
  closest(tag) {
    return this.parent?.tag === tag ? this.parent : (this.parent?.closest(tag) ?? null);
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  attachShadow() {
    this.root = new Element("root");
    return this.root;
  }
  focus() {
    this.focused = true;
  }
  dispatchEvent(event) {
    this.listeners.push(event);
  }
}

/** A page of the blog with the script in it; `visit` gives what it has become. */
function page({ kept = new Map(), head = false, storage = true, lang = "en" } = {}) {
  const heard = { message: [], keydown: [], DOMContentLoaded: [] };
  const document = { documentElement: { lang }, head: new Element("head"), body: new Element("body"), createElement: (tag) => new Element(tag) };
  const warnings = [];
  const context = {
    document,
    location: { origin: BLOG },
    URL,
    URLSearchParams,
    console: { warn: (text) => warnings.push(text) },
    CSSStyleSheet: class {
      replaceSync(text) {
        this.text = text;
      }
    },
    CustomEvent: class {
      constructor(type, init) {
        Object.assign(this, { type, ...init });
      }
    },
    addEventListener: (name, listener) => heard[name].push(listener),
  };
  Object.defineProperty(context, "sessionStorage", {
    configurable: true,
    get() {
      if (!storage) throw new Error("SecurityError");
      return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
    },
  });
  vm.createContext(context);
  const before = Object.keys(context);
  const visit = (dataset) => {
    const script = new Element("script");
    Object.assign(script, { src: `${SHOP}/embed.js`, dataset: { show: SHOW, ...dataset } });
    (head ? document.head : document.body).appendChild(script);
    document.currentScript = script;
    vm.runInContext(SOURCE, context);
    document.currentScript = null;
    const host = document.body.children.find((each) => each.root && !each.seen);
    if (!host) return { script, host: null };
    host.seen = true;
    const box = host.root.children[0];
    const [frame, ...buttons] = box.children;
    const tell = (data, over = {}) => heard.message.forEach((listener) => listener({ source: frame.contentWindow, origin: SHOP, data: { efir: 1, ...data }, ...over }));
    const press = (key) => heard.keydown.forEach((listener) => listener({ key }));
    return { script, host, frame, buttons, tell, press, events: script.listeners, sent: frame.contentWindow.sent };
  };
  return { context, before, document, kept, warnings, visit };
}

test("it is small: at most 4 kB on the wire", () => {
  assert.ok(gzipSync(SOURCE).length <= 4096, `${gzipSync(SOURCE).length}`);
});

test("the player stands where the script stands, in a frame that may do as little as possible", () => {
  const { host, frame, script, ...rest } = page().visit({});
  assert.equal(host.parent, script.parent);
  assert.equal(host.dataset.view, undefined);
  const url = new URL(frame.src);
  assert.equal(url.origin + url.pathname, `${SHOP}/watch/${SHOW}`);
  assert.deepEqual(Object.fromEntries(url.searchParams), { embed: "inline", parent: BLOG, locale: "en" });
  assert.equal(frame.attributes.sandbox, "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox");
  assert.equal(frame.allow, "autoplay; fullscreen; picture-in-picture; web-share; screen-wake-lock");
  assert.equal(frame.title, "Live show");
  assert.equal(frame.loading, "lazy");
  assert.equal(rest.buttons.length, 1);
  assert.equal(host.root.adoptedStyleSheets.length, 1);
});

test("language and theme are the site's", () => {
  const { frame } = page({ lang: "ru-RU" }).visit({ theme: "dark" });
  assert.equal(new URL(frame.src).searchParams.get("locale"), "ru");
  assert.equal(new URL(frame.src).searchParams.get("theme"), "dark");
  assert.equal(frame.title, "Прямой эфир");
  assert.equal(new URL(page({ lang: "ru" }).visit({ locale: "en" }).frame.src).searchParams.get("locale"), "en");
});

test("nothing is left among the page's names", () => {
  const made = page();
  made.visit({});
  made.visit({ mode: "bubble" });
  assert.deepEqual(Object.keys(made.context), made.before);
});

test("without a show's id there is a warning and nothing else", () => {
  for (const show of ["", "shw_1", `${SHOW}/../x`]) {
    const made = page();
    assert.equal(made.visit({ show }).host, null);
    assert.equal(made.warnings.length, 1);
  }
});

test("what the frame tells becomes events on the script's element", () => {
  const { tell, events } = page().visit({});
  tell({ type: "ready" });
  tell({ type: "order", order_id: "ord_1", show_id: SHOW });
  const [ready, order] = events;
  assert.equal(ready.type, "efir:ready");
  assert.deepEqual([order.type, order.bubbles, { ...order.detail }], ["efir:order", true, { order_id: "ord_1", show_id: SHOW }]);
});

test("what comes from anybody else, or says nothing that is known, is not heard", () => {
  const { tell, events, host } = page().visit({ mode: "bubble" });
  tell({ type: "state", state: "live" }, { origin: "https://evil.example" });
  tell({ type: "state", state: "live" }, { source: {} });
  tell({ type: "constructor" });
  tell({ type: "__proto__" });
  tell({ efir: 2, type: "ready" });
  tell({}, { data: null });
  tell({}, { data: "ready" });
  assert.deepEqual(events, []);
  assert.equal(host.dataset.view, "off");
});

test("two shows on one page hear each their own", () => {
  const made = page();
  const [one, other] = [made.visit({}), made.visit({})];
  one.tell({ type: "ready" });
  assert.deepEqual([one.events.length, other.events.length], [1, 0]);
});

test("only while it is live: nothing is to be seen before and after", () => {
  const { host, tell, frame } = page().visit({ when: "live" });
  assert.equal(frame.loading, undefined, "what is not to be seen would never be loaded lazily");
  const views = ["scheduled", "live", "ended", "missing"].map((state) => (tell({ type: "state", state }), host.dataset.view));
  assert.deepEqual(views, ["off", undefined, "off", "off"]);
});

test("a bubble grows by a press, shrinks by Escape, closes by another, and stays closed for the session", () => {
  const made = page();
  const { host, frame, buttons: [open, close], tell, press, events, sent } = made.visit({ mode: "bubble" });
  assert.equal(host.dataset.view, "off", "nothing black in the corner before there is something to see");
  tell({ type: "state", state: "live" });
  assert.deepEqual([host.dataset.view, frame.inert, open.ariaLabel, close.ariaLabel], ["preview", true, "Open the show", "Close"]);
  open.onclick();
  assert.deepEqual([host.dataset.view, frame.inert, frame.focused], ["player", false, true]);
  assert.deepEqual(sent.map(([data, origin]) => [data.view, origin]), [["preview", SHOP], ["player", SHOP]]);
  press("a");
  assert.equal(host.dataset.view, "player");
  press("Escape");
  assert.deepEqual([host.dataset.view, open.focused], ["preview", true]);
  press("Escape");
  assert.equal(host.dataset.view, "preview", "Escape somewhere else on the page is none of its business");
  open.onclick();
  tell({ type: "close" });
  assert.equal(host.dataset.view, "preview", "the player has a button of its own");
  tell({ type: "close" });
  assert.equal(host.dataset.view, "preview", "a frame alone cannot put the bubble away");
  close.onclick();
  assert.equal(host.isConnected, false);
  assert.deepEqual(events.map(({ type }) => type).filter((type) => type === "efir:close").length, 3);
  assert.equal(made.visit({ mode: "bubble" }).host, null, "closed for this session");
  assert.notEqual(made.visit({}).host, null, "a player in the text is another thing");
});

test("a bubble of an ended show goes, but not under the eyes of who is watching", () => {
  const { host, buttons: [open], tell } = page().visit({ mode: "bubble" });
  tell({ type: "state", state: "live" });
  open.onclick();
  tell({ type: "state", state: "ended" });
  assert.equal(host.dataset.view, "player");
  const second = page().visit({ mode: "bubble" });
  second.tell({ type: "state", state: "ended" });
  assert.equal(second.host.dataset.view, "off");
});

test("a page whose storage is forbidden has a bubble all the same, and a script in the head has its frame in the body", () => {
  const { host, tell, buttons } = page({ storage: false }).visit({ mode: "bubble" });
  tell({ type: "state", state: "scheduled" });
  assert.equal(host.dataset.view, "preview");
  buttons[1].onclick();
  assert.equal(host.isConnected, false);
  const made = page({ head: true });
  assert.equal(made.visit({}).host.parent, made.document.body);
});

/** The frame's window; `around` is what the browser knows of the page around, where it knows it. */
function windowOf(search, around) {
  const parent = { sent: [], postMessage: (...call) => parent.sent.push(call) };
  const heard = [];
  return { location: { search, ...(around && { ancestorOrigins: [around] }) }, parent, heard, addEventListener: (name, listener) => heard.push(listener) };
}

const QUERY = `?embed=bubble&parent=${encodeURIComponent(BLOG)}&locale=ru&theme=dark`;

test("the frame's address says what the site asks for", () => {
  assert.deepEqual(readAsked(windowOf(QUERY)), { mode: "bubble", parent: BLOG, locale: "ru", theme: "dark" });
  assert.equal(readAsked(windowOf("")), null);
  const alone = windowOf(QUERY);
  alone.parent = alone;
  assert.equal(readAsked(alone), null, "a page that is no frame");
  assert.equal(readAsked({}), null);
});

test("what is no origin, or not the one around, is told nothing", () => {
  for (const parent of ["", "*", "null", "javascript:1", `${BLOG}/`, `${BLOG}/page`, "blog.example"]) {
    const host = windowOf(`?embed=inline&parent=${encodeURIComponent(parent)}`);
    new Embedded(readAsked(host), host).tell("ready");
    assert.deepEqual(host.parent.sent, [], parent);
  }
  assert.equal(readAsked(windowOf(QUERY, "https://evil.example")).parent, "");
  assert.equal(readAsked(windowOf(QUERY, BLOG)).parent, BLOG);
  assert.equal(readAsked(windowOf("?embed=inline&theme=red;}")).theme, "");
});

test("messages go to the site alone, and are heard from it alone", () => {
  const host = windowOf(QUERY);
  const made = new Embedded(readAsked(host), host);
  made.tell("order", { order_id: "ord_1" });
  assert.deepEqual(host.parent.sent, [[{ order_id: "ord_1", efir: 1, type: "order" }, BLOG]]);
  const views = [];
  made.onView((view) => views.push(view));
  const send = (data, over = {}) => host.heard.forEach((listener) => listener({ source: host.parent, origin: BLOG, data, ...over }));
  send({ efir: 1, type: "view", view: "player" });
  send({ efir: 1, type: "view", view: "player" }, { origin: "https://evil.example" });
  send({ efir: 1, type: "view", view: "player" }, { source: {} });
  send({ efir: 1, type: "view", view: "</style>" });
  send(null);
  assert.deepEqual(views, ["player"]);
});

test("only the player and its orders stay in the frame", () => {
  const host = windowOf(QUERY);
  const made = new Embedded(readAsked(host), host);
  const within = (address) => made.within(address, `${SHOP}/watch/${SHOW}`);
  assert.equal(within("/order/ord_1"), `${SHOP}/order/ord_1?parent=https%3A%2F%2Fblog.example&locale=ru&theme=dark&embed=bubble`);
  for (const address of ["/", "/account/", "/studio/", "https://bank.example/watch/x", "/watchful/x"]) assert.equal(within(address), null, address);
});

test("a frame on another site is never taken for Telegram's, whatever its fragment says", () => {
  const fragment = "#tgWebAppData=user%3D1%26hash%3Dff&tgWebAppVersion=8.0";
  const host = { ...windowOf("?embed=inline"), history: { state: null, replaceState: () => undefined } };
  Object.assign(host.location, { hash: fragment, pathname: "/watch/" });
  assert.equal(takeLaunch(host), null);
  host.location.search = "";
  assert.notEqual(takeLaunch(host), null);
});

test("a site hears once of each new order", async () => {
  const placed = [];
  const order = { order_id: "ord_1", show_id: SHOW, state: "placed", payment: "none", version: 1, total: { amount_minor: 5 }, lines: [] };
  const server = { placeOrder: async () => order, pay: async () => ({}) };
  const channel = () => ({ state: { subscribe: () => () => undefined }, leave: () => undefined });
  const checkout = new Checkout({ channel, freshId: () => "ord_1", placed: ({ order_id }) => placed.push(order_id), api: server });
  await checkout.buyLines(SHOW, [], { card_id: "crd_1" });
  checkout.follow(order);
  assert.deepEqual(placed, ["ord_1"]);
});

test("what stands in the other page is one line", () => {
  assert.equal(snippetOf(SHOP, SHOW, { bubble: false, liveOnly: false }), `<script async src="${SHOP}/embed.js" data-show="${SHOW}"></script>`);
  assert.match(snippetOf(SHOP, SHOW, { bubble: true, liveOnly: true }), / data-mode="bubble" data-when="live"><\/script>$/);
});

test("what a browser refuses to keep lasts as long as the page", () => {
  const forbidden = keeper(() => {
    throw new Error("SecurityError");
  });
  assert.equal(forbidden.getItem("a"), null);
  forbidden.setItem("a", "1");
  assert.equal(forbidden.getItem("a"), "1");
  const store = new Map();
  const allowed = keeper(() => ({ getItem: (key) => store.get(key) ?? null, setItem: (key, value) => store.set(key, value) }));
  allowed.setItem("a", "2");
  assert.deepEqual([allowed.getItem("a"), allowed.getItem("b"), store.get("a")], ["2", null, "2"]);
});
