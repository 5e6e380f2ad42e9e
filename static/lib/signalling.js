// @ts-check
// The HTTP of WHIP (RFC 9725) and WHEP: an offer goes out, an answer and the address of the session come back.

import { offline, problemError } from "./errors.js";

/** An answer takes a round trip and a little thinking; after this long another try is better. */
const DEADLINE_MS = 8_000;

/**
 * Posts the offer and applies the answer. @param {RTCPeerConnection} peer @param {string} url @param {string | null} token bearer token
 * @returns {Promise<string>} address of the session, for DELETE; rejects with an ApiError
 */
export async function negotiate(peer, url, token = null) {
  await peer.setLocalDescription(await peer.createOffer());
  /** @type {Record<string, string>} */
  const headers = { "content-type": "application/sdp", accept: "application/sdp, application/problem+json" };
  if (token) headers.authorization = `Bearer ${token}`;
  let response, text;
  try {
    const body = peer.localDescription?.sdp;
    response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(DEADLINE_MS), credentials: "same-origin" });
    text = await response.text();
  } catch {
    throw offline();
  }
  if (response.status !== 201) throw problemError(response.status, decode(text), response.headers.get("retry-after"));
  // RFC 9725 §4.2: the location may be relative to the endpoint.
  const session = new URL(response.headers.get("location") ?? "", new URL(url, location.href)).href;
  try {
    await peer.setRemoteDescription({ type: "answer", sdp: text });
  } catch (error) {
    leave(session, token);
    throw error;
  }
  return session;
}

/** Ends a session; survives the page. The server also notices by itself, only later. @param {string} session @param {string | null} token */
export function leave(session, token = null) {
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  fetch(session, { method: "DELETE", headers, keepalive: true, credentials: "same-origin" }).catch(() => {
    // Nobody waits for this answer: without it the server ends the session when the consent of RFC 7675 runs out.
  });
}

/** @param {string} text */
function decode(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
