// @ts-check
// One websocket for the whole page. Keeps it alive: a single-use ticket in the first frame, full-jitter reconnects, pongs, clock
// samples, and a probe when the page wakes up. What travels on it is in channels.js.

import { fullJitterMs } from "./backoff.js";
import { Channels } from "./channels.js";
import { ApiError } from "./errors.js";
import { Opener } from "./opener.js";

/**
 * @import { Listener } from "./channels.js"
 * @import { ServerClock } from "./clock.js"
 * @import { Accepted, ClientFrame, ServerFrame } from "../../schemas/generated/messages"
 * @typedef {"connecting" | "open" | "waiting" | "stopped"} Status `waiting`: for the next try; `stopped`: there will be none
 * @typedef {Pick<WebSocket, "readyState" | "send" | "close"> & { onopen: any, onmessage: any, onclose: any }} Connection
 * @typedef {{ after: (ms: number, run: () => void) => number, cancel: (timer: number) => void }} Timers
 */

/** A page that woke up trusts its connection only if something comes back within this time. */
const PROBE_MS = 3_000;
/** A handshake that is not answered by then is in the hands of a proxy that does not know websockets. */
const CONNECT_MS = 10_000;
/** Quick clock samples at the start, then a slow beat; tuned to learn the offset before the first countdown is looked at. */
const SAMPLES_AT_START = 5;
const SAMPLE_QUICK_MS = 250;
const SAMPLE_SLOW_MS = 45_000;
/** After this long a person has given up on a chat line, and a late success would surprise. */
const COMMAND_DEADLINE_MS = 15_000;

/** Pause before a channel that was refused for the moment is asked for again, unless the server named another. */
const AGAIN_MS = 2_000;
/** The server's wish to be left alone is obeyed up to here. */
const RETRY_AFTER_MAX_MS = 60_000;

/** @type {Timers} */
const realTimers = { after: (ms, run) => Number(setTimeout(run, ms)), cancel: (timer) => clearTimeout(timer) };

export class Socket {
  #channels = new Channels();
  /** @type {Connection | null} */ #socket = null;
  /** @type {Status} */ #status = "stopped";
  #attempt = 0;
  #silenceMs = CONNECT_MS;
  /** Grows with every connection, so that an answer meant for an older one is recognised. */
  #generation = 0;
  /** @type {Map<string, number>} */ #timers = new Map();
  #config;

  /**
   * @param {{ url: string, ticket: () => Promise<string>, clock: ServerClock, onStatus: (status: Status, reason: string | null) => void,
   *   open?: (url: string) => Connection, random?: () => number, timers?: Timers }} config
   */
  constructor(config) {
    const opener = new Opener();
    this.#config = { open: (/** @type {string} */ url) => opener.open(url), random: Math.random, timers: realTimers, ...config };
  }

  start() {
    if (this.#status === "stopped") this.#connect();
  }

  /** Goodbye, or `start` again with another person's session. */
  stop() {
    this.#drop();
    this.#become("stopped", null);
  }

  /** A new connection with a new ticket, for example after the person has changed. Channels resume where they stand. */
  reconnect() {
    this.#attempt = 0;
    this.#connect();
  }

  /** The page has woken up or the network is back: prove the connection, or make a new one. */
  probe() {
    if (this.#status === "waiting") return this.reconnect();
    if (this.#status !== "open") return;
    this.#config.clock.reset();
    this.#sendPing();
    this.#after("silence", PROBE_MS, () => this.reconnect());
  }

  /** @param {string} channel @param {Listener} listener */
  subscribe(channel, listener) {
    const frames = this.#channels.subscribe(channel, listener);
    if (this.#status === "open") this.#send(frames);
    return () => this.#send(this.#channels.unsubscribe(channel));
  }

  /**
   * Sends a command until it is answered; the id makes repeats harmless.
   * @param {string} channel @param {string} commandId @param {unknown} data @returns {Promise<Accepted>} rejects with an ApiError
   */
  publish(channel, commandId, data) {
    const deadline = this.#config.clock.monotonicMs() + COMMAND_DEADLINE_MS;
    return new Promise((resolve, reject) => {
      const frames = this.#channels.publish({ channel, commandId, data, deadline, sent: false, resolve, reject });
      this.#send(frames);
      this.#config.timers.after(COMMAND_DEADLINE_MS, () => this.#channels.expire(this.#config.clock.monotonicMs()));
    });
  }

  async #connect() {
    this.#drop();
    this.#become("connecting", null);
    const generation = this.#generation;
    try {
      const ticket = await this.#config.ticket();
      if (generation === this.#generation) this.#open(ticket);
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof ApiError && !error.temporary) this.#become("stopped", error.name);
      else this.#retryLater(error instanceof ApiError ? error.retryAfterMs : null);
    }
  }

  /** @param {string} ticket */
  #open(ticket) {
    const socket = this.#config.open(this.#config.url);
    this.#socket = socket;
    socket.onopen = () => this.#send([{ op: "connect", id: this.#channels.nextId(), ticket }]);
    socket.onmessage = (/** @type {{ data: string }} */ event) => this.#socket === socket && this.#receive(JSON.parse(event.data));
    socket.onclose = (/** @type {{ code: number, reason: string, retryAfterMs?: number }} */ event) =>
      this.#socket === socket && this.#closed(event.code, event.reason, event.retryAfterMs ?? null);
    this.#silenceMs = CONNECT_MS;
    this.#heard();
  }

  /** @param {ServerFrame} frame */
  #receive(frame) {
    const now = this.#config.clock.monotonicMs();
    this.#heard();
    if (frame.op === "connected") return this.#connected(frame.ping_ms);
    if (frame.op === "ping") return this.#send([{ op: "pong" }]);
    if (frame.op === "pong") return this.#config.clock.sample(frame.t0_ms, frame.t1_ms, frame.t2_ms, now);
    this.#send(this.#channels.receive(frame));
    if (this.#channels.waiting && !this.#timers.has("again")) {
      const pauseMs = Math.min(this.#channels.retryAfterMs ?? AGAIN_MS, RETRY_AFTER_MAX_MS);
      this.#after("again", pauseMs + fullJitterMs(0, this.#config.random), () => this.#send(this.#channels.again()));
    }
  }

  /** @param {number} pingMs */
  #connected(pingMs) {
    this.#attempt = 0;
    this.#silenceMs = 2 * pingMs;
    this.#become("open", null);
    this.#send(this.#channels.resume());
    this.#sample(SAMPLES_AT_START);
  }

  /** 4000–4499 and everything that only broke: again. 4500–4999: the server does not want us. @param {number} code @param {string} reason
   * @param {number | null} [retryAfterMs] */
  #closed(code, reason, retryAfterMs = null) {
    this.#drop();
    if (code >= 4500 && code <= 4999) this.#become("stopped", reason || String(code));
    else this.#retryLater(retryAfterMs);
  }

  /** @param {number | null} retryAfterMs not before; the jitter comes on top, or all who were refused together come back together */
  #retryLater(retryAfterMs) {
    this.#drop();
    this.#become("waiting", null);
    const pauseMs = Math.min(retryAfterMs ?? 0, RETRY_AFTER_MAX_MS) + fullJitterMs(this.#attempt, this.#config.random);
    this.#after("retry", pauseMs, () => this.#connect());
    this.#attempt += 1;
  }

  /** Silence for twice the server's ping interval means that the connection is dead, whatever the device says. */
  #heard() {
    this.#after("silence", this.#silenceMs, () => this.#closed(4002, "no_pong"));
  }

  /** @param {number} left quick samples still to take */
  #sample(left) {
    this.#sendPing();
    this.#after("sample", left > 1 ? SAMPLE_QUICK_MS : SAMPLE_SLOW_MS, () => this.#sample(left - 1));
  }

  #sendPing() {
    this.#send([{ op: "ping", id: this.#channels.nextId(), t0_ms: this.#config.clock.monotonicMs() }]);
  }

  /** @param {ClientFrame[]} frames */
  #send(frames) {
    if (this.#socket?.readyState !== 1) return;
    for (const frame of frames) this.#socket.send(JSON.stringify(frame));
  }

  #drop() {
    this.#generation += 1;
    for (const name of [...this.#timers.keys()]) this.#cancel(name);
    const socket = this.#socket;
    this.#socket = null;
    this.#channels.lost();
    socket?.close(1000);
  }

  /** @param {Status} status @param {string | null} reason */
  #become(status, reason) {
    if (status === this.#status) return;
    this.#status = status;
    this.#config.onStatus(status, reason);
  }

  /** @param {string} name @param {number} ms @param {() => void} run */
  #after(name, ms, run) {
    this.#cancel(name);
    const timer = this.#config.timers.after(ms, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, timer);
  }

  /** @param {string} name */
  #cancel(name) {
    const timer = this.#timers.get(name);
    if (timer !== undefined) this.#config.timers.cancel(timer);
    this.#timers.delete(name);
  }
}
