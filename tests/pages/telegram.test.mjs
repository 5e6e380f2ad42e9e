// A Mini App of Telegram: how the page was opened, the client around it, and signing in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../static/lib/errors.js";
import { hapticsOf } from "../../static/lib/haptics.js";
import { parseLaunch, showIdOf, takeLaunch, themeOf, wayOut } from "../../static/lib/launch.js";
import { closeNewest, opened, sheets } from "../../static/lib/sheets.js";
import { Telegram, WEB } from "../../static/lib/telegram.js";
import { enterByTelegram, shareAddress } from "../../static/lib/telegram_entry.js";

const SHOW = `shw_${"a1".repeat(16)}`;
const DATA = `user=%7B%22id%22%3A1%2C%22first_name%22%3A%22A%26B%22%7D&start_param=${SHOW}&hash=ff`;
const fragment = (more = {}) => `#${new URLSearchParams({ tgWebAppData: DATA, tgWebAppVersion: "8.0", tgWebAppPlatform: "ios", tgWebAppThemeParams: '{"bg_color":"#17212b"}', ...more })}`;

/** A window: `way` is how Telegram is reached. */
function host(way, hash = fragment()) {
  const kept = new Map();
  const made = { calls: [], heard: [], addresses: [], location: { pathname: "/watch/", search: "", hash } };
  made.parent = made;
  if (way === "proxy") made.TelegramWebviewProxy = { postEvent: (...call) => made.calls.push(call) };
  if (way === "notify") made.external = { notify: (text) => made.calls.push([text]) };
  if (way === "frame") made.parent = { postMessage: (...call) => made.calls.push(call) };
  made.addEventListener = (name, listener) => made.heard.push([name, listener]);
  made.sessionStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  made.history = { state: null, replaceState: (state, unused, url) => made.addresses.push(url) };
  return made;
}

test("the fragment tells what Telegram told, init data byte for byte", () => {
  const launch = parseLaunch(fragment());
  assert.deepEqual(launch, { initData: DATA, version: "8.0", platform: "ios", theme: { bg_color: "#17212b" }, startParam: SHOW });
  assert.equal(parseLaunch(fragment({ tgWebAppStartParam: "x" })).startParam, "x");
  assert.equal(parseLaunch(`#/route?${fragment().slice(1)}`).initData, DATA);
});

test("any other fragment is no launch, nor one into which somebody has put their own data", () => {
  for (const text of ["", "#", "#pictures", "#key=abc", "#tgWebAppData=x"]) assert.equal(parseLaunch(text), null, text);
  assert.equal(parseLaunch(`#tgWebAppData=mine&${fragment().slice(1)}`), null);
  assert.equal(parseLaunch(`${fragment()}&tgWebAppVersion=9`), null);
});

test("only colours come out of a theme", () => {
  const given = { bg_color: "#FFFFFF", text_color: "red;}", hint_color: "#12345", link_color: 5, button_color: "#0a0b0c;" };
  assert.deepEqual(themeOf(given), { bg_color: "#FFFFFF" });
  for (const text of ["", "{", "null", '"x"', "5", undefined]) assert.deepEqual(themeOf(text), {});
});

test("without a client around the page its fragment is worth nothing", () => {
  const browser = host(null);
  assert.equal(wayOut(browser), null);
  assert.equal(takeLaunch(browser), null);
  assert.deepEqual(browser.addresses, [], "the address of an ordinary page is left alone");
  assert.equal(takeLaunch({}), null);
});

test("who came in by Telegram is known on the next page, and the address no longer tells it", () => {
  for (const way of ["proxy", "notify", "frame"]) {
    const first = host(way);
    assert.equal(takeLaunch(first).initData, DATA);
    assert.deepEqual(first.addresses, ["/watch/"]);
    const second = { ...first, location: { pathname: "/", search: "", hash: "" } };
    assert.equal(takeLaunch(second).initData, DATA);
  }
});

test("a browser that keeps nothing in frames leaves the fragment where it is", () => {
  const strict = host("frame");
  Object.defineProperty(strict, "sessionStorage", { get: () => { throw new Error("SecurityError"); } });
  assert.equal(takeLaunch(strict).initData, DATA);
  assert.deepEqual(strict.addresses, []);
});

test("the show is in the address, else in the link into the app", () => {
  const launch = parseLaunch(fragment());
  assert.equal(showIdOf("/watch/shw_1", launch), "shw_1");
  assert.equal(showIdOf("/watch/", launch), SHOW);
  assert.equal(showIdOf("/watch/", null), "");
  for (const startParam of ["", "../studio", "shw_1", `${SHOW}/x`, "javascript:1"]) assert.equal(showIdOf("/watch/", { ...launch, startParam }), "");
});

test("methods go each client's own way, and into a frame's parent only if it is Telegram", () => {
  const made = (way) => {
    const window = host(way);
    new Telegram(parseLaunch(fragment()), window).post("web_app_setup_back_button", { is_visible: true });
    return window.calls;
  };
  const both = '{"eventType":"web_app_setup_back_button","eventData":{"is_visible":true}}';
  assert.deepEqual(made("proxy"), [["web_app_setup_back_button", '{"is_visible":true}']]);
  assert.deepEqual(made("notify"), [[both]]);
  assert.deepEqual(made("frame"), [[both, "https://web.telegram.org"]]);
  assert.equal(WEB, "https://web.telegram.org");
});

test("events come from the client by the names that each one calls", () => {
  const window = host("proxy");
  window.Telegram = { Other: 1 };
  const telegram = new Telegram(parseLaunch(fragment()), window);
  const themes = [];
  telegram.onTheme((theme) => themes.push(theme.bg_color));
  const event = { theme_params: { bg_color: "#ffffff" } };
  window.Telegram.WebView.receiveEvent("theme_changed", event);
  window.TelegramGameProxy.receiveEvent("theme_changed", event);
  window.TelegramGameProxy_receiveEvent("theme_changed", event);
  window.Telegram.WebView.receiveEvent("unknown", null);
  assert.deepEqual(themes, ["#17212b", "#ffffff", "#ffffff", "#ffffff"]);
  assert.equal(window.Telegram.Other, 1);
});

test("in a frame only Telegram is listened to", () => {
  const window = host("frame");
  const telegram = new Telegram(parseLaunch(fragment()), window);
  let pressed = 0;
  const stop = telegram.on("back_button_pressed", () => (pressed += 1));
  const [[name, hear]] = window.heard;
  assert.equal(name, "message");
  const data = '{"eventType":"back_button_pressed"}';
  hear({ source: window.parent, origin: "https://evil.example", data });
  hear({ source: {}, origin: WEB, data });
  for (const odd of ["{", "null", "5", "{}", '{"eventType":5}', undefined]) hear({ source: window.parent, origin: WEB, data: odd });
  assert.equal(pressed, 0);
  hear({ source: window.parent, origin: WEB, data });
  assert.equal(pressed, 1);
  stop();
  hear({ source: window.parent, origin: WEB, data });
  assert.equal(pressed, 1);
});

test("the safe area is asked for, and odd numbers are none", () => {
  const window = host("proxy");
  const telegram = new Telegram(parseLaunch(fragment()), window);
  const areas = [];
  telegram.onSafeArea((area) => areas.push(area));
  assert.deepEqual(window.calls.map(([event]) => event), ["web_app_request_safe_area", "web_app_request_content_safe_area"]);
  const none = { top: 0, bottom: 0, left: 0, right: 0 };
  window.Telegram.WebView.receiveEvent("safe_area_changed", { top: 59, bottom: 34, left: -3, right: "x" });
  window.Telegram.WebView.receiveEvent("content_safe_area_changed", { top: 46 });
  window.Telegram.WebView.receiveEvent("content_safe_area_changed", null);
  const device = { top: 59, bottom: 34, left: 0, right: 0 };
  assert.deepEqual(areas, [{ device, content: none }, { device, content: { ...none, top: 46 } }, { device, content: none }]);
});

test("links of Telegram stay in Telegram, others open outside, and nothing else opens", () => {
  const window = host("proxy");
  const telegram = new Telegram(parseLaunch(fragment()), window);
  for (const url of ["https://t.me/shop_bot/live?startapp=x", "https://other.example/a?b", "javascript:alert(1)", "tg://resolve"]) telegram.open(url);
  assert.deepEqual(window.calls, [
    ["web_app_open_tg_link", '{"path_full":"/shop_bot/live?startapp=x"}'],
    ["web_app_open_link", '{"url":"https://other.example/a?b"}'],
  ]);
});

test("versions are compared by their numbers", () => {
  const telegram = new Telegram({ ...parseLaunch(fragment()), version: "7.10" }, host("proxy"));
  assert.deepEqual(["6.9", "7.7", "7.10", "7.11", "8.0"].map((version) => telegram.knows(version)), [true, true, true, false, false]);
});

test("what is felt is Telegram's own within it, else the phone's vibration, else nothing", () => {
  const posted = [];
  const buzzed = [];
  const device = { vibrate: (pattern) => buzzed.push(pattern.length) };
  hapticsOf({ post: (...call) => posted.push(call) }, device)("warning");
  assert.deepEqual(posted, [["web_app_trigger_haptic_feedback", { type: "notification", notification_type: "warning" }]]);
  hapticsOf(null, device)("success");
  assert.deepEqual(buzzed, [3]);
  hapticsOf(null, {})("tap");
  hapticsOf(null, undefined)("tap");
});

test("the newest sheet closes first, and one that went by itself is forgotten", () => {
  const closed = [];
  const sheet = (name) => {
    const gone = opened(() => (closed.push(name), gone()));
    return gone;
  };
  assert.equal(closeNewest(), false);
  const cart = sheet("cart");
  sheet("address");
  sheet("card");
  assert.equal(closeNewest(), true);
  cart();
  assert.equal(closeNewest(), true);
  assert.equal(closeNewest(), false);
  assert.deepEqual(closed, ["card", "address"]);
  assert.deepEqual(sheets.value, []);
});

/** @param {unknown} answer what the server does @param {boolean} known whether there is a session afterwards */
async function entered(answer, known, initData = DATA) {
  const sent = [];
  const server = { enterByTelegram: async (body) => (sent.push(body), answer instanceof Error ? Promise.reject(answer) : answer) };
  const live = { whoAmI: async () => (known ? { actor_id: "acc_1" } : null) };
  return [await enterByTelegram({ launch: { initData }, framed: true }, live, "ru", server), sent];
}

test("init data goes to the server as it is", async () => {
  assert.deepEqual(await entered({}, true), [null, [{ init_data: DATA, locale: "ru", framed: true }]]);
  assert.deepEqual(await entered({}, true, ""), [null, []]);
});

test("what went wrong is told only where the person is not known", async () => {
  const refused = (name) => new ApiError(name, { status: 401 });
  assert.equal((await entered(refused("telegram_data_expired"), true))[0], null);
  assert.equal((await entered(refused("telegram_data_expired"), false))[0], "telegram_data_expired");
  assert.equal((await entered(refused("telegram_data_invalid"), true))[0], "telegram_data_invalid");
  assert.equal((await entered(refused("not_found"), false))[0], null);
  assert.equal((await entered({}, false))[0], "no_cookies");
  await assert.rejects(entered(refused("unavailable"), true), { name: "unavailable" });
});

test("a shared show leads into the app", () => {
  const url = new URL(shareAddress("https://t.me/shop_bot/live", SHOW, "Mugs & more"));
  assert.equal(url.origin + url.pathname, "https://t.me/share/url");
  assert.deepEqual(Object.fromEntries(url.searchParams), { url: `https://t.me/shop_bot/live?startapp=${SHOW}`, text: "Mugs & more" });
});
