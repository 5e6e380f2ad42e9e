// @ts-check
// Cameras and microphones: a stream of the chosen ones, the list to choose from, and how loud it is.

import { ApiError } from "./errors.js";

/** @typedef {{ cameraId: string | null, microphoneId: string | null }} Choice null: the browser's default */

/** Portrait first: the player is vertical. A camera that cannot turn gives its landscape picture, which is fine too. */
const VIDEO = { width: { ideal: 720 }, height: { ideal: 1280 }, frameRate: { ideal: 30, max: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * A stream of both; without sound when there is no microphone at all.
 * @param {Choice} choice @returns {Promise<MediaStream>} rejects with an ApiError named `camera_refused`, `camera_missing`,
 *   `camera_busy`, `camera_insecure` or `webrtc_missing`
 */
export async function openDevices({ cameraId, microphoneId }) {
  // Outside a secure context (plain http on a network address) browsers hide the whole interface.
  if (!navigator.mediaDevices) throw new ApiError("camera_insecure");
  if (!("RTCPeerConnection" in globalThis)) throw new ApiError("webrtc_missing");
  const video = cameraId ? { ...VIDEO, deviceId: { exact: cameraId } } : { ...VIDEO, facingMode: "user" };
  const audio = microphoneId ? { ...AUDIO, deviceId: { exact: microphoneId } } : AUDIO;
  try {
    // Before the first permission browsers give devices no names, but tell which kinds there are.
    const kinds = new Set((await navigator.mediaDevices.enumerateDevices()).map(({ kind }) => kind));
    const mute = kinds.has("videoinput") && !kinds.has("audioinput");
    return await navigator.mediaDevices.getUserMedia(mute ? { video } : { video, audio });
  } catch (error) {
    throw deviceError(error);
  }
}

/** The screen, a window or a tab in place of the camera. @returns {Promise<MediaStream>} rejects with an ApiError named like those of `openDevices` */
export async function openScreen() {
  if (!navigator.mediaDevices?.getDisplayMedia) throw new ApiError("camera_insecure");
  try {
    return await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30, max: 30 } }, audio: false });
  } catch (error) {
    throw deviceError(error);
  }
}

/** @param {unknown} error */
function deviceError(error) {
  const name = error instanceof DOMException ? error.name : "";
  return new ApiError(CAUSES[name] ?? "camera_busy", { detail: String(error) });
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

/** Whether this browser may use a camera already: it tells the names of devices only then. */
export async function hasSeenCamera() {
  const { cameras } = navigator.mediaDevices ? await listDevices() : { cameras: [] };
  return cameras.some(({ label }) => label !== "");
}
