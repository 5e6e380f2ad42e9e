// The dot's colour from what a browser counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UNWATCHED, compare, look, received, sent } from "../../static/lib/quality.js";

const START = {
  ...{ atMs: 0, packets: 0, lost: 0, bytes: 0, freezeMs: 0, rttMs: 20, availableBps: null, width: 720, height: 1280, fps: 30, limitedBy: null },
};
const after = (/** @type {object} */ changes) => ({ ...START, atMs: 2_000, packets: 1_000, bytes: 500_000, ...changes });

/** Looks every two seconds; each entry changes the sample of that look. */
function watch(...changes) {
  let watched = look(UNWATCHED, START);
  let total = START;
  return changes.map(({ lost = 0, ...rest }) => {
    total = { ...total, rttMs: 20, ...rest, atMs: total.atMs + 2_000, packets: total.packets + 1_000, lost: total.lost + lost };
    watched = look(watched, total);
    return watched.shown.grade;
  });
}

test("bits per second and loss are those between the looks", () => {
  const quality = compare(START, after({ lost: 10 }));
  assert.equal(quality.bitrateBps, 2_000_000);
  assert.equal(quality.lossRatio, 10 / 1_010);
  assert.equal(quality.grade, "good");
  assert.equal(compare(START, after({ limitedBy: "cpu" })).limitedBy, "cpu", "a busy device is not a bad connection, and is told apart");
});

test("loss, a long way and frozen pictures each make it worse", () => {
  for (const [changes, grade] of [
    [{ lost: 20 }, "good"], [{ lost: 21 }, "fair"], [{ lost: 88 }, "poor"],
    [{ rttMs: 250 }, "good"], [{ rttMs: 251 }, "fair"], [{ rttMs: 601 }, "poor"],
    [{ freezeMs: 100 }, "good"], [{ freezeMs: 101 }, "fair"], [{ freezeMs: 701 }, "poor"],
    [{ limitedBy: "bandwidth" }, "fair"], [{ limitedBy: "cpu" }, "fair"], [{ limitedBy: "none" }, "good"],
    [{ rttMs: null }, "good"],
  ]) assert.equal(compare(START, after(changes)).grade, grade, JSON.stringify(changes));
});

test("packets that were repaired are no loss below zero", () => {
  assert.equal(compare({ ...START, lost: 30 }, after({ lost: 10 })).lossRatio, 0);
});

test("it gets worse at once and better only after three looks", () => {
  assert.deepEqual(watch({}, { lost: 200 }, {}, {}, {}, {}), ["good", "poor", "poor", "poor", "good", "good"]);
  assert.deepEqual(watch({ lost: 200 }, {}, {}, { lost: 200 }, {}, {}, {}), ["poor", "poor", "poor", "poor", "poor", "poor", "good"]);
});

test("the first look says nothing, and a new session begins anew", () => {
  const first = look(UNWATCHED, START);
  assert.equal(first.shown, null);
  const second = look(first, after({}));
  const other = look(second, { ...START, atMs: 4_000, packets: 3 });
  assert.equal(other.shown, second.shown);
  assert.equal(look(other, { ...START, atMs: 6_000, packets: 1_003, bytes: 250_000 }).shown.bitrateBps, 1_000_000);
});

test("a report of a receiver: all tracks are counted, the largest picture is shown", () => {
  const sample = received(
    [
      { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.03, availableIncomingBitrate: 4e6 },
      { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
      { type: "inbound-rtp", kind: "video", packetsReceived: 90, packetsLost: 1, bytesReceived: 9_000, totalFreezesDuration: 0.5, frameWidth: 720, frameHeight: 1280, framesPerSecond: 30 },
      { type: "inbound-rtp", kind: "video", packetsReceived: 10, packetsLost: 0, bytesReceived: 1_000 },
      { type: "inbound-rtp", kind: "audio", packetsReceived: 50, packetsLost: -2, bytesReceived: 500 },
    ],
    7,
  );
  assert.deepEqual(sample, {
    ...{ atMs: 7, packets: 150, lost: -1, bytes: 10_500, freezeMs: 500, rttMs: 30, availableBps: 4e6, width: 720, height: 1280, fps: 30, limitedBy: null },
  });
});

test("a report of a sender: sizes together, limits of the largest that is sent, loss as the other side says", () => {
  const video = { type: "outbound-rtp", kind: "video", packetsSent: 100, bytesSent: 1_000 };
  const sample = sent(
    [
      { ...video, frameWidth: 180, frameHeight: 320, framesPerSecond: 30, qualityLimitationReason: "none" },
      { ...video, frameWidth: 360, frameHeight: 640, framesPerSecond: 29, qualityLimitationReason: "bandwidth" },
      { ...video, active: false, frameWidth: 720, frameHeight: 1280, qualityLimitationReason: "none" },
      { type: "outbound-rtp", kind: "audio", packetsSent: 50, bytesSent: 100 },
      { type: "remote-inbound-rtp", packetsLost: 3, roundTripTime: 0.05 },
    ],
    0,
  );
  assert.deepEqual(
    { ...sample },
    { ...START, packets: 350, bytes: 3_100, lost: 3, rttMs: 50, width: 360, height: 640, fps: 29, limitedBy: "bandwidth" },
  );
});
