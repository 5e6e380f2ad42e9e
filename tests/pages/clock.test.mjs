// Whose clock counts, how long to wait, and what an id looks like.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fullJitterMs } from "../../static/lib/backoff.js";
import { ServerClock } from "../../static/lib/clock.js";
import { newId } from "../../static/lib/ids.js";

function clockAt(start) {
  const time = { monotonic: start };
  return { time, clock: new ServerClock(() => time.monotonic, () => 1_000_000) };
}

test("before the first sample the device's own clock is used", () => {
  const { clock, time } = clockAt(500);
  time.monotonic = 700;
  assert.equal(clock.serverNowMs(), 1_000_200);
});

test("the sample with the shortest round trip wins", () => {
  const { clock } = clockAt(0);
  clock.sample(0, 5_000_100, 5_000_100, 300); // offset 4 999 950, off by the uneven route
  clock.sample(0, 5_000_010, 5_000_010, 20); // offset 5 000 000
  clock.sample(0, 5_000_900, 5_000_900, 1_000);
  assert.equal(clock.roundTripMs(), 20);
  assert.equal(clock.serverNowMs(), 5_000_000);
});

test("time the server spent thinking is not part of the round trip", () => {
  const { clock } = clockAt(0);
  clock.sample(0, 5_000_010, 5_000_110, 120);
  assert.equal(clock.roundTripMs(), 20);
  assert.equal(clock.serverNowMs(), 5_000_000);
});

test("impossible and very slow samples are not believed", () => {
  const { clock } = clockAt(0);
  clock.sample(0, 9_000_000, 9_000_500, 100); // answered before it was asked
  clock.sample(0, 9_000_000, 9_000_000, 10_001);
  assert.equal(clock.roundTripMs(), null);
});

test("a route that became worse is believed after eight samples", () => {
  const { clock } = clockAt(0);
  clock.sample(0, 5_000_010, 5_000_010, 20);
  for (let i = 0; i < 8; i += 1) clock.sample(0, 5_000_100, 5_000_100, 200);
  assert.equal(clock.roundTripMs(), 200);
});

test("after a small correction the server's time stands still and never runs backwards", () => {
  const { clock, time } = clockAt(0);
  clock.sample(0, 5_000_100, 5_000_100, 200);
  const before = clock.serverNowMs();
  clock.sample(0, 4_999_510, 4_999_510, 20);
  time.monotonic = 5;
  assert.equal(clock.serverNowMs(), before);
  time.monotonic = 20_000;
  assert.equal(clock.serverNowMs(), 5_019_500);
});

test("a device whose clock is minutes ahead shows the right time as soon as the first sample is there", () => {
  const time = { monotonic: 0 };
  const clock = new ServerClock(() => time.monotonic, () => 5_000_000 + 420_000 + time.monotonic);
  assert.equal(clock.serverNowMs(), 5_420_000, "nothing better is known yet");
  clock.sample(0, 5_000_010, 5_000_010, 20);
  assert.equal(clock.serverNowMs(), 5_000_000);
});

test("after a sleep the wall clock says how long it was, and not what time it is", () => {
  const device = { monotonic: 0, wall: 900_000_000 };
  const clock = new ServerClock(() => device.monotonic, () => device.wall);
  clock.sample(0, 5_000_010, 5_000_010, 20);
  device.monotonic += 1_000; // a second awake, then ten minutes asleep, in which the monotonic clock stood still
  device.wall += 601_000;
  clock.reset();
  assert.equal(clock.serverNowMs(), 5_601_000);
  clock.reset();
  assert.equal(clock.serverNowMs(), 5_601_000);
});

/** A small generator, so that a failure can be had again (mulberry32). */
function seeded(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("over a bad mobile network the page's clock stays within 50 ms of the server's", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const drift = 1 + (random() - 0.5) * 1e-4; // a quartz is off by up to 50 millionths
    const ahead = (random() - 0.5) * 2e9;
    // Server's true time counts; the device's monotonic clock is 5 billion off and drifts, its wall clock is off by days.
    let now = 0;
    const device = () => now * drift + 5e9;
    const clock = new ServerClock(device, () => device() + ahead);
    // The way up is short, the way down waits behind video: jitter of up to 400 ms, on one side only.
    const up = () => 20 + 10 * random();
    const down = () => 20 + 400 * random() ** 3;
    const moments = [0, 250, 500, 750, 1_000, ...Array.from({ length: 12 }, (_, i) => 46_000 + 45_000 * i)];
    let worst = 0;
    for (const [index, moment] of moments.entries()) {
      now = Math.max(now, moment);
      const t0 = device();
      now += up();
      const server = now;
      now += down();
      clock.sample(t0, server, server, device());
      for (const later of [0, 100, 1_000]) {
        const at = now;
        now += later;
        // The first samples of a page come within a second, before anybody looks at a countdown.
        if (index >= 4) worst = Math.max(worst, Math.abs(clock.serverNowMs() - now));
        now = at;
      }
    }
    assert.ok(worst <= 50, `seed ${seed}: ${worst} ms`);
  }
});

test("waiting grows, is capped, and is spread over the whole span", () => {
  assert.deepEqual([0, 1, 2, 3].map((attempt) => fullJitterMs(attempt, () => 0.999_999)), [499, 999, 1999, 3999]);
  assert.equal(fullJitterMs(50, () => 0.999_999), 19_999);
  assert.equal(fullJitterMs(50, () => 0), 0);
});

test("an id is a UUIDv7 with the time in front", () => {
  const id = newId("ord", 0x0192_0000_abcd, (bytes) => bytes.fill(0xff));
  assert.equal(id, "ord_01920000abcd7fffbfffffffffffffff");
  assert.match(newId("msg", 1_700_000_000_000), /^msg_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
});

test("ids of later moments sort later", () => {
  assert.ok(newId("ord", 1_700_000_000_000) < newId("ord", 1_700_000_000_001));
});
