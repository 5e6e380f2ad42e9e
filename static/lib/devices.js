// @ts-check
// Cameras and microphones: a stream of the chosen ones, the list to choose from, and how loud it is.

import { ApiError } from "./errors.js";

/** @typedef {{ cameraId: string | null, microphoneId: string | null }} Choice null: the browser's default */

/** Portrait first: the player is vertical. A camera that cannot turn gives its landscape picture, which is fine too. */
const VIDEO = { width: { ideal: 720 }, height: { ideal: 1280 }, frameRate: { ideal: 30, max: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * @param {Choice} choice @returns {Promise<MediaStream>} rejects with an ApiError named `camera_refused`, `camera_missing`,
 *   `camera_busy` or `camera_insecure`
 */
export async function openDevices({ cameraId, microphoneId }) {
  // Outside a secure context (plain http on a network address) browsers hide the whole interface.
  if (!navigator.mediaDevices) throw new ApiError("camera_insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: cameraId ? { ...VIDEO, deviceId: { exact: cameraId } } : { ...VIDEO, facingMode: "user" },
      audio: microphoneId ? { ...AUDIO, deviceId: { exact: microphoneId } } : AUDIO,
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    throw new ApiError(CAUSES[name] ?? "camera_busy", { detail: String(error) });
  }
}

/** @type {Record<string, string>} names of getUserMedia's exceptions (Media Capture and Streams §10.3.2) */
const CAUSES = {
  NotAllowedError: "camera_refused",
  SecurityError: "camera_insecure",
  NotFoundError: "camera_missing",
  OverconstrainedError: "camera_missing",
  NotReadableError: "camera_busy",
};

/** Cameras and microphones with their names; complete only after a stream was allowed. */
export async function listDevices() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const ofKind = (/** @type {MediaDeviceKind} */ kind) => devices.filter((device) => device.kind === kind && device.deviceId);
  return { cameras: ofKind("videoinput"), microphones: ofKind("audioinput") };
}

/** @param {MediaStream | null} stream */
export const closeDevices = (stream) => stream?.getTracks().forEach((track) => track.stop());

/** Thirty looks per second follow a voice without jerking. */
const LEVEL_MS = 33;

/**
 * Loudness of a stream's microphone, from 0 to 1 on a scale that fits a voice.
 * @param {MediaStream} stream @param {(level: number) => void} onLevel @returns {() => void} stop
 */
export function watchLevel(stream, onLevel) {
  if (stream.getAudioTracks().length === 0) return () => {};
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // -60 dBFS is a quiet room, 0 dBFS the loudest that fits.
    onLevel(Math.min(1, Math.max(0, 1 + (10 * Math.log10(power || 1e-12)) / 60)));
  }, LEVEL_MS);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
