// @ts-check
// Watches a stream over WHEP and keeps at it: waits while nothing is broadcast, finds another path when the network changes, and
// another session when that one is gone. What to do when is decided in reconnect.js.

import { fullJitterMs } from "./backoff.js";
import { ApiError, asApiError } from "./errors.js";
import { layersOf } from "./layers.js";
import { LOOK_MS, UNWATCHED, look } from "./quality.js";
import { CONNECT_MS, DISCONNECTED_MS, RESTART_MS, STALL_MS, afterLoss, afterRefusal } from "./reconnect.js";
import { WhepSession } from "./whep_session.js";

/**
 * @import { Layer } from "./layers.js"
 * @import { Quality } from "./quality.js"
 * @import { Next } from "./reconnect.js"
 * @import { EventName } from "./whep_session.js"
 * @typedef {"connecting" | "playing" | "waiting" | "away" | "reconnecting" | "blocked" | "failed" | "ended" | "stopped"} WhepStatus
 *   `waiting`: nothing is broadcast yet; `away`: the host is not there just now; `blocked`: the network lets no media through
 * @typedef {{ layers: Layer[], chosen: string | null }} LayerChoice `chosen` null: the server chooses by what the connection carries
 * @typedef {{ url: string, token?: string | null, places?: number, onStream: (stream: MediaStream) => void,
 *   onPlace?: (place: number, stream: MediaStream) => void, onStatus: (status: WhepStatus, error: ApiError | null) => void,
 *   onQuality?: (quality: Quality | null) => void, onLayers?: (choice: LayerChoice) => void, onAsked?: () => undefined }} Config
 *   `onAsked`: the request for the media has gone out. `places`: how many people can be seen; place 0 is the host's and comes by `onStream`, the others' by `onPlace`. `token`: a guest's pass
 */

/** With servers for relaying known, a direct path that is not there by then is most likely blocked. */
const DIRECT_MS = 2_000;
/** A new session takes over when its picture is there; a browser that decodes nothing unseen does so after this. */
const PICTURE_MS = 3_000;
const PICTURE_LOOK_MS = 100;

export class Whep {
  #config;
  /** @type {WhepSession | null} */ #session = null;
  /** The one that is to take over. @type {WhepSession | null} */ #next = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #nextTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #watch;
  /** @type {RTCIceServer[]} */ #iceServers = [];
  /** @type {string | null} */ #wish = null;
  #mediaId = "0";
  #places;
  #attempt = 0;
  #nextAttempt = 0;
  #restarted = false;
  #everPlayed = false;
  #blocked = false;
  #expected = true;
  #stopped = true;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
    this.#places = config.places ?? 1;
  }

  start() {
    if (!("RTCPeerConnection" in globalThis)) return this.#config.onStatus("failed", new ApiError("webrtc_missing"));
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
    if (returned && !this.#stopped && !this.#session) this.retryNow();
  }

  /** The page is awake or the host has returned: no reason to wait out the pause. */
  retryNow() {
    if (this.#stopped || this.#session?.state === "connected") return;
    this.#attempt = 0;
    this.#connect();
  }

  /** The device is in another network: the session goes on over a new path, before the old one is noticed to be dead. */
  networkChanged() {
    if (this.#session?.state === "connected") this.#restart(this.#session);
    else this.retryNow();
  }

  /** Takes an encoding, or leaves the choice to the server; kept for later sessions. @param {string | null} rid */
  async chooseLayer(rid) {
    this.#wish = rid;
    await this.#session?.choose(rid === null ? null : { mediaId: this.#mediaId, rid });
  }

  async #connect() {
    this.#drop();
    this.#config.onStatus(this.#trying, null);
    const session = this.#make();
    this.#session = session;
    const relayed = this.#iceServers.length > 0;
    this.#timer = setTimeout(() => this.#lost(session), CONNECT_MS);
    try {
      await session.join();
      this.#iceServers = session.iceServers;
      if (this.#session !== session || session.state === "connected" || relayed || session.iceServers.length === 0) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#lost(session), DIRECT_MS);
    } catch (error) {
      if (this.#session === session) this.#refused(asApiError(error));
    }
  }

  /** @param {ApiError} error */
  #refused(error) {
    if (error.status === 422 && this.#places > 1) {
      // A server that knows no places takes one picture and one sound: the host's.
      this.#places = 1;
      this.#connect();
    } else {
      this.#take(afterRefusal(error, this.#situation()), error);
    }
  }

  #make() {
    const { url, token = null, onAsked } = this.#config;
    /** @type {WhepSession} */
    const session = new WhepSession({
      url,
      token,
      places: this.#places,
      iceServers: this.#iceServers,
      onAsked,
      onState: () => this.#changed(session),
      onEvent: (name, data) => this.#session === session && this.#told(session, name, data),
    });
    return session;
  }

  /** @param {WhepSession} session */
  #changed(session) {
    if (session === this.#next && session.state === "connected") this.#takeOver(session);
    if (session === this.#next && session.state === "failed") this.#nextLater();
    if (session !== this.#session) return;
    clearTimeout(this.#timer);
    if (session.state === "connected") this.#play(session);
    else if (session.state === "disconnected") this.#timer = setTimeout(() => this.#lost(session), DISCONNECTED_MS);
    else if (session.state === "failed" || session.state === "closed") this.#lost(session);
    else this.#timer = setTimeout(() => this.#lost(session), this.#restarted ? RESTART_MS : CONNECT_MS);
  }

  /** @param {WhepSession} session */
  #play(session) {
    this.#attempt = 0;
    this.#restarted = false;
    this.#everPlayed = true;
    this.#blocked = false;
    for (const [place, stream] of session.media) {
      if (place === 0) this.#config.onStream(stream);
      else this.#config.onPlace?.(place, stream);
    }
    this.#config.onStatus("playing", null);
    this.#watchFlow(session);
    session.listen();
  }

  /** The path of a session is gone, or nothing comes by it. @param {WhepSession} session */
  #lost(session) {
    if (session === this.#session) this.#take(afterLoss(this.#situation()), null);
  }

  /** @returns {WhepStatus} what is shown during a try: what was said of the network stays until a picture comes */
  get #trying() {
    if (this.#blocked) return "blocked";
    return this.#everPlayed ? "reconnecting" : "connecting";
  }

  #situation() {
    const { open = false, state = "closed" } = this.#session ?? {};
    return { everPlayed: this.#everPlayed, attempt: this.#attempt, restarted: this.#restarted, canRestart: open && state !== "closed" };
  }

  /** @param {Next} next @param {ApiError | null} error */
  #take(next, error) {
    if (next.step === "restart" && this.#session) {
      this.#restart(this.#session);
      return;
    }
    this.#drop();
    this.#blocked = next.status === "blocked";
    this.#config.onStatus(next.status, error);
    if (next.step === "stop") return;
    this.#timer = setTimeout(() => this.#connect(), next.afterMs);
    this.#attempt += 1;
  }

  /** @param {WhepSession} session */
  async #restart(session) {
    clearTimeout(this.#timer);
    this.#restarted = true;
    // A network that changed under a running picture is not worth a word; one that took it away is.
    if (session.state !== "connected") this.#config.onStatus(this.#trying, null);
    this.#timer = setTimeout(() => (session.state === "connected" ? this.#changed(session) : this.#lost(session)), RESTART_MS);
    try {
      await session.restart();
    } catch {
      // Whatever the reason, the other way is a new session.
      if (this.#session === session && session.state !== "connected") this.#lost(session);
    }
  }

  /** A path can be alive for ICE and dead for media, for example after the node lost the stream. @param {WhepSession} session */
  #watchFlow(session) {
    let bytes = -1;
    let movedAtMs = performance.now();
    let watched = UNWATCHED;
    clearInterval(this.#watch);
    this.#watch = setInterval(async () => {
      const sample = await session.look(performance.now());
      if (this.#session !== session) return;
      if (sample.bytes !== bytes || !this.#expected) movedAtMs = sample.atMs;
      bytes = sample.bytes;
      watched = look(watched, sample);
      this.#config.onQuality?.(watched.shown);
      if (sample.atMs - movedAtMs < STALL_MS) return;
      this.#restarted = true; // the path works, so another one does not help
      this.#lost(session);
    }, LOOK_MS);
  }

  /** @param {WhepSession} session @param {EventName} name @param {unknown} data */
  #told(session, name, data) {
    if (name === "reconnect") this.#replace();
    else if (name === "layers") this.#offer(session, data);
    else {
      this.expect(name === "active");
      if (session.state === "connected") this.#config.onStatus(name === "active" ? "playing" : "away", null);
    }
  }

  /** @param {WhepSession} session @param {unknown} data */
  #offer(session, data) {
    const { mediaId, layers } = layersOf(data);
    this.#mediaId = mediaId;
    const wish = this.#wish;
    const there = layers.some(({ rid }) => rid === wish);
    this.#config.onLayers?.({ layers: session.layered ? layers : [], chosen: there ? wish : null });
    // A new session knows nothing of the wish, and an encoding that returned is wanted again; what fails is asked at the next event.
    if (wish !== null && there) session.choose({ mediaId, rid: wish }).catch(() => undefined);
  }

  /** The server asks its viewers to leave: the new session is made while the old one plays. */
  async #replace() {
    clearTimeout(this.#nextTimer);
    if (this.#next || this.#stopped) return;
    const session = this.#make();
    this.#next = session;
    try {
      this.#nextTimer = setTimeout(() => this.#nextLater(), CONNECT_MS);
      await session.join();
    } catch (error) {
      if (this.#next === session) this.#nextLater(asApiError(error).retryAfterMs ?? 0);
    }
  }

  #nextLater(leastMs = 0) {
    clearTimeout(this.#nextTimer);
    this.#next?.close();
    this.#next = null;
    this.#nextTimer = setTimeout(() => this.#replace(), leastMs + fullJitterMs(this.#nextAttempt));
    this.#nextAttempt += 1;
  }

  /** @param {WhepSession} session */
  async #takeOver(session) {
    clearTimeout(this.#nextTimer);
    const endMs = performance.now() + PICTURE_MS;
    while (this.#next === session && performance.now() < endMs && (await session.look(0)).width === 0) {
      await new Promise((resolve) => setTimeout(resolve, PICTURE_LOOK_MS));
    }
    if (this.#next !== session) return;
    const old = this.#session;
    this.#next = null;
    this.#nextAttempt = 0;
    this.#session = session;
    this.#changed(session);
    old?.close();
  }

  #drop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#nextTimer);
    clearInterval(this.#watch);
    this.#session?.close();
    this.#next?.close();
    this.#session = this.#next = null;
    this.#config.onQuality?.(null);
  }
}
