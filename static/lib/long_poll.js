// @ts-check
// A stand-in for WebSocket where no websocket gets through: the same frames by POST /api/channels/poll. The server remembers nothing
// between two polls, so the positions are kept here: every request asks for its channels from where the page stands.

/**
 * @import { ClientFrame, ServerFrame, Subscribed } from "../../schemas/generated/messages"
 * @typedef {{ epoch: string, offset: number }} Position
 * @typedef {{ fetch?: typeof fetch, later?: (run: () => void) => void }} Means `later`: runs after the present task
 */

const WAIT_MS = 25_000;
/** An answer that does not come within this time after the server's own wait is lost. */
const PATIENCE_MS = 10_000;

/** What a page would have heard on a websocket: by HTTP status; everything else is worth another try. @type {Record<number, [number, string]>} */
const CLOSED_BY = { 400: [4500, "bad_frames"], 401: [4502, "signed_out"], 403: [4501, "forbidden_origin"], 413: [4503, "too_large"], 415: [4500, "bad_frames"], 422: [4500, "bad_frames"] };
/** Ids of the subscriptions that are ours and not the page's start here. */
const OWN_IDS = 2 ** 52;
const UNAVAILABLE = /** @type {[number, string]} */ ([4005, "unavailable"]);

/** The address of polls for the address of a websocket. @param {string} url */
export const pollUrl = (url) => url.replace(/^ws/, "http").replace(/\/ws$/, "/api/channels/poll");

export class LongPoll {
  /** @type {0 | 1 | 2 | 3} as WebSocket's */ readyState = 0;
  /** @type {((event: any) => void) | null} */ onopen = null;
  /** @type {((event: { data: string }) => void) | null} */ onmessage = null;
  /** @type {((event: { code: number, reason: string, retryAfterMs?: number }) => void) | null} */ onclose = null;
  /** Where the page stands in each channel that it has. @type {Map<string, Position>} */ #positions = new Map();
  /** Frames of this task, which leave together. @type {ClientFrame[]} */ #leaving = [];
  /** The hanging poll. @type {AbortController | null} */ #hanging = null;
  /** Channels by the ids under which they were asked for again. @type {Map<number, string>} */ #asked = new Map();
  #lastId = OWN_IDS;
  #connectId = 0;
  /** Requests under way that change what the hanging poll has to ask for. */
  #changing = 0;
  #abort = new AbortController();
  #url;
  #fetch;
  #later;

  /** @param {string} url of the polls @param {Means} [means] */
  constructor(url, means = {}) {
    this.#url = url;
    this.#fetch = means.fetch ?? ((input, init) => fetch(input, init));
    this.#later = means.later ?? ((run) => queueMicrotask(run));
    this.#later(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.({});
    });
  }

  /** A frame leaves at once, together with others of the same task, while a poll may be hanging. @param {string} text */
  send(text) {
    const frame = /** @type {ClientFrame} */ (JSON.parse(text));
    if (frame.op === "pong") return;
    if (frame.op === "connect") this.#connectId = frame.id; // the cookie says who it is
    if (frame.op === "unsubscribe") this.#positions.delete(frame.channel);
    if (!this.#leaving.length) this.#later(() => this.#flush());
    this.#leaving.push(frame);
  }

  close(code = 1000, reason = "") {
    this.#end(code, reason);
  }

  /** Whether the connection is open, as one that has gone may be asked by answers that come late. */
  get #open() {
    return this.readyState === 1;
  }

  async #flush() {
    const frames = this.#leaving.splice(0);
    // Whoever changes what the page listens to ends the poll that does not know of it.
    const changes = frames.some(({ op }) => op === "connect" || op === "subscribe" || op === "unsubscribe");
    this.#changing += Number(changes);
    // A command needs its channel, so that one comes along at its position.
    const channels = new Set(frames.flatMap((frame) => (frame.op === "publish" ? [frame.channel] : [])));
    const rest = frames.filter(({ op }) => op !== "connect" && op !== "unsubscribe");
    const sent = rest.length === 0 && !this.#connectId ? true : await this.#ask([...this.#again(channels), ...rest], 0, this.#abort);
    this.#changing -= Number(changes);
    for (const frame of frames) if (frame.op === "unsubscribe") this.#tell({ op: "unsubscribed", channel: frame.channel, id: frame.id, reason: null });
    if (sent && changes && !this.#changing) this.#hang();
  }

  /** One poll after the other, from wherever the page stands. */
  async #hang() {
    this.#hanging?.abort();
    const own = (this.#hanging = new AbortController());
    while (this.#open && this.#hanging === own) {
      if (!(await this.#ask(this.#again(new Set(this.#positions.keys())), WAIT_MS, own))) return;
    }
  }

  /** @param {Set<string>} channels @returns {ClientFrame[]} */
  #again(channels) {
    return [...channels].flatMap((channel) => {
      const position = this.#positions.get(channel);
      if (!position) return [];
      const id = (this.#lastId += 1);
      this.#asked.set(id, channel);
      return [{ op: "subscribe", id, channel, position }];
    });
  }

  /** Whether the answer has come and was taken. @param {ClientFrame[]} frames @param {number} waitMs @param {AbortController} own */
  async #ask(frames, waitMs, own) {
    const late = setTimeout(() => own.abort(), waitMs + PATIENCE_MS);
    try {
      const body = JSON.stringify({ frames, wait_ms: waitMs });
      const headers = { "content-type": "application/json" };
      const response = await this.#fetch(this.#url, { method: "POST", credentials: "same-origin", cache: "no-store", headers, body, signal: own.signal });
      if (!this.#open) return false;
      if (!response.ok) return this.#refused(response);
      const answers = /** @type {ServerFrame[]} */ (await response.json());
      for (const frame of answers) if (this.#open) this.#take(frame);
      return true;
    } catch {
      // Aborted because another poll has taken its place, or no answer at all.
      if (own === this.#abort || own === this.#hanging) this.#end(...UNAVAILABLE);
      return false;
    } finally {
      clearTimeout(late);
      for (const frame of frames) if (frame.op === "subscribe") this.#asked.delete(frame.id);
    }
  }

  /** @param {Response} response */
  #refused(response) {
    const seconds = Number(response.headers.get("retry-after") ?? NaN);
    this.#end(...(CLOSED_BY[response.status] ?? UNAVAILABLE), Number.isFinite(seconds) ? seconds * 1000 : undefined);
    return false;
  }

  /** Hands on what is new to the page, as it would have come on a websocket. @param {ServerFrame} frame */
  #take(frame) {
    switch (frame.op) {
      case "connected": return this.#connected(frame);
      case "subscribed": return this.#subscribed(frame);
      case "push": return this.#push(frame);
      case "gap": return this.#gap(frame);
      case "error": return this.#failed(frame);
      case "unsubscribed": this.#positions.delete(frame.channel); return this.#tell(frame);
      default: return this.#tell(frame);
    }
  }

  /** Each answer begins with it: the first one is the answer to `connect`, the others are signs of life. @param {Extract<ServerFrame, { op: "connected" }>} frame */
  #connected(frame) {
    if (!this.#connectId) return this.#tell({ op: "ping", server_ms: frame.server_ms });
    this.#tell({ ...frame, id: this.#connectId });
    this.#connectId = 0;
  }

  /** @param {Subscribed} frame */
  #subscribed(frame) {
    const known = this.#positions.get(frame.channel);
    if (frame.id < OWN_IDS) {
      this.#positions.set(frame.channel, { epoch: frame.epoch, offset: frame.offset });
      return this.#tell(frame);
    }
    if (!known) return; // left in the meantime
    const { channel, epoch, offset } = frame;
    if (!frame.recovered) {
      // An answer that was overtaken tells nothing new.
      if (epoch === known.epoch && offset <= known.offset) return;
      return this.#gap({ op: "gap", channel, epoch, offset, snapshot: frame.snapshot });
    }
    for (const each of frame.publications) this.#push({ op: "push", channel, epoch, ...each });
  }

  /** @param {Extract<ServerFrame, { op: "push" }>} frame */
  #push(frame) {
    const known = this.#positions.get(frame.channel);
    if (!known || (frame.epoch === known.epoch && frame.offset <= known.offset)) return;
    this.#positions.set(frame.channel, { epoch: frame.epoch, offset: frame.offset });
    this.#tell(frame);
  }

  /** @param {Extract<ServerFrame, { op: "gap" }>} frame */
  #gap(frame) {
    this.#positions.set(frame.channel, { epoch: frame.epoch, offset: frame.offset });
    this.#tell(frame);
  }

  /** A channel that the page had is not given to it any more: for the moment, or for good. @param {Extract<ServerFrame, { op: "error" }>} frame */
  #failed(frame) {
    const channel = frame.id === null ? undefined : this.#asked.get(frame.id);
    if (channel === undefined) return this.#tell(frame);
    if (frame.temporary) return this.#end(...UNAVAILABLE, frame.retry_after_ms ?? undefined);
    if (this.#positions.delete(channel)) this.#tell({ op: "unsubscribed", channel, id: null, reason: frame.name });
  }

  /** @param {ServerFrame} frame */
  #tell(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** @param {number} code @param {string} reason @param {number} [retryAfterMs] */
  #end(code, reason, retryAfterMs) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#abort.abort();
    this.#hanging?.abort();
    this.onclose?.({ code, reason, retryAfterMs });
  }
}
