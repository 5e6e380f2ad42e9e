"""Bids per second on one hot lot, each on the disk before its answer.

`grouped` is the ledger; `awaited` is what anybody would write first, one awaited EVALSHA per bid, from as many bidders at once;
`bare` sends the same batches that the ledger makes, encoded beforehand, by nothing but the client library.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator

from redis.asyncio import BlockingConnectionPool, Redis

from loadtests.ledger.bench import BATCH, BIDDERS, bid, clock, open_lots, opened, server
from server.kernel.process import settle
from server.ledger.ledger import Ledger
from server.ledger.rules import BidAccepted, BidTooLow
from server.ledger.wire import Planned, batch_args, batch_keys, bundle, read_answer
from server.redis.scripts import Argument

ROUNDS = 3
"""Each way of bidding takes its turn so often: a slow moment of the machine must not be one way's alone."""

Bidder = Callable[[int], Awaitable[None]]
"""Makes the bid with this number and waits for its answer."""


async def measure(quick: bool) -> dict[str, float]:
    """Rates, their ratios, and the delays at half of the ledger's rate."""
    seconds = 1.2 if quick else 8.0
    rates: dict[str, list[float]] = {"awaited": [], "grouped": [], "bare": []}
    settle()  # as every role does
    async with server() as redis, opened(redis) as ledger:
        for number in range(ROUNDS):
            rates["awaited"].append(await _awaited(redis, ledger, f"awaited-{number}", seconds))
            rates["grouped"].append(await _grouped(ledger, f"grouped-{number}", seconds))
            rates["bare"].append(await _bare(redis, ledger, f"bare-{number}", seconds))
            # Nobody records these shows, so nothing would ever trim their logs: half a million bids fill the server.
            await redis.flushall()
        awaited, grouped, bare = (sorted(found)[ROUNDS // 2] for found in rates.values())
    # On a server of its own: after a million bids the other one rewrites its file now and then, which is another story.
    async with server() as redis, opened(redis) as ledger:
        half = await _delays(ledger, grouped / 2, 2 * seconds)
    return {
        "bids_per_s_awaited": round(awaited),
        "bids_per_s_grouped": round(grouped),
        "bids_per_s_bare": round(bare),
        "grouped_to_awaited": round(grouped / awaited, 2),
        "grouped_to_bare": round(grouped / bare, 2),
        "p50_ms_at_half_load": round(half[len(half) // 2], 1),
        "p99_ms_at_half_load": round(half[len(half) * 99 // 100], 1),
    }


async def _grouped(ledger: Ledger, show_id: str, seconds: float) -> float:
    await open_lots(ledger, show_id, [show_id])

    async def make(number: int) -> None:
        outcome = await ledger.submit(show_id, bid(show_id, number))
        assert isinstance(outcome, BidAccepted), outcome

    return await _rate(make, seconds)


async def _awaited(redis: Redis, ledger: Ledger, show_id: str, seconds: float) -> float:
    await open_lots(ledger, show_id, [show_id])
    sha = bundle().sha
    pool = BlockingConnectionPool(connection_class=redis.connection_pool.connection_class, max_connections=BIDDERS)
    pool.connection_kwargs = dict(redis.connection_pool.connection_kwargs)
    async with Redis(connection_pool=pool) as client:

        async def make(number: int) -> None:
            args = batch_args(show_id, [Planned(bid(show_id, number))], "e")
            reply = await client.execute_command("EVALSHA", sha, 1, *batch_keys(show_id), *args)  # type: ignore[no-untyped-call]
            # Of two bidders at the same moment the later one's connection may be read first: that bid is decided as well.
            (outcome,) = read_answer(reply).outcomes
            assert isinstance(outcome, BidAccepted | BidTooLow), outcome

        rate = await _rate(make, seconds)
    await pool.aclose()
    return rate


async def _bare(redis: Redis, ledger: Ledger, show_id: str, seconds: float) -> float:
    await open_lots(ledger, show_id, [show_id])
    sha = bundle().sha
    ready = list(itertools.islice(_encoded(show_id), int(seconds * 800)))
    ready.reverse()
    count, started_ms = len(ready), clock.monotonic_ms()
    while ready and clock.monotonic_ms() - started_ms < seconds * 1000:
        await redis.execute_command("EVALSHA", sha, 1, *batch_keys(show_id), *ready.pop())  # type: ignore[no-untyped-call]
    return (count - len(ready)) * BATCH / (clock.monotonic_ms() - started_ms) * 1000


def _encoded(show_id: str) -> Iterator[list[Argument]]:
    for batch in itertools.count():
        numbers = range(batch * BATCH, (batch + 1) * BATCH)
        yield batch_args(show_id, [Planned(bid(show_id, number)) for number in numbers], "e")


async def _rate(make: Bidder, seconds: float) -> float:
    """Bids per second of `BIDDERS` people."""
    numbers = itertools.count()
    done = 0
    started_ms = clock.monotonic_ms()

    async def repeat() -> None:
        nonlocal done
        while clock.monotonic_ms() - started_ms < seconds * 1000:
            await make(next(numbers))
            done += 1

    async with asyncio.TaskGroup() as tasks:
        for _ in range(BIDDERS):
            tasks.create_task(repeat())
    return done / (clock.monotonic_ms() - started_ms) * 1000


async def _delays(ledger: Ledger, per_second: float, seconds: float) -> list[float]:
    """Milliseconds from command to answer, sorted, at a fixed rate: each bidder's bids are due at fixed times; one that had to
    wait for the one before it counts from when it was due."""
    taken: list[float] = []
    numbers = itertools.count()
    await open_lots(ledger, "half", ["half"])
    every_ms = BIDDERS * 1000 / per_second
    started_ms = clock.monotonic_ms()

    async def repeat(bidder: int) -> None:
        due_ms = started_ms + every_ms * bidder / BIDDERS
        while due_ms < started_ms + seconds * 1000:
            if due_ms > clock.monotonic_ms():
                await asyncio.sleep((due_ms - clock.monotonic_ms()) / 1000)
            outcome = await ledger.submit("half", bid("half", next(numbers)))
            assert isinstance(outcome, BidAccepted), outcome
            taken.append(clock.monotonic_ms() - due_ms)
            due_ms += every_ms

    async with asyncio.TaskGroup() as tasks:
        for bidder in range(BIDDERS):
            tasks.create_task(repeat(bidder))
    return sorted(taken)
