// @ts-check
// The browser's side of the load tests: publishes a clock, plays a stream, and reads back the number that is drawn into the picture.
// A number has 16 bits: 16 cells in the top row of the picture, and the same inverted in the row below; `clip.py` draws the same.

const WIDTH = 640, HEIGHT = 480, BITS = 16, CELL = WIDTH / BITS;

/** Unix ms of `performance.now() === 0`. `performance.timeOrigin` may be milliseconds off the clock that other processes read. */
const originMs = (() => {
  let before = Date.now(), after = before;
  while (after === before) after = Date.now(); // at its tick Date.now() is exact
  return after - performance.now();
})();

/** Unix time in milliseconds with fractions; the same in all pages and, on one machine, in the process that drives them. */
const nowMs = () => originMs + performance.now();

/** Publishes a canvas whose number is Unix time in ms modulo 2^16, 30 times per second. @param {{url: string}} options */
async function publishClock({url}) {
  const canvas = Object.assign(document.createElement("canvas"), {width: WIDTH, height: HEIGHT});
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let turn = 0;
  const draw = () => {
    context.fillStyle = `hsl(${turn++ % 360} 40% 50%)`;
    context.fillRect(0, 2 * CELL, WIDTH, HEIGHT - 2 * CELL);
    context.fillStyle = "#222";
    context.fillRect((turn * 7) % WIDTH, 200, 120, 120);
    const number = Math.round(nowMs()) & 0xffff;
    for (let bit = 0; bit < BITS; bit++) {
      const set = (number >> bit) & 1;
      context.fillStyle = set ? "#fff" : "#000";
      context.fillRect(bit * CELL, 0, CELL, CELL);
      context.fillStyle = set ? "#000" : "#fff";
      context.fillRect(bit * CELL, CELL, CELL, CELL);
    }
  };
  draw();
  setInterval(draw, 1000 / 30);
  const peer = new RTCPeerConnection();
  const [track] = canvas.captureStream(30).getVideoTracks();
  const transceiver = peer.addTransceiver(track, {direction: "sendonly", sendEncodings: [{maxBitrate: 1_500_000}]});
  const codecs = /** @type {RTCRtpCapabilities} */ (RTCRtpSender.getCapabilities("video")).codecs;
  transceiver.setCodecPreferences(codecs.filter(codec => ["video/H264", "video/rtx"].includes(codec.mimeType)));
  await peer.setLocalDescription();
  const answer = await exchange(url, peer);
  await peer.setRemoteDescription({type: "answer", sdp: answer});
  Object.assign(window, {publisher: peer});
}

/** @param {string} url @param {RTCPeerConnection} peer @param {Record<string, string>} [headers] */
async function exchange(url, peer, headers) {
  const body = /** @type {RTCSessionDescription} */ (peer.localDescription).sdp;
  const reply = await fetch(url, {method: "POST", body, headers: {"content-type": "application/sdp", ...headers}});
  const answer = await reply.text();
  if (reply.status !== 201) throw new Error(answer);
  return answer;
}

/** Makes the answer lead to another UDP port: a bad network in between. @param {string} answer @param {number} port */
const rerouted = (answer, port) =>
  answer.replace(/^a=candidate:\S+ 1 tcp .*\r?\n/gim, "").replace(/^(a=candidate:\S+ 1 udp \d+ \S+) \d+ /gim, `$1 ${port} `);

/**
 * A player. `frames` are [Unix ms when decoded and handed to the screen, Unix ms when seen there, number in the picture or -1].
 * @typedef {{peer: RTCPeerConnection, video: HTMLVideoElement, postedMs: number, frames: [number, number, number][]}} Player
 */

/** Plays; returns when the first frame was presented. @param {{url: string, port?: number, headers?: Record<string, string>, deadlineMs: number}} options */
async function play({url, port, headers, deadlineMs}) {
  const peer = new RTCPeerConnection();
  const video = document.body.appendChild(document.createElement("video"));
  video.muted = video.autoplay = true;
  const stream = new MediaStream();
  video.srcObject = stream;
  peer.ontrack = event => stream.addTrack(event.track);
  peer.addTransceiver("audio", {direction: "recvonly"});
  peer.addTransceiver("video", {direction: "recvonly"});
  await peer.setLocalDescription();
  /** @type {Player} */
  const player = {peer, video, postedMs: nowMs(), frames: []};
  Object.assign(window, {player});
  const answer = await exchange(url, peer, headers);
  const canvas = Object.assign(document.createElement("canvas"), {width: BITS, height: 2});
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", {willReadFrequently: true}));
  context.imageSmoothingEnabled = false;
  const first = new Promise((resolve, reject) => {
    /** @param {number} _ @param {VideoFrameCallbackMetadata} [metadata] */
    const next = (_, metadata) => {
      const presentedMs = nowMs(), seenMs = originMs + (metadata?.expectedDisplayTime ?? 0);
      context.drawImage(video, 0, 0, WIDTH, 2 * CELL, 0, 0, BITS, 2);
      player.frames.push([presentedMs, Math.max(presentedMs, seenMs), numberIn(context.getImageData(0, 0, BITS, 2).data)]);
      resolve(undefined);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
    setTimeout(() => reject(new Error(`no picture after ${deadlineMs} ms`)), deadlineMs);
  });
  await peer.setRemoteDescription({type: "answer", sdp: port ? rerouted(answer, port) : answer});
  await first;
  return {postedMs: player.postedMs};
}

/** @param {Uint8ClampedArray} pixels 16×2 in RGBA; green is as good as grey */
function numberIn(pixels) {
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const upper = pixels[bit * 4 + 1] > 127, lower = pixels[(BITS + bit) * 4 + 1] > 127;
    if (upper === lower) return -1;
    if (upper) number |= 1 << bit;
  }
  return number;
}

/** What was presented so far, and what getStats says of the picture. */
async function shown() {
  const {peer, frames} = /** @type {Player} */ (/** @type {any} */ (window).player);
  const stats = [...(await peer.getStats()).values()].find(item => item.type === "inbound-rtp" && item.kind === "video") || {};
  return {frames, stats: {
    freezes_s: stats.totalFreezesDuration || 0, freezes: stats.freezeCount || 0, decoded: stats.framesDecoded || 0,
    dropped: stats.framesDropped || 0, nacks: stats.nackCount || 0, plis: stats.pliCount || 0,
    packets: stats.packetsReceived || 0, lost: stats.packetsLost || 0, repaired: stats.retransmittedPacketsReceived || 0,
  }};
}

/** Ends the player. */
function leave() {
  const {peer, video} = /** @type {Player} */ (/** @type {any} */ (window).player);
  peer.close();
  video.remove();
}

Object.assign(window, {publishClock, play, shown, leave});
