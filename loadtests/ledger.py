"""Holds per second on one hot show, synced to the disk before each answer: in groups, one by one, and by a bare client."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from server.kernel.clock import SystemClock
from server.kernel.tasks import supervised
from server.ledger.ledger import Ledger
from server.ledger.rules import Held, Hold, HoldLine
from server.ledger.wire import Planned, batch_args, batch_keys, bundle
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey

BUYERS = 100
"""Callers at the same time, each waiting for its answer before it asks again."""
BARE_BATCH = 100
HOLD_MS = 3_600_000
LINES = (HoldLine("CAP-A", 1),)
UNITS = 1_000_000

clock = SystemClock()


def run(quick: bool) -> dict[str, float]:
    """Figures of the ledger; `quick` takes about ten seconds."""
    return asyncio.run(_measure(1.5 if quick else 10.0))


async def _measure(seconds: float) -> dict[str, float]:
    async with _server() as redis:
        singly = await _rate(redis, "singly", seconds, batch_max=1)
        grouped = await _rate(redis, "grouped", seconds)
        bare = await _bare_rate(redis, seconds)
        half = await _latencies(redis, grouped / 2, seconds)
    return {
        "holds_per_s_singly": round(singly),
        "holds_per_s_grouped": round(grouped),
        "holds_per_s_bare": round(bare),
        "grouped_to_singly": round(grouped / singly, 2),
        "grouped_to_bare": round(grouped / bare, 2),
        "p50_ms_at_half_load": round(half[len(half) // 2], 1),
        "p99_ms_at_half_load": round(half[len(half) * 99 // 100], 1),
    }


@asynccontextmanager
async def _server() -> AsyncIterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        await valkey.start()
        client = connect(valkey.url)
        try:
            yield client
        finally:
            await client.aclose()
            await valkey.stop()


@asynccontextmanager
async def _funded(redis: Redis, show_id: str, batch_max: int = 128) -> AsyncIterator[Ledger]:
    ledger = Ledger(redis, clock, batch_max=batch_max)
    await ledger.fund(show_id, "fund", "CAP-A", UNITS, UNITS)
    try:
        yield ledger
    finally:
        await ledger.close()


async def _rate(redis: Redis, show_id: str, seconds: float, batch_max: int = 128) -> float:
    """Holds per second of `BUYERS` callers."""
    async with _funded(redis, show_id, batch_max) as ledger:
        numbers = itertools.count()

        async def buy() -> None:
            number = next(numbers)
            outcome = await ledger.hold(show_id, f"ord_{number}", f"acc_{number % BUYERS}", LINES, HOLD_MS)
            assert isinstance(outcome, Held), outcome

        return await _per_second([buy] * BUYERS, seconds)


async def _bare_rate(redis: Redis, seconds: float) -> float:
    """The same script in batches of `BARE_BATCH`, encoded beforehand, sent by nothing but the client library."""
    async with _funded(redis, "bare"):
        script, batches = bundle(), _encoded()
        await redis.script_load(script.text)
        ready = list(itertools.islice(batches, int(seconds * 600)))

        async def send() -> None:
            await redis.execute_command("EVALSHA", script.sha, 1, *batch_keys("bare"), *ready.pop())  # type: ignore[no-untyped-call]

        started_ms = clock.monotonic_ms()
        count = len(ready)
        while ready and clock.monotonic_ms() - started_ms < seconds * 1000:
            await send()
        return (count - len(ready)) * BARE_BATCH / (clock.monotonic_ms() - started_ms) * 1000


def _encoded() -> Iterator[list[bytes | str | int]]:
    for batch in itertools.count():
        ids = range(batch * BARE_BATCH, (batch + 1) * BARE_BATCH)
        holds = [Hold(command_id=f"ord_{i}", buyer_id=f"acc_{i % BUYERS}", lines=LINES, hold_ms=HOLD_MS) for i in ids]
        yield batch_args("bare", [Planned(hold) for hold in holds], "e")


async def _per_second(callers: list[Callable[[], Awaitable[None]]], seconds: float) -> float:
    done = 0
    started_ms = clock.monotonic_ms()

    async def repeat(call: Callable[[], Awaitable[None]]) -> None:
        nonlocal done
        while clock.monotonic_ms() - started_ms < seconds * 1000:
            await call()
            done += 1

    async with asyncio.TaskGroup() as tasks:
        for call in callers:
            tasks.create_task(repeat(call))
    return done / (clock.monotonic_ms() - started_ms) * 1000


async def _latencies(redis: Redis, per_second: float, seconds: float) -> list[float]:
    """Milliseconds from command to answer, sorted, at a fixed rate of arrivals (no caller waits for another's answer)."""
    taken: list[float] = []
    async with _funded(redis, "half") as ledger, supervised("arrivals") as tasks:

        async def buy(number: int, due_ms: float) -> None:
            outcome = await ledger.hold("half", f"ord_{number}", f"acc_{number % BUYERS}", LINES, HOLD_MS)
            assert isinstance(outcome, Held), outcome
            taken.append(clock.monotonic_ms() - due_ms)

        started_ms = clock.monotonic_ms()
        for number in range(int(per_second * seconds)):
            due_ms = started_ms + number * 1000 / per_second
            if due_ms > clock.monotonic_ms():
                await asyncio.sleep((due_ms - clock.monotonic_ms()) / 1000)
            tasks.start(buy(number, due_ms))
        await tasks.join()
    return sorted(taken)
