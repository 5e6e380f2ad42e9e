// @ts-check
// A host's or guest's camera and its way to the others, without drawing.

import { batch, signal } from "@preact/signals-core";
import { closeDevices, listDevices, openDevices, openScreen, watchLevel } from "./devices.js";
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
  /** Whether the screen is shown in place of the camera. @type {Signal<boolean>} */ sharing = signal(false);
  /** How the uplink does. @type {Signal<Quality | null>} */ quality = signal(null);
  /** @type {Whip | null} */ #whip = null;
  /** @type {(() => void) | null} */ #unwatchLevel = null;
  /** The camera's own stream while the screen is shown. @type {MediaStream | null} */ #behind = null;
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
        this.sharing.value = false;
      });
      this.#apply();
    } catch (error) {
      this.error.value = asApiError(error);
    }
  }

  /** Shows the screen in place of the camera; the microphone goes on. The browser's own button ends it as well. */
  async share() {
    const camera = this.stream.value;
    if (!camera || this.sharing.value) return;
    this.error.value = null;
    try {
      const [track] = (await openScreen()).getVideoTracks();
      track.onended = () => void this.unshare();
      const stream = new MediaStream([track, ...camera.getAudioTracks()]);
      await this.#whip?.replace(stream);
      this.#behind = camera;
      batch(() => {
        this.stream.value = stream;
        this.sharing.value = true;
      });
    } catch (error) {
      // Who closes the browser's own choice has changed their mind; nothing is wrong with the picture.
      if (asApiError(error).name !== "camera_refused") this.error.value = asApiError(error);
    }
  }

  /** Back to the camera. */
  async unshare() {
    const camera = this.#behind;
    if (!camera) return;
    this.#behind = null;
    await this.#whip?.replace(camera);
    for (const track of this.stream.value?.getVideoTracks() ?? []) track.stop();
    batch(() => {
      this.stream.value = camera;
      this.sharing.value = false;
    });
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
    closeDevices(this.#behind);
    this.#behind = null;
    this.stream.value = null;
    this.sharing.value = false;
  }
}
