// @ts-check
// Watches a stream over WHEP and keeps at it: waits while nothing is broadcast, reconnects when the network or a node goes away.

import { fullJitterMs } from "./backoff.js";
import { asApiError } from "./errors.js";
import { leave, negotiate } from "./signalling.js";

/**
 * @import { ApiError } from "./errors.js"
 * @typedef {"connecting" | "playing" | "waiting" | "reconnecting" | "failed" | "stopped"} WhepStatus `waiting`: nothing is broadcast yet
 * @typedef {{ url: string, token?: string | null, places?: number, onStream: (stream: MediaStream) => void,
 *   onPlace?: (place: number, stream: MediaStream) => void, onStatus: (status: WhepStatus, error: ApiError | null) => void }} Config
 *   `places`: how many people can be seen; place 0 is the host's and comes by `onStream`, the others' by `onPlace`
 */

/** ICE usually mends a short cut by itself within a few seconds; after this a new session is quicker. */
const DISCONNECTED_MS = 4_000;
/** A first try that has no packets by then is on a dead path (UDP blocked, node gone). */
const CONNECT_MS = 10_000;
/** How often the flow of bytes is looked at, and how long it may stand still while the host is sending. */
const WATCH_MS = 1_000;
const STALL_MS = 5_000;
/** The server's Retry-After is obeyed up to here; a viewer does not wait longer for a show that just started. */
const RETRY_AFTER_MAX_MS = 15_000;

export class Whep {
  #config;
  /** @type {RTCPeerConnection | null} */ #peer = null;
  /** @type {string | null} */ #session = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #watch;
  #attempt = 0;
  #everPlayed = false;
  #expected = true;
  #stopped = true;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
  }

  start() {
    this.#stopped = false;
    this.#attempt = 0;
    this.#connect();
  }

  /** Leaves at once and tells the server. */
  stop() {
    this.#stopped = true;
    this.#drop();
    this.#config.onStatus("stopped", null);
  }

  /** Whether the host's packets arrive at the server: silence is only a fault while they do. @param {boolean} onAir */
  expect(onAir) {
    const returned = onAir && !this.#expected;
    this.#expected = onAir;
    if (returned && !this.#stopped && !this.#peer) this.retryNow();
  }

  /** The network is back or the host has returned: no reason to wait out the pause. */
  retryNow() {
    if (this.#stopped || (this.#peer && this.#peer.connectionState === "connected")) return;
    this.#attempt = 0;
    this.#connect();
  }

  async #connect() {
    this.#drop();
    this.#config.onStatus(this.#everPlayed ? "reconnecting" : "connecting", null);
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#peer = peer;
    const stream = new MediaStream();
    for (let place = 0; place < (this.#config.places ?? 1); place += 1) {
      peer.addTransceiver("video", { direction: "recvonly" });
      peer.addTransceiver("audio", { direction: "recvonly" });
    }
    peer.ontrack = ({ track, streams }) => {
      // The answer names each place by its stream, `place-<k>`; a server without places names none.
      const place = Number(/^place-(\d)$/.exec(streams[0]?.id ?? "")?.[1] ?? 0);
      if (place === 0) stream.addTrack(track);
      else this.#config.onPlace?.(place, streams[0]);
    };
    peer.onconnectionstatechange = () => this.#peer === peer && this.#changed(peer, stream);
    this.#timer = setTimeout(() => this.#again(null), CONNECT_MS);
    try {
      const session = await negotiate(peer, this.#config.url, this.#config.token ?? null);
      if (this.#peer === peer) this.#session = session;
      else leave(session, this.#config.token ?? null);
    } catch (error) {
      if (this.#peer === peer) this.#refused(asApiError(error));
    }
  }

  /** @param {RTCPeerConnection} peer @param {MediaStream} stream */
  #changed(peer, stream) {
    clearTimeout(this.#timer);
    if (peer.connectionState === "connected") {
      this.#attempt = 0;
      this.#everPlayed = true;
      this.#config.onStream(stream);
      this.#config.onStatus("playing", null);
      this.#watchFlow(peer);
    } else if (peer.connectionState === "disconnected") {
      this.#config.onStatus("reconnecting", null);
      this.#timer = setTimeout(() => this.#again(null), DISCONNECTED_MS);
    } else if (peer.connectionState === "failed" || peer.connectionState === "closed") {
      this.#again(null);
    }
  }

  /** A path can be alive for ICE and dead for media, for example after the node lost the stream. @param {RTCPeerConnection} peer */
  #watchFlow(peer) {
    let last = -1;
    let silentMs = 0;
    clearInterval(this.#watch);
    this.#watch = setInterval(async () => {
      let bytes = 0;
      for (const report of (await peer.getStats()).values()) if (report.type === "inbound-rtp") bytes += report.bytesReceived ?? 0;
      if (this.#peer !== peer) return;
      silentMs = bytes === last && this.#expected ? silentMs + WATCH_MS : 0;
      last = bytes;
      if (silentMs >= STALL_MS) this.#again(null);
    }, WATCH_MS);
  }

  /** @param {ApiError} error */
  #refused(error) {
    if (error.name === "stream_inactive" || error.name === "show_not_live") {
      this.#drop();
      this.#config.onStatus(this.#everPlayed ? "reconnecting" : "waiting", error);
      this.#later(Math.min(error.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS));
    } else if (error.temporary) {
      this.#again(error);
    } else {
      this.#drop();
      this.#config.onStatus("failed", error);
    }
  }

  /** @param {ApiError | null} error */
  #again(error) {
    this.#drop();
    this.#config.onStatus("reconnecting", error);
    this.#later(Math.min(error?.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS));
  }

  /** @param {number} leastMs */
  #later(leastMs) {
    this.#timer = setTimeout(() => this.#connect(), leastMs + fullJitterMs(this.#attempt));
    this.#attempt += 1;
  }

  #drop() {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    const peer = this.#peer;
    this.#peer = null;
    peer?.close();
    if (this.#session) leave(this.#session, this.#config.token ?? null);
    this.#session = null;
  }
}
