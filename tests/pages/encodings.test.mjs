// Sizes that a camera's picture is sent in, and layers that a viewer can choose from.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodingsFor, takesSimulcast, wholePicture } from "../../static/lib/encodings.js";
import { layersOf, linesOf } from "../../static/lib/layers.js";

test("a camera of 720 lines is sent in three sizes, whichever way it stands; a smaller one is sent once", () => {
  for (const size of [{ width: 720, height: 1280 }, { width: 1920, height: 1080 }]) {
    assert.deepEqual(encodingsFor(size).map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]), [["l", 4], ["m", 2], ["h", 1]]);
  }
  for (const size of [{ width: 640, height: 480 }, { width: 1280, height: 719 }, {}]) assert.deepEqual(encodingsFor(size), [{ maxBitrate: 2_500_000 }]);
});

test("what is left when the server takes one picture is the whole one", () => {
  const [left] = wholePicture(encodingsFor({ width: 720, height: 1280 }).slice(0, 1));
  assert.deepEqual(left, { rid: "l", active: true, scaleResolutionDownBy: 1, maxBitrate: 2_500_000 });
  const all = wholePicture(encodingsFor({ width: 720, height: 1280 }));
  assert.deepEqual(all.map(({ active }) => active), [true, false, false], "a browser that keeps them all sends one");
});

test("an answer takes the sizes when it says that it receives them", () => {
  assert.ok(takesSimulcast("v=0\r\na=rid:l recv\r\na=simulcast:recv l;m;h\r\n"));
  assert.ok(!takesSimulcast("v=0\r\na=simulcast:send l;m;h\r\n"));
  assert.ok(!takesSimulcast("v=0\r\nm=video 9\r\n"));
});

test("the layers of the first picture, the best first; what is not sent now is no choice", () => {
  const host = [
    { rid: "l", bitrate: 150_000, width: 180, height: 320 },
    { rid: "h", bitrate: 2_000_000, width: 720, height: 1280 },
    { rid: "m", width: 360, height: 640 },
  ];
  const { mediaId, layers } = layersOf({ 10: [], 2: [{ rid: "x", bitrate: 1 }], 0: host });
  assert.equal(mediaId, "0");
  assert.deepEqual(layers.map(({ rid }) => rid), ["h", "l"]);
  assert.deepEqual(layers.map(linesOf), [720, 180]);
});

test("one encoding and what is no list are no choice", () => {
  for (const data of [{ 0: [{ rid: "h", bitrate: 5 }] }, { 0: [{ spatialLayerId: 0, bitrate: 5 }] }, { 0: "no" }, { 0: [null, 3] }, {}, [], null, "x", 7]) {
    assert.deepEqual(layersOf(data).layers, [], JSON.stringify(data));
  }
});
