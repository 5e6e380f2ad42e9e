"""A real Chromium publishes its fake camera by WHIP and plays it by WHEP; frames are counted as they are presented."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright
from starlette.types import Receive, Scope, Send

from media.control import control_app
from media.subscriber import Subscriber
from media.transport.tcp import TcpConnection
from schemas.media import HEADER_SECRET
from server.kernel.tasks import supervised
from tests.browser import ARGUMENTS, chromium
from tests.media.clients import STREAM, until
from tests.media.conftest import SECRET, Relay

pytestmark = pytest.mark.e2e

PUBLISH = """async ({url, codec, without}) => {
  const media = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 480}, audio: true});
  const pc = window.publisher = new RTCPeerConnection();
  for (const track of media.getTracks()) {
    const transceiver = pc.addTransceiver(track, {direction: "sendonly", streams: [media]});
    if (track.kind === "video" && codec) {
      const codecs = RTCRtpSender.getCapabilities("video").codecs;
      transceiver.setCodecPreferences(codecs.filter(c => c.mimeType === codec || c.mimeType === "video/rtx"));
    }
  }
  await pc.setLocalDescription();
  const reply = await fetch(url, {method: "POST", body: pc.localDescription.sdp, headers: {"content-type": "application/sdp"}});
  const answer = (await reply.text()).split("\\r\\n").filter(line => !without || !line.includes(without)).join("\\r\\n");
  if (reply.status !== 201) throw new Error(answer);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  return answer;
}"""

PLAY = """async ({url, frames, without}) => {
  const started = performance.now();
  const pc = new RTCPeerConnection();
  const video = document.body.appendChild(document.createElement("video"));
  video.muted = video.autoplay = true;
  video.srcObject = new MediaStream();
  pc.ontrack = event => video.srcObject.addTrack(event.track);
  pc.addTransceiver("video", {direction: "recvonly"});
  pc.addTransceiver("audio", {direction: "recvonly"});
  await pc.setLocalDescription();
  const called = performance.now();
  const reply = await fetch(url, {method: "POST", body: pc.localDescription.sdp, headers: {"content-type": "application/sdp"}});
  const answer = (await reply.text()).split("\\r\\n").filter(line => !without || !line.includes(without)).join("\\r\\n");
  if (reply.status !== 201) throw new Error(answer);
  const shown = new Promise(resolve => {
    let count = 0, first = 0;
    const next = () => {
      first ||= performance.now();
      if (++count === frames) resolve({first: first - called, all: performance.now() - called});
      else video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  });
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  const result = await shown;
  const stats = [...(await pc.getStats()).values()];
  result.inbound = stats.filter(s => s.type === "inbound-rtp").map(s => ({kind: s.kind, packets: s.packetsReceived,
    lost: s.packetsLost, samples: s.totalSamplesReceived || 0, plis: s.pliCount || 0, nacks: s.nackCount || 0,
    delay: s.jitterBufferDelay / s.jitterBufferEmittedCount}));
  result.cipher = stats.find(s => s.type === "transport").srtpCipher;
  Object.assign(window, {viewer: pc, shownBy: video, session: reply.headers.get("location"), etag: reply.headers.get("etag")});
  return result;
}"""


RESTART = """async () => {
  const pc = window.viewer, answer = pc.currentRemoteDescription.sdp;
  pc.restartIce();
  await pc.setLocalDescription();
  const fragment = pc.localDescription.sdp.match(/a=ice-(ufrag|pwd):.*\\r\\n/g).slice(0, 2).join("");
  const reply = await fetch(window.session, {method: "PATCH", body: fragment,
    headers: {"content-type": "application/trickle-ice-sdpfrag", "if-match": window.etag}});
  const text = await reply.text();
  if (reply.status !== 200) throw new Error(text);
  const [ufrag, pwd] = ["ufrag", "pwd"].map(name => text.match(new RegExp(`a=ice-${name}:(.*)`))[1].trim());
  await pc.setRemoteDescription({type: "answer",
    sdp: answer.replace(/a=ice-ufrag:.*/g, `a=ice-ufrag:${ufrag}`).replace(/a=ice-pwd:.*/g, `a=ice-pwd:${pwd}`)});
  await new Promise(resolve => {
    let count = 0;
    const next = () => ++count === 30 ? resolve() : window.shownBy.requestVideoFrameCallback(next);
    window.shownBy.requestVideoFrameCallback(next);
  });
  const stats = [...(await pc.getStats()).values()];
  const transport = stats.find(s => s.type === "transport");
  const pair = stats.find(s => s.id === transport.selectedCandidatePairId);
  return {state: pc.connectionState, ufrag: transport.iceLocalUsernameFragment, sent: fragment, pair: pair.state};
}"""


@pytest.fixture
async def origin(relay: Relay) -> AsyncIterator[str]:
    """The relay's HTTP for a browser: adds the secret, as the web role does, and gives an empty page."""
    inner = control_app(relay.node, SECRET)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
            await send({"type": "http.response.body", "body": b"<!doctype html><title>relay</title>"})
            return
        await inner({**scope, "headers": [*scope["headers"], (HEADER_SECRET.encode(), SECRET.encode())]}, receive, send)

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none"))
    async with supervised("http") as tasks:
        task = tasks.start(server.serve(), "uvicorn")
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        await asyncio.wait([task], timeout=5)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium with a fake camera."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield launched
        await launched.close()


async def play(page: Any, origin: str, frames: int = 30, without: str = "") -> dict[str, Any]:
    """`without` takes the lines with this text out of the answer."""
    arguments = {"url": f"{origin}/whep/{STREAM}", "frames": frames, "without": without}
    result: dict[str, Any] = await page.evaluate(PLAY, arguments)
    return result


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
async def test_chromium_publishes_and_two_late_viewers_see_frames(
    relay: Relay, origin: str, browser: Browser, codec: str, record_property: Any
) -> None:
    page = await browser.new_page()
    await page.goto(origin)
    answer = await page.evaluate(PUBLISH, {"url": f"{origin}/whip/{STREAM}", "codec": codec})
    assert codec.removeprefix("video/") in answer
    await until(lambda: relay.events)
    viewers = [await play(page, origin) for _ in range(2)]
    for viewer in viewers:
        record_property("first_frame_ms", viewer["first"])
        assert viewer["cipher"].endswith("AEAD_AES_128_GCM")  # newer ones write it without SRTP_
        received = {item["kind"]: item for item in viewer["inbound"]}
        assert received["video"]["packets"] > 30
        assert received["audio"]["packets"] > 10
        assert received["video"]["lost"] == received["audio"]["lost"] == 0
        assert viewer["first"] < 2_000


async def test_an_ice_restart_of_a_viewer_keeps_the_picture_moving(relay: Relay, origin: str, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(origin)
    await page.evaluate(PUBLISH, {"url": f"{origin}/whip/{STREAM}", "codec": "video/H264"})
    await until(lambda: relay.events)
    await play(page, origin, frames=5)
    viewer = next(session for session in relay.node.sessions.values() if isinstance(session, Subscriber))
    after = await page.evaluate(RESTART)
    assert after["state"] == "connected"
    assert after["ufrag"] in after["sent"]
    assert viewer.remote_ufrag == after["ufrag"]
    await until(lambda: viewer.ice.previous is None)  # a check with the new credentials came, the old ones are void


PUBLISH_LAYERS = """async ({url, codec}) => {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  canvas.width = 1280; canvas.height = 720;
  const context = canvas.getContext("2d");
  let count = 0;
  setInterval(() => {
    context.fillStyle = `hsl(${count++ % 360} 80% 50%)`;
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = "white";
    context.font = "200px sans-serif";
    context.fillText(String(count), 100 + count % 400, 400);
  }, 33);
  const pc = window.publisher = new RTCPeerConnection();
  const transceiver = pc.addTransceiver(canvas.captureStream(30).getVideoTracks()[0], {direction: "sendonly", sendEncodings: [
    {rid: "l", scaleResolutionDownBy: 4, maxBitrate: 150000}, {rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500000},
    {rid: "h", scaleResolutionDownBy: 1, maxBitrate: 1500000}]});
  const codecs = RTCRtpSender.getCapabilities("video").codecs;
  transceiver.setCodecPreferences(codecs.filter(c => c.mimeType === codec || c.mimeType === "video/rtx"));
  await pc.setLocalDescription();
  const reply = await fetch(url, {method: "POST", body: pc.localDescription.sdp, headers: {"content-type": "application/sdp"}});
  const answer = await reply.text();
  if (reply.status !== 201) throw new Error(answer);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  return answer;
}"""

WIDTH_BECOMES = """width => new Promise(resolve => {
  const video = window.shownBy;
  const look = () => video.videoWidth === width ? resolve(width) : video.requestVideoFrameCallback(look);
  video.requestVideoFrameCallback(look);
})"""


@pytest.mark.parametrize("codec", ["video/H264", "video/VP8"])
async def test_a_viewer_of_a_simulcast_broadcast_changes_its_layer_without_a_new_connection(
    relay: Relay, origin: str, browser: Browser, codec: str
) -> None:
    page = await browser.new_page()
    await page.goto(origin)
    answer = await page.evaluate(PUBLISH_LAYERS, {"url": f"{origin}/whip/{STREAM}", "codec": codec})
    assert "a=simulcast:recv l;m;h" in answer
    stream = relay.node.streams[STREAM]
    track = stream.playable("video")
    assert track is not None
    await until(lambda: [layer.width for layer in track.ranked()] == [320, 640, 1280])
    await play(page, origin, frames=10)
    viewer = next(session for session in relay.node.sessions.values() if isinstance(session, Subscriber))
    for rid, width in (("l", 320), ("h", 1280), ("m", 640), ("h", 1280)):
        assert viewer.choose_layer(viewer.down_tracks[0].mid, rid)
        assert await page.evaluate(WIDTH_BECOMES, width) == width
    assert not viewer.choose_layer(viewer.down_tracks[0].mid, "x")
    await until(lambda: viewer.remb_bps)
    stats = await page.evaluate("async () => [...(await window.viewer.getStats()).values()].find(s => s.type === 'inbound-rtp')")
    assert stats["packetsLost"] == 0
    assert stats["nackCount"] == 0


async def test_frames_play_where_only_tcp_gets_through(relay: Relay, origin: str, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(origin)
    await page.evaluate(PUBLISH, {"url": f"{origin}/whip/{STREAM}", "codec": "video/H264", "without": " udp "})
    await until(lambda: relay.events)
    viewer = await play(page, origin, frames=60, without=" udp ")
    received = {item["kind"]: item for item in viewer["inbound"]}
    assert received["video"]["packets"] > 60
    assert received["video"]["lost"] == received["audio"]["lost"] == 0
    sessions = list(relay.node.sessions.values())
    assert len(sessions) == 2
    assert all(isinstance(session.address, TcpConnection) for session in sessions)
    after = await page.evaluate(RESTART)
    assert after["state"] == "connected"
    await until(lambda: all(session.ice.previous is None for session in sessions))
    over_both = await play(page, origin)
    assert over_both["inbound"]
    third = next(session for session in relay.node.sessions.values() if session not in sessions)
    await until(lambda: isinstance(third.address, tuple))  # with both at hand Chromium takes UDP
