// @ts-check
// One session of a viewer: a peer connection, its media by places, and what the server tells beside them. It reports; whep.js decides.

import { asApiError } from "./errors.js";
import { received } from "./quality.js";
import { chooseLayer, leave, listen, negotiate, restart } from "./signalling.js";

/**
 * @import { Sample } from "./quality.js"
 * @import { Session } from "./signalling.js"
 * @typedef {"active" | "inactive" | "layers" | "reconnect"} EventName
 * @typedef {{ url: string, token: string | null, places: number, iceServers: RTCIceServer[],
 *   onState: () => void, onEvent: (name: EventName, data: unknown) => void, onAsked?: () => undefined }} Config
 */

/** @type {EventName[]} */
const EVENTS = ["active", "inactive", "layers", "reconnect"];

export class WhepSession {
  /** Place 0 is the host's. Complete once connected: the answer names every place. @type {Map<number, MediaStream>} */ media = new Map();
  /** @type {Session | null} */ #session = null;
  /** @type {EventSource | null} */ #events = null;
  #closed = false;
  #config;
  #peer;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: config.iceServers });
    this.#peer = peer;
    for (let place = 0; place < config.places; place += 1) {
      peer.addTransceiver("video", { direction: "recvonly" });
      peer.addTransceiver("audio", { direction: "recvonly" });
    }
    peer.ontrack = ({ track, streams }) => this.#take(placeOf(streams[0]?.id), track);
    peer.onconnectionstatechange = () => this.#closed || config.onState();
  }

  get state() {
    return this.#peer.connectionState;
  }

  /** TURN and STUN servers that the server named. */
  get iceServers() {
    return this.#session?.offers.iceServers ?? [];
  }

  /** Whether the server has answered, so that there is a session to keep. */
  get open() {
    return this.#session !== null;
  }

  /** Asks for the media. Rejects with an ApiError; a session that was closed meanwhile is ended at the server too. */
  async join() {
    const session = await negotiate(this.#peer, this.#config.url, this.#config.token, undefined, this.#config.onAsked).catch((error) => {
      throw asApiError(error);
    });
    this.#session = session;
    if (this.#closed) leave(session);
  }

  /** Looks for another path (ICE restart). Rejects when the session is gone. */
  async restart() {
    if (!this.#session) throw new Error("no session yet");
    this.#session = await restart(this.#peer, this.#session);
  }

  /** Opens the event stream, if the server has one. Without it the player knows less, and plays. */
  async listen() {
    const url = this.#session?.offers.events;
    if (!url || this.#events) return;
    const address = await listen(url, EVENTS, this.#config.token).catch(() => null);
    if (!address || this.#closed) return;
    const events = new EventSource(address);
    this.#events = events;
    for (const name of EVENTS) {
      events.addEventListener(name, (event) => this.#config.onEvent(name, decode(/** @type {MessageEvent} */ (event).data)));
    }
  }

  /** Whether a layer can be chosen here. */
  get layered() {
    return Boolean(this.#session?.offers.layer);
  }

  /** Rejects with an ApiError. @param {{ mediaId: string, rid: string } | null} wish null: as the server thinks best */
  async choose(wish) {
    const { offers, token } = this.#session ?? {};
    if (offers?.layer) await chooseLayer(offers.layer, token ?? null, wish);
  }

  /** What was received up to now. @param {number} atMs @returns {Promise<Sample>} */
  async look(atMs) {
    return received((await this.#peer.getStats()).values(), atMs);
  }

  /** Ends it here and at the server. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#events?.close();
    this.#peer.close();
    if (this.#session) leave(this.#session);
  }

  /** @param {number} place @param {MediaStreamTrack} track */
  #take(place, track) {
    const stream = this.media.get(place) ?? new MediaStream();
    this.media.set(place, stream);
    stream.addTrack(track);
  }
}

/** The answer names each place by its stream, `place-<k>`; a server without places has the host alone. @param {string | undefined} id */
const placeOf = (id) => Number(/^place-(\d)$/.exec(id ?? "")?.[1] ?? 0);

/** @param {string} text @returns {unknown} null for what is not JSON */
function decode(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
