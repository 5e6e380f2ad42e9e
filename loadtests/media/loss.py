"""Five percent of what goes to a viewer is lost: how much of it is repaired in time, and whether a browser's picture freezes.

Two viewers, each behind its own lossy proxy: a client that knows each lost packet and each repair, and Chromium. Retransmissions
are lost as well. Only video is repaired; sound has Opus' own concealment.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from loadtests.media import chromium
from loadtests.media.bench import Air, Bench
from loadtests.media.clip import Clip
from loadtests.media.host import FRAME_RATE
from loadtests.media.network import Lossy
from loadtests.media.relay import NotMeasured
from loadtests.media.repairing import RepairingViewer

if TYPE_CHECKING:
    from playwright.async_api import Page

SHARE = 0.05
SECONDS, QUICK_SECONDS = 60.0, 5.0
SETTLE_S = 1.0
"""Catching up with the live edge after a join is another measurement."""
IN_TIME_S = 0.2
SENT_MIN = 0.95
"""A host that sends fewer frames than it should is on a machine that is too busy."""


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`loss_repaired`: share of lost video packets that came again within 200 ms of the loss; `freeze_s_per_minute` of Chromium,
    and `loss_frames_decoded`, the share of the frames sent that it decoded."""
    seconds = QUICK_SECONDS if quick else SECONDS
    async with contextlib.AsyncExitStack() as stack:
        opened = await stack.enter_async_context(chromium.page(await bench.browser(), bench.relay))
        air = await stack.enter_async_context(bench.air("loss", Clip()))
        scout = air.viewers(1)
        await air.add(scout)
        video = scout[0].remote.sources["video"].ssrc
        lines = [Lossy(air.host.remote.port, SHARE, seed, video) for seed in (1, 2)]
        for line in lines:
            await stack.enter_async_context(line)
        viewer = RepairingViewer(bench.relay.http, bench.identity)
        await air.add([viewer], lines[0].port)
        bench.tasks.start(viewer.repair(), "repair")
        await chromium.play(opened, f"/whep/{air.stream}", lines[1].port)
        await asyncio.sleep(SETTLE_S)
        figures = await _watched(air, opened, seconds)
        return {"loss_repaired": _in_time(lines[0], viewer), **figures}


async def _watched(air: Air, opened: "Page", seconds: float) -> dict[str, float]:
    before, sent = (await chromium.shown(opened))[1], air.host.frames
    await asyncio.sleep(seconds)
    after, sent = (await chromium.shown(opened))[1], air.host.frames - sent
    await asyncio.sleep(2 * IN_TIME_S)  # what was lost last may still be repaired
    decoded = (after["decoded"] - before["decoded"]) / sent
    if after["repaired"] == before["repaired"]:
        raise NotMeasured("Chromium got no retransmission: the loss was not on its way")
    if sent < SENT_MIN * seconds * FRAME_RATE:
        raise NotMeasured(f"the host sent {sent} frames in {seconds:g} s: the machine is too busy")
    frozen_s = after["freezes_s"] - before["freezes_s"]
    return {"freeze_s_per_minute": frozen_s * 60 / seconds, "loss_frames_decoded": decoded}


def _in_time(line: Lossy, viewer: RepairingViewer) -> float:
    """Of the packets lost early enough to be repaired before the end."""
    end_s = max(line.lost.values()) - IN_TIME_S
    lost = {number: lost_s for number, lost_s in line.lost.items() if lost_s <= end_s}
    if not lost:
        raise NotMeasured("nothing was lost")
    return sum(viewer.repaired.get(number, float("inf")) - lost_s <= IN_TIME_S for number, lost_s in lost.items()) / len(lost)
