// @ts-check
// Everybody on stage over one WHEP session: the host's stream, and the others' by their places.

import { batch, signal } from "@preact/signals-core";
import { PLACES_MAX } from "./arrange.js";
import { Whep } from "./whep.js";

/** @import { Signal } from "@preact/signals-core" */

export class StageWatch {
  /** @type {Signal<MediaStream | null>} */ host = signal(null);
  /** @type {Signal<ReadonlyMap<number, MediaStream>>} */ places = signal(new Map());
  /** @type {Whep | null} */ #whep = null;
  #url;
  #token;

  /** @param {string} url WHEP endpoint @param {string | null} [token] a guest's pass; the host has a session */
  constructor(url, token = null) {
    this.#url = url;
    this.#token = token;
  }

  start() {
    if (this.#whep) return;
    this.#whep = new Whep({
      url: this.#url,
      token: this.#token,
      places: PLACES_MAX,
      onStream: (stream) => (this.host.value = stream),
      onPlace: (place, stream) => (this.places.value = new Map(this.places.peek()).set(place, stream)),
      // Who is there is told by the channel `stage:`; the tiles say who is away.
      onStatus: () => undefined,
    });
    this.#whep.start();
  }

  stop() {
    this.#whep?.stop();
    this.#whep = null;
    batch(() => {
      this.host.value = null;
      this.places.value = new Map();
    });
  }

  /** Whether the host's packets arrive at the server: silence is only a fault while they do. @param {boolean} onAir */
  expect(onAir) {
    this.#whep?.expect(onAir);
  }

  /** The device is in another network. */
  networkChanged() {
    this.#whep?.networkChanged();
  }

  /** The network is back. */
  retryNow() {
    this.#whep?.retryNow();
  }
}
