// What a player does when its path is gone or the server would not have it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, problemError } from "../../static/lib/errors.js";
import { afterLoss, afterRefusal } from "../../static/lib/reconnect.js";

const NOW = { everPlayed: true, attempt: 0, restarted: false, canRestart: true };
const most = () => 0.999999;
const none = () => 0;

test("a lost path is first looked for anew, then the session is", () => {
  assert.deepEqual(afterLoss(NOW, most), { step: "restart", afterMs: 0, status: "reconnecting" });
  assert.equal(afterLoss({ ...NOW, restarted: true }, none).step, "connect");
  assert.equal(afterLoss({ ...NOW, canRestart: false }, none).step, "connect");
});

test("before the first picture nothing is lost yet, so the player still connects", () => {
  assert.equal(afterLoss({ ...NOW, everPlayed: false }, none).status, "connecting");
  assert.equal(afterLoss({ ...NOW, everPlayed: false, canRestart: false }, none).status, "connecting");
});

test("each session that came to nothing doubles the longest pause, up to twenty seconds", () => {
  const pauses = [0, 1, 2, 3, 10, 50].map((attempt) => afterLoss({ ...NOW, attempt, restarted: true }, most).afterMs);
  assert.deepEqual(pauses, [499, 999, 1_999, 3_999, 19_999, 19_999]);
});

test("a show that has no picture yet is waited for; one that had shows that the host is away", () => {
  const inactive = new ApiError("stream_inactive", { status: 409, retryAfterMs: 2_000 });
  assert.deepEqual(afterRefusal(inactive, { ...NOW, everPlayed: false }, none), { step: "connect", afterMs: 2_000, status: "waiting" });
  assert.deepEqual(afterRefusal(inactive, NOW, none), { step: "connect", afterMs: 2_000, status: "away" });
});

test("Retry-After is the least pause, with jitter on top, and is not obeyed for ever", () => {
  const draining = problemError(503, { type: "/problems#draining" }, "3");
  assert.equal(afterRefusal(draining, NOW, most).afterMs, 3_499);
  assert.equal(afterRefusal(problemError(503, {}, "86400"), NOW, none).afterMs, 15_000);
});

test("what a viewer cannot mend by waiting is said at once", () => {
  for (const [status, name] of [[401, "not_signed_in"], [403, "forbidden"], [422, "invalid_field"], [404, "not_found"]]) {
    const next = afterRefusal(new ApiError(name, { status }), { ...NOW, everPlayed: false }, none);
    assert.deepEqual(next, { step: "stop", afterMs: 0, status: "failed" }, name);
  }
});

test("a session that a server forgot is made anew, and a show that is over is not", () => {
  assert.equal(afterRefusal(new ApiError("not_found", { status: 404 }), NOW, none).step, "connect");
  assert.deepEqual(afterRefusal(new ApiError("show_ended", { status: 409 }), NOW, none), { step: "stop", afterMs: 0, status: "ended" });
});

test("a second session in a row without a path, at a server that answers, is a network that lets no media through", () => {
  const lost = { ...NOW, restarted: true };
  assert.equal(afterLoss({ ...lost, attempt: 0 }, none).status, "reconnecting");
  assert.equal(afterLoss({ ...lost, attempt: 1 }, none).status, "blocked");
  assert.equal(afterLoss({ ...lost, attempt: 1 }, none).step, "connect", "it keeps trying");
  assert.equal(afterLoss({ ...lost, attempt: 5, canRestart: false }, none).status, "reconnecting", "nobody has answered at all");
});
