// The stand-in for a websocket against a server that keeps a log per channel and answers polls from it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerClock } from "../../static/lib/clock.js";
import { LongPoll, pollUrl } from "../../static/lib/long_poll.js";
import { Opener } from "../../static/lib/opener.js";
import { Socket } from "../../static/lib/socket.js";

const CHAT = "chat:shw_1";
const line = (text) => ({ type: "message", message_id: `msg_${text}`, posted_at_ms: 1, text });
const settle = async () => {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Answers as server/channels/long_poll.py does; hanging polls are let go with `release`. */
class Server {
  constructor() {
    this.log = [];
    this.epoch = "e1";
    this.kept = 100; // how far back it can tell
    this.requests = [];
    this.hanging = [];
    this.status = 200;
    this.retryAfter = null;
  }

  fetch = async (url, { body, signal }) => {
    const { frames, wait_ms: waitMs } = JSON.parse(body);
    this.requests.push({ url, frames, waitMs });
    const answers = this.#answer(frames);
    const quiet = answers.every((each) => each.op === "subscribed" && each.recovered && !each.publications.length);
    if (waitMs && quiet && this.status === 200) {
      await new Promise((resolve, reject) => {
        this.hanging.push(resolve);
        signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
      answers.splice(0, answers.length, ...this.#answer(frames));
    }
    const connected = { op: "connected", id: 1, session_id: "s", actor_id: "a", server_ms: 5, ping_ms: 25_000 };
    const headers = new Headers(this.retryAfter === null ? {} : { "retry-after": this.retryAfter });
    return new Response(JSON.stringify([connected, ...answers]), { status: this.status, headers });
  };

  /** A line for everybody; hanging polls hear of it. */
  publish(text) {
    this.log.push(text);
    this.release();
    return settle();
  }

  release() {
    for (const resolve of this.hanging.splice(0)) resolve();
    return settle();
  }

  #answer(frames) {
    return frames.map((frame) => {
      if (frame.op === "ping") return { op: "pong", id: frame.id, t0_ms: frame.t0_ms, t1_ms: 7, t2_ms: 7 };
      if (frame.op === "publish") {
        if (!this.log.includes(frame.data.text)) this.log.push(frame.data.text);
        return { op: "accepted", id: frame.id, command_id: frame.command_id, epoch: this.epoch, offset: this.log.length, echo: null };
      }
      if (this.refusing) return { op: "error", id: frame.id, code: 1, detail: "", retry_after_ms: null, ...this.refusing };
      const offset = this.log.length;
      const position = frame.position?.epoch === this.epoch && offset - frame.position.offset <= this.kept ? frame.position : null;
      const publications = position ? this.log.slice(position.offset).map((text, i) => ({ offset: position.offset + i + 1, at_ms: 1, data: line(text) })) : [];
      const snapshot = position ? null : { entries: this.log.map(line) };
      return { op: "subscribed", id: frame.id, channel: frame.channel, epoch: this.epoch, offset, recovered: position !== null, publications, snapshot };
    });
  }
}

/** A page over polls that stands in the chat. */
async function joined(server = new Server()) {
  const page = { server, states: [], statuses: [], refusals: [], timers: [], polls: [] };
  page.socket = new Socket({
    url: "ws://here/ws",
    ticket: async () => "t".repeat(16),
    clock: new ServerClock(() => 0, () => 0),
    onStatus: (status, reason) => page.statuses.push(reason ? `${status}:${reason}` : status),
    open: (url) => {
      page.polls.push(new LongPoll(pollUrl(url), { fetch: server.fetch }));
      return page.polls.at(-1);
    },
    random: () => 0.5,
    timers: { after: (ms, run) => page.timers.push({ ms, run }), cancel: (timer) => (page.timers[timer - 1] = null) },
  });
  page.socket.subscribe(CHAT, { onState: (state) => page.states.push(state), onRefused: (error) => page.refusals.push(error.name) });
  page.socket.start();
  await settle();
  page.texts = () => page.states.at(-1).entries.map((each) => each.text);
  return page;
}

const stop = (page) => page.socket.stop();

test("polls are at the address of the websocket's host", () => {
  assert.equal(pollUrl("wss://shop.example/ws"), "https://shop.example/api/channels/poll");
});

test("the page gets its snapshot, then pushes, each once, with one poll hanging", async () => {
  const server = new Server();
  server.log.push("a");
  const page = await joined(server);
  assert.deepEqual(page.statuses, ["connecting", "open"]);
  assert.deepEqual(page.texts(), ["a"]);
  await server.publish("b");
  await server.publish("c");
  assert.deepEqual(page.texts(), ["a", "b", "c"]);
  assert.equal(server.hanging.length, 1);
  const last = server.requests.at(-1);
  assert.deepEqual(last.frames.map((frame) => [frame.op, frame.position]), [["subscribe", { epoch: "e1", offset: 3 }]]);
  stop(page);
});

test("a command leaves at once beside the hanging poll, and its echo by both ways counts once", async () => {
  const page = await joined();
  const answer = page.socket.publish(CHAT, "msg_1", { text: "hi" });
  await settle();
  assert.equal((await answer).offset, 1);
  assert.equal(page.server.hanging.length, 1, "the poll still hangs");
  assert.equal(page.server.requests.at(-1).waitMs, 0);
  await page.server.publish("there");
  assert.deepEqual(page.texts(), ["hi", "there"]);
  assert.equal(page.states.length, 3);
  stop(page);
});

test("what comes with two answers is handed on once, in order", async () => {
  const server = new Server();
  const heard = [];
  const poll = new LongPoll("/api/channels/poll", { fetch: server.fetch });
  poll.onmessage = ({ data }) => heard.push(JSON.parse(data));
  await settle();
  for (const frame of [{ op: "connect", id: 1 }, { op: "subscribe", id: 2, channel: CHAT }]) {
    poll.send(JSON.stringify(frame));
    await settle();
  }
  server.log.push("of somebody else"); // comes with the command's answer, and again with that of the poll that hangs since before
  poll.send(JSON.stringify({ op: "publish", id: 3, channel: CHAT, command_id: "msg_1", data: { text: "ours" } }));
  await settle();
  await server.release();
  const pushes = heard.filter(({ op }) => op === "push").map(({ offset, data }) => [offset, data.text]);
  assert.deepEqual(pushes, [[1, "of somebody else"], [2, "ours"]]);
  poll.close();
});

test("what the server cannot tell any more comes as a gap", async () => {
  const page = await joined();
  page.server.kept = 1;
  page.server.log.push("a", "b");
  await page.server.publish("c");
  assert.deepEqual(page.texts(), ["a", "b", "c"]);
  page.server.epoch = "e2";
  page.server.log = ["z"];
  await page.server.release();
  assert.deepEqual(page.texts(), ["z"]);
  stop(page);
});

test("a channel taken up later is asked for by the next hanging poll, one that was left is not", async () => {
  const page = await joined();
  const leave = page.socket.subscribe("stock:shw_1", { onState: () => {}, onRefused: () => {} });
  await settle();
  const channels = () => page.server.requests.at(-1).frames.map((frame) => frame.channel);
  assert.deepEqual(channels(), [CHAT, "stock:shw_1"]);
  leave();
  await settle();
  assert.deepEqual(channels(), [CHAT]);
  assert.equal(page.server.requests.at(-1).waitMs, 25_000);
  stop(page);
});

test("a channel that is taken away is told with its reason", async () => {
  const page = await joined();
  page.server.refusing = { name: "blocked", temporary: false };
  await page.server.release();
  assert.deepEqual(page.refusals, ["blocked"]);
  stop(page);
});

test("without an answer the page waits and comes back, signed out it does not", async () => {
  for (const [status, expected] of [[503, "waiting"], [429, "waiting"], [401, "stopped:signed_out"], [403, "stopped:forbidden_origin"]]) {
    const page = await joined();
    page.server.status = status;
    page.server.retryAfter = "9";
    await page.server.release();
    assert.equal(page.statuses.at(-1), expected);
    if (expected === "waiting") assert.ok(page.timers.filter(Boolean).some((timer) => timer.ms === 9_250));
    stop(page);
  }
});

test("a page that is closed asks for nothing more", async () => {
  const page = await joined();
  stop(page);
  await settle();
  const count = page.server.requests.length;
  await page.server.publish("late");
  assert.equal(page.server.requests.length, count);
});

test("signs of life keep the connection, and the clock is sampled through polls", async () => {
  const page = await joined();
  assert.ok(page.server.requests.some(({ frames }) => frames.some((frame) => frame.op === "ping")));
  const before = page.timers.length;
  await page.server.release();
  assert.ok(page.timers.length > before, "the timer of silence starts anew");
  stop(page);
});

class Wire extends EventTarget {
  fire(name) {
    this.dispatchEvent(new Event(name));
  }
}

test("two websockets that never opened are followed by polls, and polls by a websocket again", () => {
  const opener = new Opener(() => new Wire(), () => "polls");
  const fail = () => opener.open("ws://here/ws").fire("close");
  fail();
  fail();
  assert.equal(opener.open("ws://here/ws"), "polls");
  const again = opener.open("ws://here/ws");
  assert.ok(again instanceof Wire);
  again.fire("close");
  assert.equal(opener.open("ws://here/ws"), "polls");
});

test("a page that has had a websocket waits for one: the server was away, not blocked", () => {
  const opener = new Opener(() => new Wire(), () => "polls");
  const first = opener.open("ws://here/ws");
  first.fire("open");
  first.fire("close");
  for (let i = 0; i < 5; i += 1) {
    const next = opener.open("ws://here/ws");
    assert.ok(next instanceof Wire);
    next.fire("close");
  }
});
