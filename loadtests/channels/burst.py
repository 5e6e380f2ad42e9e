"""Bursts of chat: many people say something at the same moment. How many messages share a write, and what that costs.

The added delay is the p99 of lines that come in bursts minus that of lines that come alone, a moment before, to the same viewers.
"""

import asyncio
import statistics

from loadtests.channels.bench import Bench, Crowd, Node
from loadtests.channels.delays import Delays
from loadtests.channels.talk import talk

VIEWERS, QUICK_VIEWERS = 500, 200
AT_ONCE = 40
EVERY_S = 1.0
ALONE_PER_S = 4.0
ROUNDS, QUICK_ROUNDS = 5, 1
ROUND_S, QUICK_ROUND_S = 3.0, 1.0
SETTLE_S = 0.3


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`burst_messages_per_write`, and the delays of both in milliseconds."""
    viewers, rounds, round_s = (QUICK_VIEWERS, QUICK_ROUNDS, QUICK_ROUND_S) if quick else (VIEWERS, ROUNDS, ROUND_S)
    node, crowd = await bench.hall(viewers)
    await bench.talkers()
    alone, bursts = Delays(), Delays()
    per_write: list[float] = []
    flushes = messages = 0
    for _ in range(rounds):
        await _round(bench, node, crowd, alone, per_s=ALONE_PER_S, seconds=round_s, at_once=1)
        frames, writes = await _round(bench, node, crowd, bursts, per_s=AT_ONCE / EVERY_S, seconds=round_s, at_once=AT_ONCE)
        per_write.append(frames / writes)
        flushes, messages = flushes + writes, messages + frames
    seconds = rounds * round_s
    return {
        "burst_messages_per_write": statistics.median(per_write),
        "burst_added_delay_p99_ms": bursts.percentile_ms(0.99) - alone.percentile_ms(0.99),
        "burst_p50_ms": bursts.percentile_ms(0.5),
        "burst_p99_ms": bursts.percentile_ms(0.99),
        "burst_alone_p99_ms": alone.percentile_ms(0.99),
        "burst_messages_per_s": messages / seconds,
        "burst_flushes_per_s": flushes / seconds,
    }


async def _round(
    bench: Bench, node: Node, crowd: Crowd, delays: Delays, *, per_s: float, seconds: float, at_once: int
) -> tuple[int, int]:
    """Frames and writes of the web process."""
    await asyncio.sleep(SETTLE_S)
    await crowd.ask("clear")
    before = await node.stats()
    said = await talk(bench, per_s=per_s, seconds=seconds, at_once=at_once)
    report = await crowd.delivered(said * crowd.size)
    delays.counts.update(report.delays.counts)
    after = await node.stats()
    return after["frames"] - before["frames"], after["writes"] - before["writes"]
