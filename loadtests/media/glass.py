"""From glass to glass: one page of Chromium publishes a picture with the time in it, another plays it and reads the time back.

Everything between is in the figure: capture, encoding, the relay, the jitter buffer, decoding and presentation.
"""

import asyncio
import statistics

from loadtests.media import chromium
from loadtests.media.bench import LEAD_S, Bench
from loadtests.media.join import percentile
from loadtests.media.relay import NotMeasured

SECONDS, QUICK_SECONDS = 20.0, 2.0
SETTLE_S = 1.0
"""The encoder's rate and the jitter buffer find their level."""
FRAMES_MIN_PER_S = 15
_WRAP_MS = 1 << 16


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`glass_ms_median` and `glass_ms_p95`."""
    seconds = QUICK_SECONDS if quick else SECONDS
    browser = await bench.browser()
    async with chromium.page(browser, bench.relay) as host, chromium.page(browser, bench.relay) as viewer:
        await host.evaluate("publishClock", {"url": "/whip/glass"})
        await asyncio.sleep(LEAD_S)
        await chromium.play(viewer, "/whep/glass")
        await asyncio.sleep(SETTLE_S)
        before = len((await chromium.shown(viewer))[0])
        await asyncio.sleep(seconds)
        frames = (await chromium.shown(viewer))[0][before:]
    delays_ms = [(frame.seen_ms - frame.number) % _WRAP_MS for frame in frames if frame.number >= 0]
    if len(delays_ms) < FRAMES_MIN_PER_S * seconds:
        raise NotMeasured(f"{len(delays_ms)} readable frames in {seconds:g} s: the machine is too busy")
    return {"glass_ms_median": statistics.median(delays_ms), "glass_ms_p95": percentile(delays_ms, 0.95)}
