"""One viewer in a hundred stops reading: what the others notice.

The same viewers take part all the time. Phases in which some of them take nothing alternate with phases in which all read, and
each phase is compared with its neighbour. Before a phase that counts, so much is published that the web process really has
stopped writing to the stuck ones; their buffers are small, so that this is soon.
"""

import asyncio
import statistics

from loadtests.channels.bench import Bench, Crowd, Node
from loadtests.channels.delays import Delays
from loadtests.channels.talk import talk
from loadtests.media.relay import NotMeasured

VIEWERS, QUICK_VIEWERS = 2_000, 300
STUCK_SHARE = 0.01
RECEIVE_BUFFER_BYTES = 16 * 1024
PER_S = 10.0
PAIRS, QUICK_PAIRS = 8, 2
PHASE_S, QUICK_PHASE_S = 2.5, 0.8
SETTLE_S = 0.3
FILL_MAX = 200
FILL_BYTES = 8_000
DEADLINE_S = 10.0
FIRST = 13_000
"""Number of the first guest who gets stuck."""


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`stuck_p99_growth`: the others' p99 beside stuck viewers over that without, the median over pairs of phases."""
    viewers, pairs, phase_s = (QUICK_VIEWERS, QUICK_PAIRS, QUICK_PHASE_S) if quick else (VIEWERS, PAIRS, PHASE_S)
    stuck = max(1, round(viewers * STUCK_SHARE))
    node, others = await bench.hall(viewers - stuck)
    await bench.talkers()
    ratios: list[float] = []
    sums = {True: Delays(), False: Delays()}
    async with bench.crowd(node.port, stuck, first=FIRST, receive_buffer_bytes=RECEIVE_BUFFER_BYTES) as bad:
        for number in range(pairs):
            p99: dict[bool, float] = {}
            # The order changes too: a machine that slows down would otherwise always hit the second of a pair.
            for is_stuck in (True, False) if number % 2 else (False, True):
                delays = await _phase(bench, node, others, bad, phase_s, is_stuck=is_stuck)
                sums[is_stuck].counts.update(delays.counts)
                p99[is_stuck] = delays.percentile_ms(0.99)
            ratios.append(p99[True] / p99[False])
        behind = await bad.report()
    return {
        "stuck_p99_growth": statistics.median(ratios),
        "stuck_p99_growth_of_all": sums[True].percentile_ms(0.99) / sums[False].percentile_ms(0.99),
        "stuck_p99_ms_with": sums[True].percentile_ms(0.99),
        "stuck_p99_ms_without": sums[False].percentile_ms(0.99),
        "stuck_gaps": behind.gaps,
    }


async def _phase(bench: Bench, node: Node, others: Crowd, bad: Crowd, phase_s: float, *, is_stuck: bool) -> Delays:
    """Delays of the others in one phase; at its end everybody reads."""
    if is_stuck:
        await bad.ask("stop_reading", count=bad.size)
        await _fill(bench, node, bad.size)
    await asyncio.sleep(SETTLE_S)
    await others.ask("clear")
    said = await talk(bench, per_s=PER_S, seconds=phase_s)
    report = await others.delivered(said * others.size)
    if is_stuck:
        if (await node.stats())["paused"] < bad.size:
            raise NotMeasured("the stuck viewers were not stuck to the end")
        await bad.ask("read_on")
    await _paused(node, 0)
    return report.delays


async def _fill(bench: Bench, node: Node, count: int) -> None:
    """Publish until the web process writes to none of the stuck viewers any more."""
    for _ in range(FILL_MAX):
        await bench.push(bench.chat, bench.line("x" * FILL_BYTES))
        if (await node.stats())["paused"] >= count:
            return
    raise NotMeasured(f"after {FILL_MAX} long lines the web process still writes to viewers who read nothing")


async def _paused(node: Node, count: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while (await node.stats())["paused"] != count:  # noqa: ASYNC110 - another process: there is no event to wait for
            await asyncio.sleep(0.02)
