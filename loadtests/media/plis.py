"""Many viewers at once: how often the host is asked for a key frame while 200 viewers join within ten seconds.

The host answers each request with a key frame, and sends one of its own only every ten seconds, so that the group of pictures
grows too old to be replayed. A viewer that got no picture for a while asks for a key frame, as browsers do, and asks again.
"""

import asyncio
import time

from loadtests.media.bench import Air, Bench
from loadtests.media.client import DEADLINE_S, Viewer
from loadtests.media.host import FRAME_RATE, Pattern
from loadtests.media.relay import NotMeasured

JOINS, WITHIN_S = 200, 10.0
QUICK_JOINS, QUICK_WITHIN_S = 60, 3.0
PATIENCE_S = 0.2
"""A browser asks when it has waited so long for something to decode (200 ms before the first frame in libwebrtc)."""
LATE = 1.25
"""Joins that took so much longer than `WITHIN_S` were another load."""


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`plis`: PLI and FIR that the host got, for 200 joins; the short run is scaled up from fewer joins at the same rate.
    `plis_wanted`: what the viewers sent."""
    joins, within_s = (QUICK_JOINS, QUICK_WITHIN_S) if quick else (JOINS, WITHIN_S)
    async with bench.air("plis", Pattern(gop=10 * FRAME_RATE, answers=True)) as air:
        before, started_s = air.host.key_requests, time.monotonic()
        joining: list[asyncio.Future[int]] = []
        for number, viewer in enumerate(air.viewers(joins)):
            await asyncio.sleep(max(0.0, started_s + number * within_s / joins - time.monotonic()))
            joining.append(asyncio.ensure_future(_join(air, viewer)))
        wanted = sum(await asyncio.gather(*joining))
        took_s = time.monotonic() - started_s
        asked = air.host.key_requests - before
    if took_s > LATE * within_s + PATIENCE_S:
        raise NotMeasured(f"{joins} joins took {took_s:.1f} s instead of {within_s:g}: the machine is too busy")
    return {"plis": asked * JOINS / joins, "plis_wanted": wanted * JOINS / joins}


async def _join(air: Air, viewer: Viewer) -> int:
    """Join and wait for the picture; how often the viewer had to ask for one."""
    air.peers.append(viewer)
    await viewer.watch(air.stream)
    asked = 0
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with_picture = time.monotonic() + PATIENCE_S
            while time.monotonic() < with_picture:
                if viewer.video:
                    return asked
                await asyncio.sleep(0.01)
            viewer.want_key_frame()
            asked += 1
