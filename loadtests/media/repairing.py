"""A viewer that asks for lost packets of video as a browser does: at once, and again until they come."""

import asyncio
import time

import httpx

from loadtests.media import wire
from loadtests.media.client import Viewer
from loadtests.media.wire import RTX_TYPE, VIDEO_TYPE
from media.transport.dtls import Identity

REPEAT_S = 0.02
"""libwebrtc looks every 20 ms for what is still missing (`NackRequester::kUpdateInterval`)."""
TRIES_MAX = 10
GAP_MAX = 500
"""A longer gap is not asked for, but waited out until the next key frame."""
_ASKED_MAX = 100
"""Sequence numbers per request; more would not fit into a datagram with pairs for each."""


class RepairingViewer(Viewer):
    """`repaired`: sequence number of each packet that came as a retransmission, and when it first did, monotonic seconds."""

    def __init__(self, http: httpx.AsyncClient, identity: Identity) -> None:
        super().__init__(http, identity)
        self.repaired: dict[int, float] = {}
        self.remb_bps = 2_000_000
        self._missing: dict[int, int] = {}
        self._highest: int | None = None

    def on_datagram(self, buffer: bytearray, size: int) -> None:
        kind = buffer[1] & 0x7F
        if kind == VIDEO_TYPE:
            self._arrived(buffer[2] << 8 | buffer[3])
        elif kind == RTX_TYPE and size > 30 and self.keys is not None:
            _, payload = self.inbound.open(bytes(buffer[:size]))
            number = int.from_bytes(payload[:2], "big")  # RFC 4588 §4
            self.repaired.setdefault(number, time.monotonic())
            self._missing.pop(number, None)
        super().on_datagram(buffer, size)

    def each_second(self) -> None:
        """Reports without the NACKs of healthy viewers."""
        if self.video:
            video, audio = self.remote.sources["video"].ssrc, self.remote.sources["audio"].ssrc
            self.send_rtcp(wire.receiver_report(self.ssrc, [(video, self.sequence), (audio, self.audio_sequence)], self.remb_bps))

    async def repair(self) -> None:
        """Until cancelled: ask again for what is missing."""
        while True:
            await asyncio.sleep(REPEAT_S)
            self._ask(list(self._missing))

    def _arrived(self, number: int) -> None:
        before, self._highest = self._highest, number
        if before is None:
            return
        gap = number - before & 0xFFFF
        if gap >= 0x8000:  # a late one
            self._highest = before
            self._missing.pop(number, None)
        elif 1 < gap <= GAP_MAX:
            lost = [before + step & 0xFFFF for step in range(1, gap)]
            self._missing |= dict.fromkeys(lost, 0)
            self._ask(lost)

    def _ask(self, numbers: list[int]) -> None:
        if not numbers or self.keys is None:
            return
        for number in numbers:
            self._missing[number] += 1
            if self._missing[number] >= TRIES_MAX:
                del self._missing[number]
        for start in range(0, len(numbers), _ASKED_MAX):
            asked = numbers[start : start + _ASKED_MAX]
            self.send_rtcp(wire.nack(self.ssrc, self.remote.sources["video"].ssrc, asked))
