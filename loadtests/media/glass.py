"""From glass to glass: one page of Chromium publishes a picture with the time in it, another plays it and reads the time back.

Everything between is in the figure: capture, encoding, the relay, the jitter buffer, decoding and presentation.
"""

import asyncio
import contextlib
import statistics
from collections.abc import Sequence

from loadtests.media import chromium
from loadtests.media.bench import LEAD_S, Bench
from loadtests.media.join import percentile
from loadtests.media.relay import NotMeasured
from schemas.media import HEADER_PARTICIPANT, HEADER_ROLE

SECONDS, QUICK_SECONDS = 20.0, 2.0
SETTLE_S = 1.0
"""The encoder's rate and the jitter buffer find their level."""
FRAMES_MIN_PER_S = 15
_WRAP_MS = 1 << 16


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`glass_ms_median` and `glass_ms_p95` of a viewer, and the same with `guest_` of a guest in the waiting room, at once."""
    seconds = QUICK_SECONDS if quick else SECONDS
    browser = await bench.browser()
    async with contextlib.AsyncExitStack() as pages:
        host, viewer, guest = [await pages.enter_async_context(chromium.page(browser, bench.relay)) for _ in range(3)]
        await host.evaluate("publishClock", {"url": "/whip/glass"})
        await asyncio.sleep(LEAD_S)
        await chromium.play(viewer, "/whep/glass")
        await chromium.play(guest, "/whep/glass", headers={HEADER_ROLE: "guest", HEADER_PARTICIPANT: "pas_load"})
        await asyncio.sleep(SETTLE_S)
        before = [len((await chromium.shown(page))[0]) for page in (viewer, guest)]
        await asyncio.sleep(seconds)
        frames = [(await chromium.shown(page))[0][start:] for page, start in zip((viewer, guest), before, strict=True)]
    return _figures("glass", frames[0], seconds) | _figures("guest_glass", frames[1], seconds)


def _figures(name: str, frames: Sequence[chromium.Frame], seconds: float) -> dict[str, float]:
    delays_ms = [(frame.seen_ms - frame.number) % _WRAP_MS for frame in frames if frame.number >= 0]
    if len(delays_ms) < FRAMES_MIN_PER_S * seconds:
        raise NotMeasured(f"{len(delays_ms)} readable frames in {seconds:g} s: the machine is too busy")
    return {f"{name}_ms_median": statistics.median(delays_ms), f"{name}_ms_p95": percentile(delays_ms, 0.95)}
