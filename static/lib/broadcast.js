// @ts-check
// A host's or guest's camera and its way to the others, without drawing.

import { batch, signal } from "@preact/signals-core";
import { closeDevices, listDevices, openDevices, watchLevel } from "./devices.js";
import { asApiError } from "./errors.js";
import { Whip } from "./whip.js";

/**
 * @import { Signal } from "@preact/signals-core"
 * @import { Choice } from "./devices.js"
 * @import { ApiError } from "./errors.js"
 * @import { Quality } from "./quality.js"
 * @import { WhipStatus } from "./whip.js"
 */

export class Broadcast {
  /** @type {Signal<MediaStream | null>} */ stream = signal(null);
  /** @type {Signal<{ cameras: MediaDeviceInfo[], microphones: MediaDeviceInfo[] }>} */ devices = signal({ cameras: [], microphones: [] });
  /** @type {Signal<Choice>} */ choice = signal({ cameraId: null, microphoneId: null });
  /** @type {Signal<number>} */ level = signal(0);
  /** @type {Signal<{ video: boolean, audio: boolean }>} */ sending = signal({ video: true, audio: true });
  /** @type {Signal<WhipStatus>} */ status = signal(/** @type {WhipStatus} */ ("stopped"));
  /** @type {Signal<ApiError | null>} */ error = signal(null);
  /** How the uplink does. @type {Signal<Quality | null>} */ quality = signal(null);
  /** @type {Whip | null} */ #whip = null;
  /** @type {(() => void) | null} */ #unwatchLevel = null;
  #url;
  #token;

  /** @param {string} url WHIP endpoint @param {string | null} [token] a guest's pass; the host has a session */
  constructor(url, token = null) {
    this.#url = url;
    this.#token = token;
  }

  /** Opens the chosen camera and microphone, also in the middle of the show. @param {Choice} choice */
  async open(choice) {
    this.error.value = null;
    try {
      // Some cameras cannot be opened twice, so the old stream ends first; the viewers see a still picture for a moment.
      if (this.status.value === "stopped") this.#close();
      const stream = await openDevices(choice);
      const devices = await listDevices();
      await this.#whip?.replace(stream);
      this.#close();
      this.#unwatchLevel = watchLevel(stream, (level) => (this.level.value = level));
      batch(() => {
        this.stream.value = stream;
        this.devices.value = devices;
        this.choice.value = choice;
      });
      this.#apply();
    } catch (error) {
      this.error.value = asApiError(error);
    }
  }

  /** @param {"video" | "audio"} kind */
  toggle(kind) {
    this.sending.value = { ...this.sending.value, [kind]: !this.sending.value[kind] };
    this.#apply();
  }

  /** Publishes the stream. Resolves to true when the picture is on air, to false when it cannot be. */
  publish() {
    const stream = this.stream.value;
    if (!stream) return Promise.resolve(false);
    this.#whip?.stop();
    return new Promise((/** @type {(live: boolean) => void} */ resolve) => {
      this.#whip = new Whip({
        url: this.#url,
        token: this.#token,
        stream,
        onQuality: (quality) => (this.quality.value = quality),
        onStatus: (status, error) => {
          this.status.value = status;
          this.error.value = error;
          if (status === "live") resolve(true);
          if (status === "failed" || status === "stopped") resolve(false);
        },
      });
      this.#whip.start();
    });
  }

  networkChanged() {
    this.#whip?.networkChanged();
  }

  /** Leaves the air; the camera stays on for its owner. */
  stop() {
    this.#whip?.stop();
    this.#whip = null;
  }

  /** Leaves the air and turns the camera off. */
  close() {
    this.stop();
    this.#close();
  }

  #apply() {
    for (const track of this.stream.value?.getVideoTracks() ?? []) track.enabled = this.sending.value.video;
    for (const track of this.stream.value?.getAudioTracks() ?? []) track.enabled = this.sending.value.audio;
  }

  #close() {
    this.#unwatchLevel?.();
    this.#unwatchLevel = null;
    closeDevices(this.stream.value);
    this.stream.value = null;
  }
}
