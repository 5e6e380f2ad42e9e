"""CPU per delivery beside Node's `ws` on the same machine: the same bytes, to as many viewers, at the same pace, in turns.

Both sides count the CPU of their whole process over a round. Ours has Redis, the log and the channel's state in it, the peer only
broadcasts what it was given. Of the peer's two ways to write (`broadcast.mjs`) the better one counts, and messages of one tick
share a write there as well.
"""

import asyncio
import os
import shutil
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack

from loadtests.channels.bench import Bench, Crowd, Node
from loadtests.channels.fanout import path_us
from loadtests.channels.lines import Child
from loadtests.channels.wire import stamped
from loadtests.media.relay import NotMeasured
from tests.e2e.site import ROOT

VIEWERS, QUICK_VIEWERS = 1_000, 200
ROUNDS, QUICK_ROUNDS = 12, 3
PER_ROUND, QUICK_PER_ROUND = 20, 8
PAUSE_S, QUICK_PAUSE_S = 0.03, 0.015
BURST = 4
WAYS = ("send", "frame")


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """µs per delivered message of both, one at a time and in bursts of four, and the ratios ours/node: `ours_to_node` to the
    better of its ways, `ours_to_node_send` to the one that its documentation shows.

    Raises:
        NotMeasured: there is no Node.js, or no `ws`.
    """
    node_js = shutil.which("node")
    if node_js is None or not (ROOT / "static" / "node_modules" / "ws").exists():
        raise NotMeasured("Node.js or its package ws is missing; `make load` fetches both")
    viewers = QUICK_VIEWERS if quick else VIEWERS
    peer = Child([node_js, str(ROOT / "loadtests" / "channels" / "broadcast.mjs")], dict(os.environ))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(peer.close)
        port = (await peer.start())["port"]
        node, ours = await bench.hall(viewers)
        theirs = await stack.enter_async_context(bench.crowd(port, viewers, plain=True))
        return await _compare(bench, node, peer, ours, theirs, quick)


async def _compare(bench: Bench, node: Node, peer: Child, ours: Crowd, theirs: Crowd, quick: bool) -> dict[str, float]:
    rounds, count, pause_s = (QUICK_ROUNDS, QUICK_PER_ROUND, QUICK_PAUSE_S) if quick else (ROUNDS, PER_ROUND, PAUSE_S)
    taken: dict[tuple[str, int], list[float]] = {(way, at_once): [] for way in (*WAYS, "ours") for at_once in (1, BURST)}
    for number in range(-1, rounds):
        data = bench.line(stamped(number + 1, 0.0))
        for way, at_once in taken:
            if way == "ours":
                us, per_write = await path_us(bench, node, ours, data, at_once, count, pause_s)
                us *= per_write if at_once == 1 else 1.0  # a write for each, as there, also on a busy machine
            else:
                us = await _node_us(peer, theirs, way, data.decode(), at_once, count, pause_s)
            if number >= 0:  # before that V8 has not compiled its loops, and nothing is in any cache
                taken[way, at_once].append(us)
    figures = {
        f"{'' if way == 'ours' else 'node_'}{way}_us{_suffix(at_once)}": statistics.median(us)
        for (way, at_once), us in taken.items()
    }
    for at_once in (1, BURST):
        ways = {way: taken[way, at_once] for way in WAYS}
        figures[f"ours_to_node{_suffix(at_once)}"] = _ratio(taken["ours", at_once], list(ways.values()))
        figures[f"ours_to_node_send{_suffix(at_once)}"] = _ratio(taken["ours", at_once], [ways["send"]])
    return figures


def _ratio(ours: Sequence[float], theirs: Sequence[Sequence[float]]) -> float:
    """Of each round ours over the peer's in the way that is better on the whole."""
    best = min(theirs, key=statistics.median)
    return statistics.median(one / other for one, other in zip(ours, best, strict=True))


def _suffix(at_once: int) -> str:
    return "" if at_once == 1 else "_in_bursts"


async def _node_us(peer: Child, crowd: Crowd, way: str, data: str, at_once: int, count: int, pause_s: float) -> float:
    await crowd.ask("clear")
    # As ours puts it around the data, to the byte.
    frame = (
        '{"op":"push","channel":"chat:shw_'
        + "0" * 32
        + '","epoch":"0123456789ab","offset":1,"at_ms":1800000000000,"data":'
        + data
        + "}"
    )
    cpu_s = peer.cpu_s()
    await peer.ask("broadcast", way=way, data=frame, at_once=at_once, rounds=count, pause_s=pause_s)
    frames = count * at_once * crowd.size
    await crowd.delivered(frames)
    await asyncio.sleep(0)
    return (peer.cpu_s() - cpu_s) / frames * 1e6
