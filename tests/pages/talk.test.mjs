// What one person has of a chat: their held messages, and what keeps them from writing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "../../static/node_modules/@preact/signals-core/dist/signals-core.mjs";
import { ApiError } from "../../static/lib/errors.js";
import { clock } from "../../static/lib/store.js";
import { Talk, restraintOf } from "../../static/lib/talk.js";

const RULES = { version: 1, pinned: null, slow_mode_s: 0, followers_only: false, approve_first: false };
const message = (id, text) => ({ type: "message", message_id: id, author_id: "gst_1", author_name: "Vera", author_role: "viewer", text, posted_at_ms: 5, reply: null, mentions: [], removed: false });

/** A talk over channels that the test moves by hand; `answer` is what the server says to the next message. */
function talkWith(rules, answer = () => ({ echo: null })) {
  const states = { chat: signal({ entries: [] }), chat_room: signal({ ...RULES, ...rules }) };
  const sent = [];
  const live = {
    me: signal({ actor_id: "gst_1" }),
    channel: (name) => ({ state: states[name.split(":")[0]], refused: signal(null), leave: () => undefined }),
    publish: async (channel, commandId, data) => (sent.push(data), answer(commandId, data)),
  };
  return { talk: new Talk("shw_1", live), states, sent };
}

test("a message says what it answers and whom it speaks to", async () => {
  const { talk, sent } = talkWith({});
  talk.replyTo.value = message("msg_0", "before");
  await talk.say("hi @Max", [{ actor_id: "gst_2", name: "Max" }, { actor_id: "gst_3", name: "Ann" }]);
  assert.deepEqual(sent, [{ text: "hi @Max", reply_to: "msg_0", mentions: ["gst_2"] }]);
  assert.equal(talk.replyTo.value, null);
});

test("where everything is approved first, one's own message is there and marked, until everybody sees it", async () => {
  const { talk, states } = talkWith({ approve_first: true }, (id, { text }) => ({ echo: { ...message(id, text), waiting: true } }));
  await talk.say("wait", []);
  const [{ message_id: id }] = talk.messages.value;
  assert.equal(talk.held.value.has(id), true);
  states.chat.value = { entries: [message(id, "wait")] };
  assert.equal(talk.messages.value.length, 1);
  assert.equal(talk.held.value.has(id), false);
  assert.deepEqual(talk.echoes.value, []);
});

test("elsewhere an echo looks like any message", async () => {
  const { talk } = talkWith({}, (id, { text }) => ({ echo: message(id, text) }));
  await talk.say("shadow", []);
  assert.equal(talk.messages.value[0].text, "shadow");
  assert.equal(talk.held.value.size, 0);
});

test("after a message in slow mode there is a wait, which ends with the rule", async () => {
  const { talk, states } = talkWith({ slow_mode_s: 30 });
  await talk.say("one", []);
  const { why, untilMs } = talk.restraint.value;
  assert.equal(why, "slow_mode");
  assert.ok(Math.abs(untilMs - clock.serverNowMs() - 30_000) < 1_000);
  states.chat_room.value = { ...RULES, version: 2 };
  assert.equal(talk.restraint.value, null);
});

test("slow mode is not for moderators", async () => {
  const { talk } = talkWith({ slow_mode_s: 30 });
  talk.standing.value = { may_moderate: true, sanction: null, until_ms: null };
  await talk.say("one", []);
  assert.equal(talk.restraint.value, null);
});

test("a refused message is not lost, and what restrains the next one is remembered", async () => {
  const { talk } = talkWith({}, () => { throw new ApiError("muted", { retryAfterMs: 60_000 }); });
  talk.replyTo.value = message("msg_0", "before");
  await assert.rejects(talk.say("one", []), { name: "muted" });
  assert.equal(talk.restraint.value.why, "muted");
  assert.equal(talk.replyTo.value.message_id, "msg_0");
  talk.waited();
  assert.equal(talk.restraint.value, null);
});

test("what is answered may go: a removed one is forgotten, and an old one costs the answer, not the message", async () => {
  const { talk, states, sent } = talkWith({}, (id, { reply_to }) => {
    if (reply_to) throw new ApiError("invalid_field");
    return { echo: null };
  });
  talk.replyTo.value = message("msg_0", "before");
  await talk.say("one", []);
  assert.deepEqual(sent.map(({ reply_to }) => reply_to), ["msg_0", null]);
  talk.replyTo.value = message("msg_1", "bad");
  states.chat.value = { entries: [{ type: "removal", message_ids: ["msg_1"], at_ms: 9 }] };
  assert.equal(talk.replyTo.value, null);
});

test("a refusal of this message says nothing about the next", () => {
  assert.equal(restraintOf(new ApiError("repeated"), 0), null);
  assert.deepEqual(restraintOf(new ApiError("slow_mode", { retryAfterMs: 5_000 }), 1_000), { why: "slow_mode", untilMs: 6_000 });
});

test("where only followers write, others are told before they try, and may once they follow", () => {
  const { talk } = talkWith({ followers_only: true });
  assert.equal(talk.restraint.value, null, "not known yet");
  talk.following.value = false;
  assert.equal(talk.restraint.value.why, "followers_only");
  talk.following.value = true;
  assert.equal(talk.restraint.value, null);
});

test("somebody who may only read is told so from the start, until the mute is over", () => {
  const { talk } = talkWith({});
  talk.standing.value = { may_moderate: false, sanction: "mute", until_ms: clock.serverNowMs() + 60_000 };
  assert.equal(talk.restraint.value.why, "muted");
  talk.waited();
  assert.equal(talk.restraint.value, null);
  talk.standing.value = { may_moderate: false, sanction: "block", until_ms: null };
  assert.equal(talk.restraint.value.why, "blocked");
});
