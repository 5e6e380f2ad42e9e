"""Joining in a real browser: WHEP POST to the first decoded frame, and how far behind the live edge the player is a second later.

The host ignores requests for key frames (OBS does), and every join happens when the last key frame is about three seconds old.
Several broadcasts whose key frames fall on different moments make such a moment come often.
"""

import asyncio
import contextlib
import math
import statistics
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loadtests.media import chromium
from loadtests.media.bench import Air, Bench
from loadtests.media.clip import FRAMES, GOP_S, Clip
from loadtests.media.host import FRAME_RATE
from loadtests.media.relay import NotMeasured

if TYPE_CHECKING:
    from playwright.async_api import Page

JOINS, QUICK_JOINS = 24, 3
AGE_S = 3.0
"""Age of the key frame at a join."""
LATE_S = 0.05
"""A join that missed its moment by more waits for the next one."""
STREAMS = 8
LATER_MS, WINDOW_MS = 1_000.0, 300.0
"""The lag is that of the frames presented in this window after the first one."""


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`join_first_frame_ms_*` and `join_lag_ms` (median over joins), `join_lag_ms_p95`."""
    firsts: list[float] = []
    lags: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        airs = [
            await stack.enter_async_context(bench.air(f"join-{number}", Clip(number * FRAMES // STREAMS), lead_s=0))
            for number in range(STREAMS)
        ]
        began_s = time.monotonic()
        opened = await stack.enter_async_context(chromium.page(await bench.browser(), bench.relay))
        await asyncio.sleep(began_s + AGE_S - time.monotonic())  # a key frame has to be so old first
        await _join(opened, airs)  # the first one loads the decoder
        for _ in range(QUICK_JOINS if quick else JOINS):
            first_ms, lag_ms = await _join(opened, airs)
            firsts.append(first_ms)
            lags.append(lag_ms)
    return {
        "join_first_frame_ms_median": statistics.median(firsts),
        "join_first_frame_ms_p95": percentile(firsts, 0.95),
        "join_lag_ms": statistics.median(lags),
        "join_lag_ms_p95": percentile(lags, 0.95),
    }


async def _join(opened: "Page", airs: Sequence[Air]) -> tuple[float, float]:
    """Milliseconds to the first frame, and behind the live edge later."""
    air = await _right_moment(airs)
    posted_ms = await chromium.play(opened, f"/whep/{air.stream}")
    await asyncio.sleep((LATER_MS + WINDOW_MS) / 1000)
    frames, _ = await chromium.shown(opened)
    await opened.evaluate("leave()")
    first_ms = frames[0].presented_ms
    later = [frame for frame in frames if LATER_MS <= frame.presented_ms - first_ms <= LATER_MS + WINDOW_MS]
    behind = [lag for frame in later if (lag := _behind_ms(air, frame.seen_ms, frame.number)) is not None]
    if not behind:
        raise NotMeasured(f"a player presented {len(later)} frames in {WINDOW_MS:g} ms, {len(behind)} of them readable")
    return first_ms - posted_ms, statistics.median(behind)


async def _right_moment(airs: Sequence[Air]) -> Air:
    """Waits until the key frame of a broadcast is `AGE_S` old."""
    while True:
        waits = [((AGE_S - _key_age_s(air)) % GOP_S, air) for air in airs]
        wait_s, air = min(waits, key=lambda item: item[0])
        await asyncio.sleep(wait_s)
        if abs(_key_age_s(air) - AGE_S) < LATE_S:
            return air


def _key_age_s(air: Air) -> float:
    """Since the last key frame left."""
    clip, newest = air.host.programme, air.host.frames - 1
    assert isinstance(clip, Clip)
    return clip.number(newest) / FRAME_RATE + time.time() - air.host.sent_at[newest]


def _behind_ms(air: Air, moment_ms: float, number: int) -> float | None:
    """How long before `moment_ms` the host had sent the frame with this number; None when the number could not be read."""
    clip = air.host.programme
    assert isinstance(clip, Clip)
    sent = [sent_s for frame, sent_s in air.host.sent_at.items() if clip.number(frame) == number and sent_s * 1000 <= moment_ms]
    return moment_ms - max(sent) * 1000 if sent else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
