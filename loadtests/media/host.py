"""A broadcasting client: sends pictures at 30 per second and sound at 50, in packets that somebody made before.

`Pattern` is packets of equal size for measurements of transport; `clip.Clip` is a real picture for browsers.
"""

import asyncio
import os
import secrets
import struct
import time
from collections.abc import Sequence
from typing import Protocol

import httpx

from loadtests.media import wire
from loadtests.media.client import Client
from loadtests.media.wire import AUDIO_TYPE, VIDEO_TYPE
from media.transport.dtls import Identity

FRAME_RATE, SOUND_RATE = 30, 50
SIZE = 1100
"""Bytes of RTP payload of a pattern's packet."""
FRAME = 8
"""Packets of a pattern's frame: with 30 frames/s 2.1 Mbit/s."""
SOUND_SIZE = 160
"""Bytes of Opus per 20 ms: 64 kbit/s."""


class Programme(Protocol):
    """What a host sends."""

    def frame(self, number: int, key: bool) -> Sequence[bytes]:
        """Payloads of a picture; `key` when somebody has asked for a key frame since the last picture."""

    def sound(self, number: int) -> bytes:
        """Payload of 20 ms."""


class Pattern:
    """Frames of equal packets; a key frame every `gop` frames, and when asked if `answers`."""

    def __init__(self, gop: int = FRAME_RATE, *, answers: bool = False) -> None:
        self._gop = gop
        self._answers = answers
        body = os.urandom(SIZE)
        # A coded slice, of a key frame or not, whose first macroblock is 0 (RFC 6184 §5.6: a packet is a NAL unit).
        self._key = [b"\x65\x88" + body[2:]] * FRAME
        self._delta = [b"\x41\x9a" + body[2:]] * FRAME
        self._sound = os.urandom(SOUND_SIZE)

    def frame(self, number: int, key: bool) -> Sequence[bytes]:
        """See `Programme`."""
        return self._key if number % self._gop == 0 or (key and self._answers) else self._delta

    def sound(self, number: int) -> bytes:
        """See `Programme`."""
        return self._sound


class Host(Client):
    """`stamped` writes the moment of sending (Unix time, seconds) over the last 8 bytes of each video payload."""

    def __init__(self, http: httpx.AsyncClient, identity: Identity, programme: Programme, *, stamped: bool = False) -> None:
        super().__init__(http, identity)
        self.programme = programme
        self.stamped = stamped
        self.key_requests = 0
        """PLI and FIR that came."""
        self.frames = 0
        self.sent_at: dict[int, float] = {}
        """Unix time at which each of the last frames left, seconds."""
        self.packets = 0
        """Of video and sound."""
        self._on_air = asyncio.Event()
        self._on_air.set()
        self._key = False
        self._origin_s = 0.0
        self._sounds = 0
        self._indexes = {VIDEO_TYPE: secrets.randbits(14), AUDIO_TYPE: secrets.randbits(14)}
        self._ssrcs = {VIDEO_TYPE: self.ssrc, AUDIO_TYPE: self.ssrc ^ 1}

    async def publish(self, stream: str) -> None:
        """Open the session."""
        await self.connect(f"/whip/{stream}", "sendonly")

    def pause(self, paused: bool) -> None:
        """Send nothing until it goes on; timestamps go on from where they were."""
        if paused:
            self._on_air.clear()
        else:
            self._origin_s = time.monotonic() - self.frames / FRAME_RATE
            self._on_air.set()

    async def broadcast(self) -> None:
        """Until cancelled."""
        self._origin_s = time.monotonic()
        while True:
            await self._on_air.wait()
            sound_is_next = self._sounds / SOUND_RATE < self.frames / FRAME_RATE
            due_s = self._sounds / SOUND_RATE if sound_is_next else self.frames / FRAME_RATE
            await asyncio.sleep(max(0.0, self._origin_s + due_s - time.monotonic()))
            if sound_is_next:
                self._packet(AUDIO_TYPE, self._sounds * 960, True, self.programme.sound(self._sounds))
                self._sounds += 1
            else:
                self._frame()

    def _frame(self) -> None:
        key, self._key = self._key, False
        payloads = self.programme.frame(self.frames, key)
        self.sent_at[self.frames] = time.time()
        self.sent_at.pop(self.frames - 300, None)
        for position, payload in enumerate(payloads):
            if self.stamped:
                payload = payload[:-8] + struct.pack("!d", time.time())
            self._packet(VIDEO_TYPE, self.frames * 3000, position == len(payloads) - 1, payload)
        self.frames += 1

    def _packet(self, kind: int, timestamp: int, marker: bool, payload: bytes) -> None:
        index = self._indexes[kind]
        self._indexes[kind] = index + 1
        second = kind | (0x80 if marker and kind == VIDEO_TYPE else 0)
        header = struct.pack("!BBHII", 0x80, second, index & 0xFFFF, timestamp & 0xFFFFFFFF, self._ssrcs[kind])
        self._send(self.outbound.protect(index, header, payload))
        self.packets += 1

    def each_second(self) -> None:
        """Sender reports: picture and sound began together."""
        now_s, elapsed_s = time.time(), time.monotonic() - self._origin_s
        if self.frames:
            for kind, rate in ((VIDEO_TYPE, 90_000), (AUDIO_TYPE, 48_000)):
                report = wire.sender_report(self._ssrcs[kind], now_s, int(elapsed_s * rate), self.packets, self.packets * SIZE)
                self.send_rtcp(report)

    def on_datagram(self, buffer: bytearray, size: int) -> None:
        """RTCP of the relay."""
        wanted = wire.keyframe_requests(self.inbound.open_rtcp(bytes(buffer[:size])))
        self.key_requests += wanted
        self._key = self._key or wanted > 0
