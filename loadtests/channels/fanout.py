"""CPU per delivered frame: the whole path from Redis to the sockets, and the hub alone, against bare writes to the same sockets.

Bare is a loop of `transport.write` of finished bytes, by the CPU of its thread while it writes and no more: nobody can go below
it in Python. The path is the CPU of the whole web process from one publication in Redis to the last viewer: waking up, reading
the log, folding the state, encoding, the scheduler, and everything else that the process does in that time. In turns, at the
same pace, in the same process, to the same sockets.
"""

import asyncio
import statistics
from dataclasses import dataclass, field

from loadtests.channels.bench import Bench, Crowd, Node
from loadtests.channels.wire import stamped

SIZES, QUICK_SIZES = (1, 200, 1_000), (1, 200)
ROUNDS, QUICK_ROUNDS = 16, 4
PER_ROUND, QUICK_PER_ROUND = 20, 8
PAUSE_S, QUICK_PAUSE_S = 0.03, 0.015
"""Between publications: longer than a flush to the largest audience, so that each has a flush of its own."""
BURST = 4
"""Publications that leave in one write, in the rounds of bursts."""


@dataclass
class Costs:
    """µs per frame of each round."""

    bare: list[float] = field(default_factory=list)
    hub: list[float] = field(default_factory=list)
    path: list[float] = field(default_factory=list)
    """Per write: on a busy machine two publications may share one, and the second is no write that bare would have saved."""
    hub_burst: list[float] = field(default_factory=list)
    path_burst: list[float] = field(default_factory=list)
    frames_per_write: list[float] = field(default_factory=list)


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """µs per frame at each size, and the ratios to bare at the largest, where what a publication costs whatever the audience
    weighs least; `path_us_per_publication` is about that part, from the audience of one.

    `bare_flushes_per_s` and the like: what one core would do if it did nothing else. In bursts a flush has several messages.
    """
    sizes = QUICK_SIZES if quick else SIZES
    figures: dict[str, float] = {}
    await bench.close_hall()  # bare writes go to everybody's sockets, so nobody else may be in
    for size in sizes:
        node, crowd = await bench.hall(size)
        figures |= _figures(await _rounds(bench, node, crowd, quick), size)
    largest = sizes[-1]
    figures["path_us_per_publication"] = figures["path_us_per_frame_1_viewers"]
    for name in ("hub", "path", "hub_burst", "path_burst"):
        figures[f"{name}_to_bare"] = figures[f"{name}_to_bare_{largest}_viewers"]
    return figures


async def _rounds(bench: Bench, node: Node, crowd: Crowd, quick: bool) -> Costs:
    rounds, count, pause_s = (QUICK_ROUNDS, QUICK_PER_ROUND, QUICK_PAUSE_S) if quick else (ROUNDS, PER_ROUND, PAUSE_S)
    costs = Costs()
    for number in range(rounds):
        data = bench.line(stamped(number, 0.0)).decode()
        # In turns, so that a noisy neighbour hits all alike.
        for name, at_once, taken in (("bare", 1, costs.bare), ("hub", 1, costs.hub), ("hub", BURST, costs.hub_burst)):
            answer = await node.child.ask(name, data=data, at_once=at_once, rounds=count, pause_s=pause_s)
            taken.append(answer["us"])
        path, per_write = await path_us(bench, node, crowd, data.encode(), 1, count, pause_s)
        costs.path.append(path * per_write)
        path, per_write = await path_us(bench, node, crowd, data.encode(), BURST, count, pause_s)
        costs.path_burst.append(path)
        costs.frames_per_write.append(per_write)
    return costs


async def path_us(
    bench: Bench, node: Node, crowd: Crowd, data: bytes, at_once: int, count: int, pause_s: float
) -> tuple[float, float]:
    """CPU of the web process per delivered frame, and frames per write."""
    await crowd.ask("clear")
    before = await node.stats()
    cpu_s = node.child.cpu_s()
    for _ in range(count):
        await asyncio.gather(*(bench.push(bench.chat, data) for _ in range(at_once)))
        await asyncio.sleep(pause_s)
    frames = count * at_once * crowd.size
    await crowd.delivered(frames)
    cpu_s = node.child.cpu_s() - cpu_s
    after = await node.stats()
    return cpu_s / frames * 1e6, (after["frames"] - before["frames"]) / (after["writes"] - before["writes"])


def _figures(costs: Costs, size: int) -> dict[str, float]:
    bare = statistics.median(costs.bare)
    figures = {f"bare_us_per_frame_{size}_viewers": bare, f"bare_flushes_per_s_{size}_viewers": 1e6 / bare}
    for name in ("hub", "path", "hub_burst", "path_burst"):
        taken: list[float] = getattr(costs, name)
        figures[f"{name}_us_per_frame_{size}_viewers"] = statistics.median(taken)
        # Each round against its own bare one: what slows the machine for a while slows both.
        figures[f"{name}_to_bare_{size}_viewers"] = statistics.median(
            one / other for one, other in zip(taken, costs.bare, strict=True)
        )
    per_write = statistics.median(costs.frames_per_write)
    figures[f"frames_per_write_in_bursts_{size}_viewers"] = per_write
    figures[f"path_flushes_per_s_{size}_viewers"] = 1e6 / statistics.median(costs.path)
    figures[f"path_burst_messages_per_s_{size}_viewers"] = 1e6 / statistics.median(costs.path_burst)
    figures[f"path_burst_flushes_per_s_{size}_viewers"] = 1e6 / statistics.median(costs.path_burst) / per_write
    return figures
