// A screen that stays on, calendars, and the shop on the home screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Awake } from "../../static/lib/awake.js";
import { fileAddress, googleAddress } from "../../static/lib/calendar.js";
import { byHand, hear, install, offer } from "../../static/lib/installing.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A browser's wake lock that counts. */
function wakeLock() {
  const made = { asked: 0, locks: [], refuses: false };
  made.request = async (kind) => {
    assert.equal(kind, "screen");
    made.asked += 1;
    if (made.refuses) throw new Error("NotAllowedError");
    const lock = { released: false, release: async () => void (lock.released = true) };
    made.locks.push(lock);
    return lock;
  };
  made.held = () => made.locks.filter((lock) => !lock.released).length;
  return made;
}

test("the screen stays on while the picture plays, and no longer", async () => {
  const device = wakeLock();
  const awake = new Awake(device);
  awake.visible = true;
  await settled();
  assert.equal(device.asked, 0);
  awake.playing = true;
  await settled();
  awake.playing = true;
  await settled();
  assert.deepEqual([device.asked, device.held()], [1, 1]);
  awake.playing = false;
  await settled();
  assert.equal(device.held(), 0);
});

test("after the page was hidden the lock is taken again", async () => {
  const device = wakeLock();
  const awake = new Awake(device);
  awake.playing = true;
  await settled();
  device.locks[0].released = true; // the browser's doing
  awake.visible = false;
  await settled();
  assert.equal(device.held(), 0);
  awake.visible = true;
  await settled();
  assert.deepEqual([device.asked, device.held()], [2, 1]);
});

test("what changes while the browser decides is what counts", async () => {
  const device = wakeLock();
  const awake = new Awake(device);
  awake.playing = true;
  awake.playing = false;
  awake.playing = true;
  awake.playing = false;
  await settled();
  await settled();
  assert.equal(device.held(), 0);
});

test("a browser without the lock, or one that refuses it, plays all the same", async () => {
  new Awake(undefined).playing = true;
  const device = wakeLock();
  device.refuses = true;
  const awake = new Awake(device);
  awake.playing = true;
  await settled();
  assert.equal(device.asked, 1, "asked once, not for ever");
  device.refuses = false;
  awake.visible = true;
  await settled();
  assert.equal(device.held(), 1);
});

test("Google's form is filled in, in UTC", () => {
  const show = { show_id: "shw_1", title: "Cups & more", description: "New ones", scheduled_at_ms: Date.UTC(2026, 10, 30, 18, 30) };
  const url = new URL(googleAddress(show, "https://shop.example"));
  assert.equal(url.origin + url.pathname, "https://calendar.google.com/calendar/render");
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    action: "TEMPLATE",
    text: "Cups & more",
    dates: "20261130T183000Z/20261130T193000Z",
    details: "New ones\n\nhttps://shop.example/watch/shw_1",
  });
  assert.equal(new URL(googleAddress({ ...show, description: "" }, "https://shop.example")).searchParams.get("details"), "https://shop.example/watch/shw_1");
  assert.equal(fileAddress(show), "/api/shows/shw_1/calendar.ics");
});

test("the browser's offer to install is kept for one use", async () => {
  let prevented = 0;
  const event = (outcome) => ({ preventDefault: () => (prevented += 1), prompt: async () => ({ outcome }) });
  hear(event("accepted"));
  assert.equal(prevented, 1);
  assert.equal(await install(), true);
  assert.equal(offer.value, null);
  assert.equal(await install(), false);
  hear(event("dismissed"));
  assert.equal(await install(), false);
});

test("iPhones and iPads are told how; installed ones and frames are not", () => {
  const phone = { userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", maxTouchPoints: 5, standalone: false, framed: false };
  assert.equal(byHand(phone), true);
  assert.equal(byHand({ ...phone, userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15)" }), true);
  assert.equal(byHand({ ...phone, userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15)", maxTouchPoints: 0 }), false);
  assert.equal(byHand({ ...phone, userAgent: "Mozilla/5.0 (Linux; Android 15)" }), false);
  assert.equal(byHand({ ...phone, standalone: true }), false);
  assert.equal(byHand({ ...phone, framed: true }), false);
});
