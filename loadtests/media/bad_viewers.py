"""Bad viewers beside 40 good ones: one stops reading, one has a link of 100 kbit/s, one sends 2,000 NACKs per second.

The same viewers take part all the time; rounds in which three of them behave badly alternate with rounds in which they do not,
and each round is compared with its neighbour. The delay of a frame goes from the host's send to the arrival of the frame's last
packet in the good viewer's kernel (SO_TIMESTAMPNS), so that this process reading late does not count.
"""

import asyncio
import contextlib
import socket
import statistics
import struct
import time

import httpx

from loadtests.media import wire
from loadtests.media.bench import Bench
from loadtests.media.client import Viewer, last_float
from loadtests.media.host import FRAME_RATE, Host, Pattern
from loadtests.media.join import percentile
from loadtests.media.network import Narrow
from loadtests.media.relay import NotMeasured
from loadtests.media.repairing import RepairingViewer
from loadtests.media.wire import VIDEO_TYPE
from media.transport.dtls import Identity

GOOD = 40
PAIRS, QUICK_PAIRS = 10, 2
ROUND_S, QUICK_ROUND_S = 3.0, 1.0
SETTLE_S = 0.3
"""Between rounds, not measured."""
NARROW_BPS = 100_000
FLOOD_PER_S, FLOOD_STEP_S = 2_000, 0.01
FELT_MIN = 0.7
"""Share of the flood that must have reached the relay; else nobody was bad."""
ARRIVED_MIN = 0.97
SENT_MIN = 0.8
"""A host that sends fewer frames than it should is on a machine that is too busy."""
_SO_TIMESTAMPNS = 35
"""<asm-generic/socket.h>; the socket module has no name for it."""
_LAST_VIDEO = 0x80 | VIDEO_TYPE


class TimedViewer(Viewer):
    """`delays_ms` of the frames since it was emptied."""

    def __init__(self, http: httpx.AsyncClient, identity: Identity) -> None:
        super().__init__(http, identity)
        self.delays_ms: list[float] = []
        self.sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)

    def drain(self) -> None:
        receive, buffers, room = self.sock.recvmsg_into, [self._buffer], socket.CMSG_SPACE(16)
        while True:
            try:
                size, notes, _, _ = receive(buffers, room)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if self._buffer[0] < 128:
                self.on_control(bytes(self._buffer[:size]))
                continue
            self.on_datagram(self._buffer, size)
            if self._buffer[1] == _LAST_VIDEO and self.keys is not None:
                seconds, nanoseconds = struct.unpack("@qq", notes[0][2])
                _, payload = self.inbound.open(bytes(self._buffer[:size]))
                self.delays_ms.append((seconds - last_float(payload)) * 1e3 + nanoseconds / 1e6)


class Bad:
    """The three that can misbehave."""

    def __init__(self, stuck: Viewer, slow: RepairingViewer, link: Narrow, flooder: Viewer) -> None:
        self.stuck, self.slow, self.link, self.flooder = stuck, slow, link, flooder
        self.flooding = asyncio.Event()

    def behave(self, well: bool) -> None:
        """All three."""
        self.stuck.read(well)
        self.link.bps = 0 if well else NARROW_BPS
        self.slow.remb_bps = 2_000_000 if well else NARROW_BPS
        if well:
            self.flooding.clear()
        else:
            self.flooding.set()

    async def flood(self) -> None:
        """Until cancelled: NACKs of 17 packets each, while `flooding`."""
        ssrc = self.flooder.remote.sources["video"].ssrc
        while True:
            await self.flooding.wait()
            started_s, sent = time.monotonic(), 0
            while self.flooding.is_set():
                for _ in range(int((time.monotonic() - started_s) * FLOOD_PER_S) - sent):
                    self.flooder.send_rtcp(wire.nack(self.flooder.ssrc, ssrc, [self.flooder.sequence - 16], mask=0xFFFF))
                    sent += 1
                await asyncio.sleep(FLOOD_STEP_S)


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`p99_delay_growth`: median over the pairs of rounds of the 99th percentiles' ratio; `p99_delay_ms` without and
    `p99_delay_ms_beside_bad` with bad viewers, median over the rounds."""
    pairs, round_s = (QUICK_PAIRS, QUICK_ROUND_S) if quick else (PAIRS, ROUND_S)
    async with contextlib.AsyncExitStack() as stack:
        air = await stack.enter_async_context(bench.air("bad", Pattern(), stamped=True))
        good = [TimedViewer(bench.relay.http, bench.identity) for _ in range(GOOD)]
        await air.add(good)
        stuck, flooder = air.viewers(2)
        slow = RepairingViewer(bench.relay.http, bench.identity)
        link = Narrow(air.host.remote.port)
        await stack.enter_async_context(link)
        await air.add([stuck, flooder])
        await air.add([slow], link.port)
        bad = Bad(stuck, slow, link, flooder)
        for task in (bad.flood(), slow.repair()):
            stack.callback(bench.tasks.start(task, "bad").cancel)
        alone: list[float] = []
        beside: list[float] = []
        await _p99_ms(air.host, good, round_s)  # warms up
        nacks = await _nacks(bench)
        for pair in range(pairs):
            for well in (True, False) if pair % 2 == 0 else (False, True):
                bad.behave(well)
                (alone if well else beside).append(await _p99_ms(air.host, good, round_s))
        bad.behave(well=True)
        nacks = await _nacks(bench) - nacks
        if nacks < FELT_MIN * FLOOD_PER_S * pairs * round_s or not link.lost:
            raise NotMeasured(f"the relay got {nacks} NACKs and the narrow link lost {link.lost} packets: nobody was bad")
    return {
        "p99_delay_ms": statistics.median(alone),
        "p99_delay_ms_beside_bad": statistics.median(beside),
        "p99_delay_growth": statistics.median(after / before for before, after in zip(alone, beside, strict=True)),
    }


async def _nacks(bench: Bench) -> int:
    """How many have reached the relay."""
    return int((await bench.relay.http.get("/stats")).json()["counters"]["nacks_in"])


async def _p99_ms(host: Host, good: list[TimedViewer], round_s: float) -> float:
    await asyncio.sleep(SETTLE_S)
    for viewer in good:
        viewer.delays_ms.clear()
    sent = host.frames
    await asyncio.sleep(round_s)
    delays_ms = [delay for viewer in good for delay in viewer.delays_ms]
    sent = host.frames - sent - 1  # one may be on its way
    if len(delays_ms) < ARRIVED_MIN * len(good) * sent or sent < SENT_MIN * FRAME_RATE * round_s:
        raise NotMeasured(f"{len(delays_ms)} frames arrived at {len(good)} viewers in {round_s:g} s: the machine is too busy")
    return percentile(delays_ms, 0.99)
