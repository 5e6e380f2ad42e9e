// The websocket client against a scripted server: tickets, resuming, commands that survive a cut, close codes, probes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerClock } from "../../static/lib/clock.js";
import { ApiError } from "../../static/lib/errors.js";
import { Socket } from "../../static/lib/socket.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));
const CHAT = "chat:shw_1";
const line = (text) => ({ type: "message", message_id: `msg_${text}`, posted_at_ms: 1, text });

/** The other end: keeps what was sent on each connection and lets the test speak for the server. */
class Rig {
  constructor(ticket = async () => "t".repeat(16)) {
    this.now = 0;
    this.timers = [];
    this.connections = [];
    this.statuses = [];
    this.states = [];
    this.refusals = [];
    this.socket = new Socket({
      url: "ws://here/ws",
      ticket,
      clock: new ServerClock(() => this.now, () => 0),
      onStatus: (status, reason) => this.statuses.push(reason ? `${status}:${reason}` : status),
      open: () => this.#open(),
      random: () => 0.5,
      timers: {
        after: (ms, run) => this.timers.push({ at: this.now + ms, run }),
        cancel: (timer) => (this.timers[timer - 1] = null),
      },
    });
    this.listener = { onState: (state) => this.states.push(state), onRefused: (error) => this.refusals.push(error.name) };
  }

  #open() {
    const connection = { sent: [], readyState: 1, send: (text) => connection.sent.push(JSON.parse(text)), close: () => (connection.readyState = 3) };
    this.connections.push(connection);
    return connection;
  }

  get connection() {
    return this.connections.at(-1);
  }

  /** Runs every timer that is due within the next milliseconds. */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer && timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.now = due.at;
      this.timers[this.timers.indexOf(due)] = null;
      due.run();
      await settle();
    }
    this.now = end;
  }

  say(frame) {
    this.connection.onmessage({ data: JSON.stringify(frame) });
  }

  last(op) {
    return this.connection.sent.filter((frame) => frame.op === op).at(-1);
  }

  async accept() {
    await settle();
    this.connection.onopen();
    this.say({ op: "connected", id: this.last("connect").id, session_id: "s", actor_id: "a", server_ms: 0, ping_ms: 25_000 });
  }

  cut(code) {
    this.connection.readyState = 3;
    this.connection.onclose({ code, reason: "" });
  }

  subscribed(offset, facts) {
    this.say({ op: "subscribed", id: this.last("subscribe").id, channel: CHAT, epoch: "e1", offset, recovered: false, publications: [], snapshot: null, ...facts });
  }
}

/** A rig that stands in the chat at offset 3. */
async function joined() {
  const rig = new Rig();
  rig.socket.subscribe(CHAT, rig.listener);
  rig.socket.start();
  await rig.accept();
  rig.subscribed(3, { snapshot: { entries: [line("a")] } });
  return rig;
}

test("the first frame carries a ticket, then the channels are asked for", async () => {
  const rig = await joined();
  assert.deepEqual(rig.connection.sent.slice(0, 2).map((frame) => frame.op), ["connect", "subscribe"]);
  assert.equal(rig.connection.sent[0].ticket, "t".repeat(16));
  assert.equal(rig.connection.sent[1].position, undefined);
  assert.deepEqual(rig.states.at(-1).entries.map((each) => each.text), ["a"]);
});

test("after a cut the channel resumes from its position with a new ticket", async () => {
  const rig = await joined();
  rig.say({ op: "push", channel: CHAT, epoch: "e1", offset: 4, at_ms: 1, data: line("b") });
  rig.cut(1006);
  await rig.pass(500);
  await rig.accept();
  assert.deepEqual(rig.last("subscribe").position, { epoch: "e1", offset: 4 });
  rig.subscribed(5, { recovered: true, publications: [{ offset: 5, at_ms: 1, data: line("c") }] });
  assert.deepEqual(rig.states.at(-1).entries.map((each) => each.text), ["a", "b", "c"]);
});

test("a hole in the offsets asks for what is missing", async () => {
  const rig = await joined();
  rig.say({ op: "push", channel: CHAT, epoch: "e1", offset: 6, at_ms: 1, data: line("d") });
  assert.deepEqual(rig.last("subscribe").position, { epoch: "e1", offset: 3 });
  assert.equal(rig.states.at(-1).entries.length, 1);
});

test("a gap replaces the state", async () => {
  const rig = await joined();
  rig.say({ op: "gap", channel: CHAT, epoch: "e2", offset: 1, snapshot: { entries: [line("z")] } });
  rig.say({ op: "push", channel: CHAT, epoch: "e2", offset: 2, at_ms: 1, data: line("zz") });
  assert.deepEqual(rig.states.at(-1).entries.map((each) => each.text), ["z", "zz"]);
});

test("a command cut off from its answer is sent again under the same id", async () => {
  const rig = await joined();
  const answer = rig.socket.publish(CHAT, "msg_1", { text: "hi" });
  assert.equal(rig.last("publish").command_id, "msg_1");
  rig.cut(1006);
  await rig.pass(500);
  await rig.accept();
  assert.equal(rig.last("publish"), undefined, "not before the channel is joined again");
  rig.subscribed(3, { recovered: true });
  assert.equal(rig.last("publish").command_id, "msg_1");
  rig.say({ op: "accepted", id: rig.last("publish").id, command_id: "msg_1", epoch: "e1", offset: 4 });
  assert.equal((await answer).offset, 4);
});

test("a command given while there is no connection waits for one", async () => {
  const rig = await joined();
  rig.cut(1006);
  const answer = rig.socket.publish(CHAT, "msg_2", { text: "hi" });
  await rig.pass(500);
  await rig.accept();
  rig.subscribed(3, { recovered: true });
  rig.say({ op: "accepted", id: rig.last("publish").id, command_id: "msg_2", epoch: "e1", offset: 4 });
  assert.equal((await answer).offset, 4);
});

test("a refused command says why", async () => {
  const rig = await joined();
  const answer = rig.socket.publish(CHAT, "msg_3", { text: "hi" });
  rig.say({ op: "error", id: rig.last("publish").id, code: 1006, name: "rate_limited", detail: "", temporary: true, retry_after_ms: 900 });
  await assert.rejects(answer, (error) => error instanceof ApiError && error.name === "rate_limited" && error.retryAfterMs === 900);
});

test("a command without an answer fails after its deadline", async () => {
  const rig = await joined();
  const answer = rig.socket.publish(CHAT, "msg_4", { text: "hi" });
  const rejected = assert.rejects(answer, (error) => error.name === "unavailable");
  await rig.pass(15_000);
  await rejected;
});

test("close codes from 4000 reconnect, from 4500 they do not", async () => {
  for (const [code, expected] of [[4000, "waiting"], [4499, "waiting"], [1006, "waiting"], [4500, "stopped:4500"], [4999, "stopped:4999"]]) {
    const rig = await joined();
    rig.cut(code);
    assert.equal(rig.statuses.at(-1), expected);
  }
});

test("a refusal that names a pause is not followed by a try before that", async () => {
  let tries = 0;
  const rig = new Rig(async () => {
    tries += 1;
    if (tries === 1) throw new ApiError("unavailable", { temporary: true, retryAfterMs: 5_000 });
    return "t".repeat(16);
  });
  rig.socket.start();
  await settle();
  await rig.pass(5_000);
  assert.equal(tries, 1);
  await rig.pass(250); // half of the jitter's first span
  assert.equal(tries, 2);
  await rig.accept();
  rig.connection.readyState = 3;
  rig.connection.onclose({ code: 4005, reason: "unavailable", retryAfterMs: 7_000 });
  await rig.pass(7_000);
  assert.equal(tries, 2);
  await rig.pass(250);
  assert.equal(tries, 3);
});

test("a handshake that nobody answers is given up after ten seconds", async () => {
  const rig = new Rig();
  rig.socket.start();
  await settle();
  await rig.pass(9_900);
  assert.equal(rig.connections.length, 1);
  await rig.pass(1_000);
  assert.equal(rig.connection.readyState, 1);
  assert.equal(rig.connections.length, 2);
});

test("a channel is asked for again after the pause that the server named", async () => {
  const rig = await joined();
  rig.socket.subscribe("stock:shw_1", rig.listener);
  const before = rig.last("subscribe").id;
  rig.say({ op: "error", id: before, code: 1006, name: "rate_limited", detail: "", temporary: true, retry_after_ms: 9_000 });
  await rig.pass(9_000);
  assert.equal(rig.last("subscribe").id, before);
  await rig.pass(500);
  assert.ok(rig.last("subscribe").id > before);
});

test("a server's ping is answered and silence ends the connection", async () => {
  const rig = await joined();
  rig.say({ op: "ping", server_ms: 1 });
  assert.equal(rig.last("pong").op, "pong");
  await rig.pass(49_000);
  assert.equal(rig.statuses.at(-1), "open");
  await rig.pass(1_000);
  assert.equal(rig.statuses.at(-1), "waiting");
});

test("a page that wakes up reconnects when nothing comes back within three seconds", async () => {
  const rig = await joined();
  rig.socket.probe();
  assert.equal(rig.last("ping").op, "ping");
  await rig.pass(3_000);
  assert.equal(rig.connections.length, 2);
});

test("a page that wakes up keeps a connection that answers", async () => {
  const rig = await joined();
  rig.socket.probe();
  rig.say({ op: "pong", id: rig.last("ping").id, t0_ms: rig.now, t1_ms: 5, t2_ms: 5 });
  await rig.pass(3_000);
  assert.equal(rig.connections.length, 1);
});

test("a channel that is refused for the moment is asked for again, one refused for good is not", async () => {
  const rig = await joined();
  rig.socket.subscribe("stock:shw_1", rig.listener);
  const refuse = (name, temporary) => rig.say({ op: "error", id: rig.last("subscribe").id, code: 1, name, detail: "", temporary, retry_after_ms: null });
  refuse("unavailable", true);
  const before = rig.last("subscribe").id;
  await rig.pass(3_000);
  assert.ok(rig.last("subscribe").id > before);
  refuse("forbidden", false);
  assert.deepEqual(rig.refusals, ["forbidden"]);
});

test("without a session there is no further try, without a network there is", async () => {
  for (const [error, expected] of [[new ApiError("not_signed_in"), "stopped:not_signed_in"], [new ApiError("offline", { temporary: true }), "waiting"]]) {
    const rig = new Rig(async () => { throw error; });
    rig.socket.start();
    await settle();
    assert.equal(rig.statuses.at(-1), expected);
  }
});
