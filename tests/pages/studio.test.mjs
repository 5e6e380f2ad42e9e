// What the studio tells its host: numbers, whether the microphone is heard, what the camera delivers, keys, the countdown, first steps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { frameRate, isPoor, withFrame } from "../../static/lib/frame_rate.js";
import { LOUD, SILENT_MS, hear, listening } from "../../static/lib/hearing.js";
import { liftOff } from "../../static/lib/lift_off.js";
import { chatRate, soldOf, unitsLeft } from "../../static/lib/live_numbers.js";
import { onlyOver } from "../../static/lib/path_check.js";
import { stepsLeft } from "../../static/lib/set_up.js";
import { shortcutOf } from "../../static/lib/shortcuts.js";

const sale = (state, amount_minor, units, currency = "EUR") => ({ state, units, total: { amount_minor, currency } });

test("only confirmed and fulfilled orders count as sold, and currencies stay apart", () => {
  const sold = soldOf([sale("confirmed", 1_000, 1), sale("placed", 5_000, 9), sale("fulfilled", 500, 2), sale("cancelled", 7_000, 7), sale("confirmed", 900, 1, "USD")]);
  assert.deepEqual(sold, { orders: 3, units: 4, revenue: [{ amount_minor: 1_500, currency: "EUR" }, { amount_minor: 900, currency: "USD" }] });
});

test("units left are those that can still be bought", () => {
  assert.equal(unitsLeft([{ pool: { available: 3, held: 9 } }, { pool: null }, { pool: { available: 4, held: 0 } }]), 7);
});

test("the chat rate is the lines of the last minute", () => {
  const lines = [0, 30_000, 60_001, 90_000].map((posted_at_ms) => ({ posted_at_ms }));
  assert.equal(chatRate(lines, 120_000), 2);
  assert.equal(chatRate(lines, 90_001), 2);
  assert.equal(chatRate(lines, 500_000), 0);
  assert.equal(chatRate([], 0), 0);
});

test("a microphone is silent after seconds without a voice and heard again at the first word", () => {
  let state = listening(1_000);
  state = hear(state, 0.1, 1_000 + SILENT_MS - 1);
  assert.equal(state.heard, "listening");
  state = hear(state, 0.1, 1_000 + SILENT_MS);
  assert.equal(state.heard, "silent");
  state = hear(state, LOUD + 0.01, 20_000);
  assert.equal(state.heard, "heard");
  state = hear(state, 0, 20_000 + SILENT_MS - 1);
  assert.equal(state.heard, "heard", "a pause is no fault");
  assert.equal(hear(state, 0, 20_000 + SILENT_MS).heard, "silent");
});

test("pictures per second are measured over the last two seconds", () => {
  let frames = [];
  for (let at = 0; at <= 3_000; at += 50) frames = withFrame(frames, at);
  assert.equal(frameRate(frames), 20);
  assert.ok(frames.length <= 40);
  assert.equal(frameRate([0, 33, 66]), null, "too few to tell");
  assert.equal(frameRate([]), null);
  assert.equal(isPoor({ width: 720, height: 1280, fps: 30 }), false);
  assert.equal(isPoor({ width: 320, height: 240, fps: 30 }), true);
  assert.equal(isPoor({ width: 720, height: 1280, fps: 8 }), true);
  assert.equal(isPoor({ width: 720, height: 1280, fps: null }), false);
});

test("an answer is cut down to the candidates of one transport", () => {
  const answer = "v=0\r\na=candidate:1 1 udp 2130706431 10.0.0.1 8443 typ host\r\na=candidate:2 1 tcp 1015021823 10.0.0.1 8443 typ host tcptype passive\r\na=end-of-candidates\r\n";
  assert.equal(onlyOver(answer, "udp"), "v=0\r\na=candidate:1 1 udp 2130706431 10.0.0.1 8443 typ host\r\na=end-of-candidates\r\n");
  assert.equal(onlyOver(answer, "tcp"), "v=0\r\na=candidate:2 1 tcp 1015021823 10.0.0.1 8443 typ host tcptype passive\r\na=end-of-candidates\r\n");
});

const press = (code, key = code.at(-1).toLowerCase(), more = {}) => ({ code, key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, ...more });

test("keys go by their place on the keyboard, and never while typing or with a modifier", () => {
  assert.equal(shortcutOf(press("KeyN"), false), "next");
  assert.equal(shortcutOf(press("KeyN", "т"), false), "next", "a Russian layout");
  assert.equal(shortcutOf(press("KeyP"), false), "pin");
  assert.equal(shortcutOf(press("KeyM"), false), "mute");
  assert.equal(shortcutOf(press("Digit7", "?"), false), "help");
  assert.equal(shortcutOf(press("KeyN"), true), null);
  for (const modifier of ["ctrlKey", "metaKey", "altKey", "repeat"]) assert.equal(shortcutOf(press("KeyN", "n", { [modifier]: true }), false), null);
  assert.equal(shortcutOf(press("KeyQ"), false), null);
});

/** Timers that a test lets go off. */
function timers() {
  const due = [];
  return { due, set: (call) => due.push(call) - 1, clear: (at) => (due[at] = () => undefined), next: () => due.at(-1)() };
}

test("the countdown says three, two, one and then goes", () => {
  const time = timers();
  const said = [];
  liftOff((left) => said.push(left), () => said.push("go"), time);
  for (let second = 0; second < 3; second += 1) time.next();
  assert.deepEqual(said, [3, 2, 1, "go"]);
});

test("a countdown that is called off in its last second does not go", () => {
  const time = timers();
  const said = [];
  const cancel = liftOff((left) => said.push(left), () => said.push("go"), time);
  time.next();
  time.next();
  cancel();
  time.next();
  assert.deepEqual(said, [3, 2, 1]);
});

test("first steps are what is missing, in order, and nothing once a show was on air", () => {
  assert.deepEqual(stepsLeft({ products: 0, shows: 0, onAir: false, seen: false }), ["product", "show", "camera"]);
  assert.deepEqual(stepsLeft({ products: 0, shows: 0, onAir: false, seen: true }), ["product", "show", "camera"]);
  assert.deepEqual(stepsLeft({ products: 2, shows: 1, onAir: false, seen: false }), ["camera"]);
  assert.deepEqual(stepsLeft({ products: 0, shows: 1, onAir: false, seen: true }), ["product"]);
  assert.deepEqual(stepsLeft({ products: 2, shows: 1, onAir: false, seen: true }), []);
  assert.deepEqual(stepsLeft({ products: 0, shows: 1, onAir: true, seen: false }), []);
});
