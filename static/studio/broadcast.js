// @ts-check
// The host's camera and its way to the viewers, without drawing.

import { batch, signal } from "@preact/signals";
import { closeDevices, listDevices, openDevices, watchLevel } from "../lib/devices.js";
import { asApiError } from "../lib/errors.js";
import { Whip } from "../lib/whip.js";

/**
 * @import { Signal } from "@preact/signals"
 * @import { Choice } from "../lib/devices.js"
 * @import { ApiError } from "../lib/errors.js"
 * @import { Quality } from "../lib/quality.js"
 * @import { WhipStatus } from "../lib/whip.js"
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

  /** @param {string} url WHIP endpoint */
  constructor(url) {
    this.#url = url;
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

  /** Leaves the air; the camera stays on for the host. */
  stop() {
    this.#whip?.stop();
    this.#whip = null;
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
