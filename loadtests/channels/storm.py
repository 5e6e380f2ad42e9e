"""Reconnect storm: all viewers lose their connection at once and come back as pages do, with full jitter and a fresh ticket each.

Meanwhile the show goes on: everything that is published between the cut and the end must reach every viewer, by its resumed
subscription or by an explicit snapshot, without a hole. Twice: all sockets cut while the web process lives (a network that
failed), and the web process killed while another one listens on the same port (a machine that failed).
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from loadtests.channels.bench import Bench, Crowd, Node, Report
from loadtests.channels.wire import stamped
from loadtests.media.relay import NotMeasured
from server.kernel.tasks import supervised

SIZES, QUICK_SIZES = (1_000, 5_000), (100, 300)
WINDOW_S, QUICK_WINDOW_S = 15.0, 2.0
"""Redis commands are counted over this long from the cut, or until all are back: the show and what runs by the clock need some
every second, so it is the rate that must not grow."""
PER_S = 5.0
"""Publications of each kind while viewers are away."""
TICKET_COMMANDS = ("set", "getdel")
"""Of one handshake: the ticket is written by `POST /api/auth/ticket` and taken by the first frame."""
BACK_S = 90.0
WITNESS = 14_000
"""Number of the guest who comes when all is over."""
SETTLED_S = 5.0
"""What is on its way at the end arrives within this time."""


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`storm_back_s` and `storm_kill_back_s`: from the cut until the last of the larger crowd is in and has everything.
    `storm_incomplete`: viewers who miss something at the end. `storm_redis_growth`: Redis commands a second in the larger
    crowd's storm over those in the smaller, without the tickets; `storm_ticket_commands_per_client` says how many those are.
    """
    sizes, window_s = (QUICK_SIZES, QUICK_WINDOW_S) if quick else (SIZES, WINDOW_S)
    figures: dict[str, float] = {}
    incomplete = 0
    rates: list[float] = []
    await bench.close_hall()
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(bench.node())
        crowd = await stack.enter_async_context(bench.crowd(node.port, sizes[0], swarms=2))
        for size in sizes:
            if size > crowd.size:
                await bench.add(crowd, size - crowd.size)
            storm = await _storm(bench, node, crowd, window_s)
            incomplete += storm.incomplete
            rates.append(storm.commands / storm.counted_s)
            figures |= {
                f"storm_back_s_{size}_clients": storm.back_s,
                f"storm_redis_commands_per_s_{size}_clients": storm.commands / storm.counted_s,
                f"storm_recovered_{size}_clients": storm.report.recovered,
                f"storm_snapshots_{size}_clients": storm.report.snapshots + storm.report.gaps,
                f"storm_cpu_ms_per_client_{size}_clients": storm.cpu_s / size * 1000,
            }
        figures["storm_ticket_commands_per_client"] = storm.ticket_commands / crowd.size
        figures["storm_back_s"] = storm.back_s
        other = await stack.enter_async_context(bench.node(node.port))
        killed = await _storm(bench, other, crowd, window_s, kill=node)
        figures["storm_kill_back_s"] = killed.back_s
        figures["storm_kill_snapshots"] = killed.report.snapshots + killed.report.gaps
        figures["storm_kill_attempts_failed"] = killed.report.attempts_failed
        figures["storm_incomplete"] = incomplete + killed.incomplete
    figures["storm_redis_growth"] = rates[-1] / rates[0]
    return figures


@dataclass(frozen=True)
class Storm:
    """What came of one. `commands`: all that Redis carried out for anybody within `counted_s`, without `ticket_commands`."""

    back_s: float
    cpu_s: float
    counted_s: float
    commands: int
    ticket_commands: int
    incomplete: int
    report: Report


async def _storm(bench: Bench, node: Node, crowd: Crowd, window_s: float, kill: Node | None = None) -> Storm:
    await crowd.ask("clear")
    async with supervised("storm") as tasks:
        stop = asyncio.Event()
        publishing = tasks.start(_publish(bench, stop), "publish")
        before, cpu_s = await bench.redis.info("commandstats"), node.child.cpu_s()
        cut_s = time.monotonic()
        if kill is None:
            await crowd.ask("cut")
        else:
            await kill.child.kill()
            await _noticed(crowd)
        back = await crowd.ask("back", deadline_s=BACK_S)
        cpu_s = node.child.cpu_s() - cpu_s
        if sum(answer["live"] for answer in back) < crowd.size:
            raise NotMeasured(f"viewers were turned away: {(await crowd.report()).refusals}")
        await asyncio.sleep(max(0.0, cut_s + window_s - time.monotonic()))
        after, counted_s = await bench.redis.info("commandstats"), time.monotonic() - cut_s
        stop.set()
        await publishing
    called = {name: int(after[name]["calls"]) - int(before.get(name, {"calls": 0})["calls"]) for name in after}
    tickets = sum(called.get(f"cmdstat_{name}", 0) for name in TICKET_COMMANDS)
    return Storm(
        back_s=max(answer["at_s"] for answer in back) - cut_s,
        cpu_s=cpu_s,
        counted_s=counted_s,
        commands=sum(called.values()) - tickets,
        ticket_commands=tickets,
        incomplete=await _incomplete(bench, node, crowd),
        report=await crowd.report(),
    )


async def _publish(bench: Bench, stop: asyncio.Event) -> None:
    number = 0
    while not stop.is_set():
        await bench.push(bench.chat, bench.line(stamped(number, time.monotonic())))
        number += 1
        await asyncio.sleep(1 / PER_S)


async def _noticed(crowd: Crowd) -> None:
    """Wait until the first viewers know that their server is gone; the kernel tells them within milliseconds."""
    async with asyncio.timeout(BACK_S):
        while (await crowd.report()).live == crowd.size:  # noqa: ASYNC110 - other processes: there is no event to wait for
            await asyncio.sleep(0.01)


async def _incomplete(bench: Bench, node: Node, crowd: Crowd) -> int:
    """Viewers who do not stand where somebody stands who comes now, channel by channel, and holes on the way there."""
    async with bench.crowd(node.port, 1, first=WITNESS) as witness:
        end_s = time.monotonic() + SETTLED_S
        missing = await _behind(bench, crowd, witness)
        while missing and time.monotonic() < end_s:
            await asyncio.sleep(0.05)
            missing = await _behind(bench, crowd, witness)
        return missing


async def _behind(bench: Bench, crowd: Crowd, witness: Crowd) -> int:
    answers, (truth,) = await crowd.ask("positions"), await witness.ask("positions")
    behind: int = sum(answer["holes"] + answer["twice"] for answer in answers)
    for name in bench.channels:
        (top,) = truth["where"][name]
        behind += crowd.size - sum(answer["where"][name].get(top, 0) for answer in answers)
    return behind
