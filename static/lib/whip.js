// @ts-check
// Publishes a camera over WHIP (RFC 9725) and keeps at it: a dropped host comes back by itself and the show goes on.

import { fullJitterMs } from "./backoff.js";
import { asApiError } from "./errors.js";
import { leave, negotiate } from "./signalling.js";

/**
 * @import { ApiError } from "./errors.js"
 * @typedef {"connecting" | "live" | "reconnecting" | "failed" | "stopped"} WhipStatus
 * @typedef {{ url: string, token?: string | null, stream: MediaStream, onStatus: (status: WhipStatus, error: ApiError | null) => void }} Config
 */

/** Enough for a sharp 720p portrait picture, and what a phone's uplink usually carries. */
const VIDEO_BITRATE_MAX_BPS = 2_500_000;
const CONNECT_MS = 10_000;
const DISCONNECTED_MS = 3_000;

export class Whip {
  #config;
  /** @type {RTCPeerConnection | null} */ #peer = null;
  /** @type {string | null} */ #session = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #attempt = 0;
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

  /** Another camera or microphone without a new session. @param {MediaStream} stream */
  async replace(stream) {
    this.#config.stream = stream;
    for (const sender of this.#peer?.getSenders() ?? []) {
      const track = stream.getTracks().find((each) => each.kind === sender.track?.kind);
      if (track) await sender.replaceTrack(track);
    }
  }

  async #connect() {
    this.#drop();
    this.#config.onStatus(this.#everLive ? "reconnecting" : "connecting", null);
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#peer = peer;
    peer.onconnectionstatechange = () => this.#peer === peer && this.#changed(peer);
    this.#timer = setTimeout(() => this.#again(null), CONNECT_MS);
    try {
      for (const track of this.#config.stream.getTracks()) await addSender(peer, track, this.#config.stream);
      const session = await negotiate(peer, this.#config.url, this.#config.token ?? null);
      if (this.#peer === peer) this.#session = session;
      else leave(session, this.#config.token ?? null);
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
      this.#config.onStatus("live", null);
    } else if (peer.connectionState === "disconnected") {
      this.#timer = setTimeout(() => this.#again(null), DISCONNECTED_MS);
    } else if (peer.connectionState === "failed" || peer.connectionState === "closed") {
      this.#again(null);
    }
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
    const peer = this.#peer;
    this.#peer = null;
    peer?.close();
    if (this.#session) leave(this.#session, this.#config.token ?? null);
    this.#session = null;
  }
}

/** @param {RTCPeerConnection} peer @param {MediaStreamTrack} track @param {MediaStream} stream */
async function addSender(peer, track, stream) {
  const transceiver = peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  if (track.kind !== "video") return;
  preferH264(transceiver);
  const parameters = transceiver.sender.getParameters();
  for (const encoding of parameters.encodings) encoding.maxBitrate = VIDEO_BITRATE_MAX_BPS;
  await transceiver.sender.setParameters(parameters);
}

/** H264 first: every phone decodes it in hardware. What follows stays as the browser ordered it. @param {RTCRtpTransceiver} transceiver */
function preferH264(transceiver) {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const rank = (/** @type {RTCRtpCodec} */ codec) => (codec.mimeType.toLowerCase() === "video/h264" ? 0 : 1);
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
}
