// @ts-check
// Whether media can get from here to the server: a session without any media, once over UDP and once over TCP. Viewers see nothing
// of it, because a broadcast begins with its first packet and none is sent.

import { asApiError } from "./errors.js";
import { leave, negotiate } from "./signalling.js";

/**
 * @import { ApiError } from "./errors.js"
 * @typedef {{ path: "udp" | "tcp" | "blocked" | "taken" | "refused", rttMs: number | null, error: ApiError | null }} PathFound
 */

/** A path answers within two round trips; what has not by then is closed. */
const CONNECT_MS = 5_000;

/** The candidates of one transport only (RFC 8839 §5.1: the third word of a candidate). @param {string} answer @param {"udp" | "tcp"} transport */
export const onlyOver = (answer, transport) =>
  answer.replace(/^a=candidate:\S+ \d+ (\S+) .*(?:\r\n|\n)/gm, (line, found) => (found.toLowerCase() === transport ? line : ""));

/** UDP is what a broadcast wants; TCP works as well and is slower on a bad line. @param {string} url WHIP endpoint @returns {Promise<PathFound>} */
export async function findPath(url) {
  try {
    for (const transport of /** @type {const} */ (["udp", "tcp"])) {
      const rttMs = await tryOver(url, transport);
      if (rttMs !== null) return { path: transport, rttMs, error: null };
    }
    return { path: "blocked", rttMs: null, error: null };
  } catch (failure) {
    const error = asApiError(failure);
    return { path: error.name === "stream_taken" ? "taken" : "refused", rttMs: null, error };
  }
}

/** Round trip in milliseconds, or null when nothing got through. @param {string} url @param {"udp" | "tcp"} transport */
async function tryOver(url, transport) {
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  for (const kind of ["audio", "video"]) peer.addTransceiver(kind, { direction: "sendonly" });
  let session = null;
  try {
    session = await negotiate(peer, url, null, (answer) => onlyOver(answer, transport));
    return (await connects(peer)) ? await roundTrip(peer) : null;
  } finally {
    peer.close();
    if (session) await leave(session);
  }
}

/** Whether a path is there in time. @param {RTCPeerConnection} peer */
function connects(peer) {
  return new Promise((/** @type {(there: boolean) => void} */ resolve) => {
    const timer = setTimeout(() => resolve(false), CONNECT_MS);
    const look = () => {
      if (!["connected", "failed", "closed"].includes(peer.connectionState)) return;
      clearTimeout(timer);
      resolve(peer.connectionState === "connected");
    };
    peer.onconnectionstatechange = look;
    look();
  });
}

/** @param {RTCPeerConnection} peer */
async function roundTrip(peer) {
  for (const report of (await peer.getStats()).values()) {
    if (report.type === "candidate-pair" && report.nominated) return Math.round((report.currentRoundTripTime ?? 0) * 1_000);
  }
  return 0;
}
