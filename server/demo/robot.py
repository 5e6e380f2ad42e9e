"""The robot host's camera: publishes the clip for ever through the public WHIP endpoint (RFC 9725), without encoding anything."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any
from urllib.parse import urljoin

import aioice.ice
import httpx
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from av import Packet

from schemas.http.shows import IngestView
from server.demo.client import ApiRefused, ShopClient
from server.demo.clip import Clip
from server.kernel.clock import Clock
from server.kernel.log import get_logger

log = get_logger(__name__)

CONNECT_DEADLINE_S = 10.0
WATCH_PERIOD_S = 1.0
SILENCE_MAX_S = 6.0
"""Receivers report about once a second. A media node that was killed does not say good-bye; its reports just stop."""

BEHIND_MAX_S = 1.0
"""A track that is later than this (a suspended machine) leaves out what is past instead of sending it in one burst."""


class LoopTrack(MediaStreamTrack):
    """Encoded frames of a clip, one after another, each at its time. aiortc packs `av.Packet`s into RTP as they are."""

    def __init__(self, kind: str, frames: tuple[bytes, ...], per_s: int, clock: Clock, started_ms: float) -> None:
        super().__init__()
        self.kind = kind
        self._frames = frames
        self._per_s = per_s
        self._clock = clock
        self._started_ms = started_ms
        self._index = 0

    async def recv(self) -> "Packet[Any]":
        """The next frame, not before it is due."""
        wait_s = self._due_in_s()
        if wait_s < -BEHIND_MAX_S:
            # Whole seconds: the picture goes on with a key frame, and sound and picture stay together.
            self._index += int(-wait_s) * self._per_s
        elif wait_s > 0:
            await asyncio.sleep(wait_s)
        packet = Packet(self._frames[self._index % len(self._frames)])
        packet.pts = self._index
        packet.time_base = Fraction(1, self._per_s)
        self._index += 1
        return packet

    def _due_in_s(self) -> float:
        return self._index / self._per_s - (self._clock.monotonic_ms() - self._started_ms) / 1000


async def publish_once(client: ShopClient, ingest: IngestView, clip: Clip, clock: Clock) -> None:
    """Publish until the connection or the session is lost; the caller tries again.

    Raises:
        ApiRefused: the server does not take the stream (now).
        TimeoutError: no connection in time.
    """
    # Not "max-bundle": aiortc then takes candidates from the last media section only, and answers need them only in the first
    # (RFC 8843 §7.3.3).
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    session_url = ""
    try:
        started_ms = clock.monotonic_ms()
        _offer_track(peer, LoopTrack("video", clip.video, clip.frames_per_s, clock, started_ms), "video/H264")
        _offer_track(peer, LoopTrack("audio", clip.audio, clip.blocks_per_s, clock, started_ms), "audio/opus")
        session_url = await _negotiate(peer, client, ingest)
        await _connected(peer)
        log.info("the robot host is on air", session=session_url)
        await _watch(peer, clock)
    finally:
        await _leave(peer, client, session_url, ingest)


def _offer_track(peer: RTCPeerConnection, track: LoopTrack, mime_type: str) -> None:
    transceiver = peer.addTransceiver(track, direction="sendonly")
    codecs = [codec for codec in RTCRtpSender.getCapabilities(track.kind).codecs if codec.mimeType == mime_type]
    assert codecs, mime_type
    transceiver.setCodecPreferences(codecs)


async def _negotiate(peer: RTCPeerConnection, client: ShopClient, ingest: IngestView) -> str:
    """Offer, answer, and the address of the session (RFC 9725 §4.2)."""
    with _loopback_too():
        await peer.setLocalDescription(await peer.createOffer())
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {ingest.token}"}
    answer = await client.exchange("POST", ingest.whip_url, peer.localDescription.sdp.encode(), headers)
    session_url = urljoin(str(answer.url), answer.headers["Location"])
    await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    return session_url


async def _connected(peer: RTCPeerConnection) -> None:
    changed = asyncio.Event()
    peer.on("connectionstatechange", changed.set)
    async with asyncio.timeout(CONNECT_DEADLINE_S):
        while peer.connectionState in ("new", "connecting"):
            changed.clear()
            await changed.wait()
    if peer.connectionState != "connected":
        raise ConnectionError(f"the media connection is {peer.connectionState}")


async def _watch(peer: RTCPeerConnection, clock: Clock) -> None:
    """Return when the connection has ended, or when nobody reports reception any more (RFC 3550 §6.4.2)."""
    heard, heard_ms = "", clock.monotonic_ms()
    while peer.connectionState == "connected":
        await asyncio.sleep(WATCH_PERIOD_S)
        reports = await _reception_reports(peer)
        if reports != heard:
            heard, heard_ms = reports, clock.monotonic_ms()
        elif clock.monotonic_ms() - heard_ms > SILENCE_MAX_S * 1000:
            log.info("nobody receives the robot host any more")
            return


async def _reception_reports(peer: RTCPeerConnection) -> str:
    """The time of the latest report of each track; it changes with every report."""
    statistics = [await sender.getStats() for sender in peer.getSenders()]
    reports = [entry for report in statistics for entry in report.values() if entry.type == "remote-inbound-rtp"]
    return " ".join(str(entry.timestamp) for entry in reports)


async def _leave(peer: RTCPeerConnection, client: ShopClient, session_url: str, ingest: IngestView) -> None:
    try:
        if session_url:
            await client.request("DELETE", session_url, headers={"Authorization": f"Bearer {ingest.token}"})
    except (ApiRefused, httpx.TransportError) as error:
        log.info("the session was gone already", error=repr(error))
    finally:
        await peer.close()


@contextmanager
def _loopback_too() -> Iterator[None]:
    """Let aioice gather 127.0.0.1 as well, which it leaves out: the demo's media node listens there by default.

    This process publishes one stream at a time, so that nobody else gathers meanwhile.
    """
    found = aioice.ice.get_host_addresses

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1", *found(use_ipv4, use_ipv6)]

    aioice.ice.get_host_addresses = with_loopback
    try:
        yield
    finally:
        aioice.ice.get_host_addresses = found
