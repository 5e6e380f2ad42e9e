"""Thousands of connections in one web process: memory of each, how fast they come in, when a message reaches the last."""

import asyncio
import statistics
import time

from loadtests.channels.bench import Bench, Crowd, need_descriptors
from loadtests.channels.wire import stamped

CONNECTIONS, QUICK_CONNECTIONS = 10_000, 500
SWARMS = 2
WARM = 50
"""The first viewers make the process import, open channels and fill caches; they are not in the difference."""
MESSAGES, QUICK_MESSAGES = 12, 3
PAUSE_S = 0.6
SETTLE_S = 1.0
JOIN_S = 180.0


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`memory_kib_per_connection` is the growth of the web process's RSS over the growth in viewers: each with a session, in
    with a ticket, on all channels of a page. `last_ms` is from the publication to the receipt at the last of all viewers, the
    median over messages; `last_ms_max` the worst of them.

    Raises:
        NotMeasured: so many open files are not allowed.
    """
    connections = QUICK_CONNECTIONS if quick else CONNECTIONS
    need_descriptors(connections)
    await bench.close_hall()
    async with bench.node() as node, bench.crowd(node.port, WARM, swarms=SWARMS, in_flight=64) as crowd:
        await bench.make_guests(connections)
        await asyncio.sleep(SETTLE_S)
        before_bytes, cpu_s, began_s = node.child.resident_bytes(), node.child.cpu_s(), time.monotonic()
        await bench.add(crowd, connections - WARM, 64, deadline_s=JOIN_S)
        seconds, cpu_s = time.monotonic() - began_s, node.child.cpu_s() - cpu_s
        await asyncio.sleep(SETTLE_S)
        grown_bytes = node.child.resident_bytes() - before_bytes
        cpu_idle_s, began_s = node.child.cpu_s(), time.monotonic()
        lasts_ms = await _broadcast(bench, crowd, QUICK_MESSAGES if quick else MESSAGES)
        idle_share = (node.child.cpu_s() - cpu_idle_s) / (time.monotonic() - began_s)
    return {
        "connections": crowd.size,
        "channels_per_connection": len(bench.channels),
        "memory_kib_per_connection": grown_bytes / (connections - WARM) / 1024,
        "joins_per_s": (connections - WARM) / seconds,
        "join_cpu_ms": cpu_s / (connections - WARM) * 1000,
        "last_ms": statistics.median(lasts_ms),
        "last_ms_max": max(lasts_ms),
        "load_while_broadcasting": idle_share,
    }


async def _broadcast(bench: Bench, crowd: Crowd, count: int) -> list[float]:
    """Milliseconds from each publication to its receipt at the last viewer; both clocks are CLOCK_MONOTONIC."""
    await crowd.ask("clear")
    for number in range(count):
        began_s = time.monotonic()
        await bench.push(bench.chat, bench.line(stamped(number, began_s)))
        await asyncio.sleep(max(0.0, began_s + PAUSE_S - time.monotonic()))
    report = await crowd.delivered(count * crowd.size)
    assert len(report.arrivals) == count
    assert all(arrived == crowd.size for arrived, _ in report.arrivals.values())
    return [(last_s - stamp_s) * 1000 for stamp_s, (_, last_s) in report.arrivals.items()]
