// @ts-check
// Publishes a camera over WHIP (RFC 9725) and keeps at it: a dropped host comes back by itself and the show goes on.

import { fullJitterMs } from "./backoff.js";
import { encodingsFor, takesSimulcast, wholePicture } from "./encodings.js";
import { asApiError } from "./errors.js";
import { LOOK_MS, UNWATCHED, look, sent } from "./quality.js";
import { RESTART_MS } from "./reconnect.js";
import { leave, negotiate, restart } from "./signalling.js";

/**
 * @import { ApiError } from "./errors.js"
 * @import { Quality } from "./quality.js"
 * @import { Session } from "./signalling.js"
 * @typedef {"connecting" | "live" | "reconnecting" | "failed" | "stopped"} WhipStatus
 * @typedef {{ url: string, token?: string | null, stream: MediaStream, onStatus: (status: WhipStatus, error: ApiError | null) => void,
 *   onQuality?: (quality: Quality | null) => void }} Config
 */

const CONNECT_MS = 10_000;
/** ICE mends a short cut by itself; a host's restart costs the viewers nothing, so it comes soon. */
const DISCONNECTED_MS = 1_500;

export class Whip {
  #config;
  /** @type {RTCPeerConnection | null} */ #peer = null;
  /** @type {Session | null} */ #session = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #watch;
  /** @type {RTCIceServer[]} */ #iceServers = [];
  #attempt = 0;
  #restarted = false;
  #everLive = false;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
  }

  start() {
    this.#attempt = 0;
    this.#connect();
  }

  stop() {
    this.#drop();
    this.#config.onStatus("stopped", null);
  }

  /** The device is in another network: look for a path there before the old one is noticed to be dead. */
  networkChanged() {
    if (this.#peer?.connectionState === "connected") this.#restart(this.#peer);
  }

  /** Another camera or microphone without a new session. @param {MediaStream} stream */
  async replace(stream) {
    this.#config.stream = stream;
    for (const sender of this.#peer?.getSenders() ?? []) {
      const track = stream.getTracks().find((each) => each.kind === sender.track?.kind);
      if (track) await sender.replaceTrack(hinted(track));
    }
  }

  async #connect() {
    this.#drop();
    this.#config.onStatus(this.#everLive ? "reconnecting" : "connecting", null);
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: this.#iceServers });
    this.#peer = peer;
    peer.onconnectionstatechange = () => this.#peer === peer && this.#changed(peer);
    this.#timer = setTimeout(() => this.#again(null), CONNECT_MS);
    try {
      for (const track of this.#config.stream.getTracks()) addSender(peer, track, this.#config.stream);
      const session = await negotiate(peer, this.#config.url, this.#config.token ?? null);
      if (this.#peer !== peer) return void leave(session);
      this.#session = session;
      this.#iceServers = session.offers.iceServers;
      for (const sender of peer.getSenders()) await settle(sender, takesSimulcast(session.answer));
    } catch (error) {
      if (this.#peer === peer) this.#refused(asApiError(error));
    }
  }

  /** @param {RTCPeerConnection} peer */
  #changed(peer) {
    clearTimeout(this.#timer);
    if (peer.connectionState === "connected") {
      this.#attempt = 0;
      this.#everLive = true;
      this.#restarted = false;
      this.#config.onStatus("live", null);
      this.#watchQuality(peer);
    } else if (peer.connectionState === "disconnected") {
      this.#timer = setTimeout(() => this.#lost(peer), DISCONNECTED_MS);
    } else if (peer.connectionState === "failed" || peer.connectionState === "closed") {
      this.#lost(peer);
    } else {
      this.#timer = setTimeout(() => this.#again(null), this.#restarted ? RESTART_MS : CONNECT_MS);
    }
  }

  /** The path is gone. The session is kept if that is possible: viewers then see a pause and no cut. @param {RTCPeerConnection} peer */
  #lost(peer) {
    if (this.#session && !this.#restarted && peer.connectionState !== "closed") this.#restart(peer);
    else this.#again(null);
  }

  /** @param {RTCPeerConnection} peer */
  async #restart(peer) {
    const session = this.#session;
    if (!session) return;
    clearTimeout(this.#timer);
    this.#restarted = true;
    if (peer.connectionState !== "connected") this.#config.onStatus(this.#everLive ? "reconnecting" : "connecting", null);
    this.#timer = setTimeout(() => (peer.connectionState === "connected" ? this.#changed(peer) : this.#again(null)), RESTART_MS);
    try {
      const restarted = await restart(peer, session);
      if (this.#peer === peer) this.#session = restarted;
    } catch {
      // Whatever the reason, the other way is a new session.
      if (this.#peer === peer && peer.connectionState !== "connected") this.#again(null);
    }
  }

  /** @param {RTCPeerConnection} peer */
  #watchQuality(peer) {
    let watched = UNWATCHED;
    clearInterval(this.#watch);
    this.#watch = setInterval(async () => {
      const sample = sent((await peer.getStats()).values(), performance.now());
      if (this.#peer !== peer) return;
      watched = look(watched, sample);
      this.#config.onQuality?.(watched.shown);
    }, LOOK_MS);
  }

  /** @param {ApiError} error */
  #refused(error) {
    // Before the first picture a person is looking at the button: say what is wrong. Later, keep trying for the viewers.
    if (error.temporary && (this.#everLive || error.name !== "stream_taken")) return this.#again(error);
    this.#drop();
    this.#config.onStatus("failed", error);
  }

  /** @param {ApiError | null} error */
  #again(error) {
    this.#drop();
    this.#config.onStatus(this.#everLive ? "reconnecting" : "connecting", error);
    this.#timer = setTimeout(() => this.#connect(), (error?.retryAfterMs ?? 0) + fullJitterMs(this.#attempt));
    this.#attempt += 1;
  }

  #drop() {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#restarted = false;
    const peer = this.#peer;
    this.#peer = null;
    peer?.close();
    if (this.#session) leave(this.#session);
    this.#session = null;
    this.#config.onQuality?.(null);
  }
}

/** @param {RTCPeerConnection} peer @param {MediaStreamTrack} track @param {MediaStream} stream */
function addSender(peer, track, stream) {
  if (track.kind === "audio") return void peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  const sendEncodings = encodingsFor(track.getSettings());
  preferH264(peer.addTransceiver(hinted(track), { direction: "sendonly", streams: [stream], sendEncodings }));
}

/** Hands that show a product: the movement counts. @param {MediaStreamTrack} track */
function hinted(track) {
  if (track.kind === "video" && track.contentHint === "") track.contentHint = "motion";
  return track;
}

/** After the answer: what gives way on a thin uplink, and one whole picture where the sizes were refused.
 * @param {RTCRtpSender} sender @param {boolean} simulcast */
async function settle(sender, simulcast) {
  if (sender.track?.kind !== "video") return;
  const parameters = sender.getParameters();
  parameters.degradationPreference = "balanced";
  // Browsers keep the first encoding alone, which is the smallest (JSEP, RFC 9429 §5.11).
  if (!simulcast) parameters.encodings = wholePicture(parameters.encodings);
  await sender.setParameters(parameters);
}

/** H264 first: every phone decodes it in hardware. What follows stays as the browser ordered it. @param {RTCRtpTransceiver} transceiver */
function preferH264(transceiver) {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const rank = (/** @type {RTCRtpCodec} */ codec) => (codec.mimeType.toLowerCase() === "video/h264" ? 0 : 1);
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
}
