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

test("the server's time never runs backwards", () => {
  const { clock, time } = clockAt(0);
  clock.sample(0, 5_000_100, 5_000_100, 200);
  const before = clock.serverNowMs();
  clock.sample(0, 4_990_010, 4_990_010, 20);
  time.monotonic = 5;
  assert.equal(clock.serverNowMs(), before);
  time.monotonic = 20_000;
  assert.equal(clock.serverNowMs(), 5_010_000);
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
