// @ts-check
// The HTTP of WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): an offer goes out, an answer and the address of the session come back.

import { offline, problemError } from "./errors.js";
import { restartedAnswer, restartFragment } from "./ice_restart.js";
import { offersOf } from "./links.js";

/**
 * @import { Offers } from "./links.js"
 * @typedef {{ url: string, token: string | null, answer: string, offers: Offers }} Session `answer` as the server gave it
 */

/** An answer takes a round trip and a little thinking; after this long another try is better. */
const DEADLINE_MS = 8_000;
const FRAGMENT = "application/trickle-ice-sdpfrag";

/**
 * Posts the offer and applies the answer. @param {RTCPeerConnection} peer @param {string} url @param {string | null} token bearer token
 * @param {(answer: string) => string} [use] what of the answer is used; all of it when nothing is said
 * @param {() => undefined} [onAsked] the offer has gone out
 * @returns {Promise<Session>} rejects with an ApiError
 */
export async function negotiate(peer, url, token = null, use = (answer) => answer, onAsked = () => undefined) {
  await peer.setLocalDescription(await peer.createOffer());
  const headers = { "content-type": "application/sdp", accept: "application/sdp, application/problem+json" };
  const body = peer.localDescription?.sdp;
  const asking = exchange(url, { method: "POST", headers, body }, token);
  onAsked();
  const { response, text } = await asking;
  if (response.status !== 201) throw refusal(response, text);
  // RFC 9725 §4.2: the location may be relative to the endpoint.
  const base = new URL(url, location.href);
  const address = new URL(response.headers.get("location") ?? "", base).href;
  const offers = offersOf(response.headers.get("link"), base.href);
  const session = { url: address, token, answer: text, offers };
  try {
    // Servers of a short-lived credential; they are used when candidates are gathered the next time.
    if (offers.iceServers.length > 0) peer.setConfiguration({ ...peer.getConfiguration(), iceServers: offers.iceServers });
    await peer.setRemoteDescription({ type: "answer", sdp: use(text) });
  } catch (error) {
    leave(session);
    throw error;
  }
  return session;
}

/**
 * Another path for the same session: an ICE restart by PATCH (RFC 9725 §4.3.2).
 * @param {RTCPeerConnection} peer @param {Session} session @returns {Promise<Session>} rejects with an ApiError, also when the server cannot
 */
export async function restart(peer, session) {
  await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
  const body = restartFragment(peer.localDescription?.sdp ?? "");
  // A restart is a new beginning, whatever the server's tag of the old one is (RFC 9725 §4.3.2).
  const headers = { "content-type": FRAGMENT, accept: `${FRAGMENT}, application/problem+json`, "if-match": "*" };
  const { response, text } = await exchange(session.url, { method: "PATCH", headers, body }, session.token);
  if (response.status !== 200) throw refusal(response, text);
  const answer = restartedAnswer(session.answer, text);
  await peer.setRemoteDescription({ type: "answer", sdp: answer });
  return { ...session, answer };
}

/** Ends a session; survives the page. The server also notices by itself, only later. Resolves when the server has answered, or cannot.
 * @param {Pick<Session, "url" | "token">} session @returns {Promise<unknown>} */
export function leave({ url, token }) {
  return fetch(url, { method: "DELETE", headers: authorised({}, token), keepalive: true, credentials: "same-origin" }).catch(() => {
    // Nobody waits for this answer: without it the server ends the session when the consent of RFC 7675 runs out.
  });
}

/** Subscribes to what the server tells beside the media. @param {string} url @param {string[]} names @param {string | null} token
 * @returns {Promise<string>} address of the event stream */
export async function listen(url, names, token) {
  const { response, text } = await exchange(url, json("POST", names), token);
  if (response.status !== 201) throw refusal(response, text);
  return new URL(response.headers.get("location") ?? "", url).href;
}

/** Chooses an encoding, or leaves the choice to the server again. @param {string} url @param {string | null} token
 * @param {{ mediaId: string, rid: string } | null} wish */
export async function chooseLayer(url, token, wish) {
  const request = wish ? json("POST", { mediaId: wish.mediaId, encodingId: wish.rid }) : { method: "DELETE", headers: {} };
  const { response, text } = await exchange(url, request, token);
  if (!response.ok) throw refusal(response, text);
}

/** @param {string} method @param {unknown} value */
const json = (method, value) => ({ method, headers: { "content-type": "application/json" }, body: JSON.stringify(value) });

/** @param {Record<string, string>} headers @param {string | null} token */
const authorised = (headers, token) => (token ? { ...headers, authorization: `Bearer ${token}` } : headers);

/** @param {string} url @param {{ method: string, headers: Record<string, string>, body?: string }} request @param {string | null} token */
async function exchange(url, { method, headers, body }, token) {
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const response = await fetch(url, { method, headers: authorised(headers, token), body, signal, credentials: "same-origin" });
    return { response, text: await response.text() };
  } catch {
    throw offline();
  }
}

/** @param {Response} response @param {string} text */
const refusal = (response, text) => problemError(response.status, decode(text), response.headers.get("retry-after"));

/** @param {string} text */
function decode(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
