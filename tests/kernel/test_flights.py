"""Shared reads: few, and never from before the question."""

import asyncio

import pytest

from server.kernel.flights import Flights
from server.kernel.tasks import supervised


async def test_callers_at_one_moment_share_a_read_and_later_ones_get_a_new_one() -> None:
    reads = 0
    gate, begun = asyncio.Event(), asyncio.Event()

    async def read() -> int:
        nonlocal reads
        reads += 1
        number = reads
        begun.set()
        await gate.wait()
        return number

    async with supervised("test") as tasks:
        flights: Flights[str, int] = Flights(tasks)
        first = [tasks.start(flights.run("k", read)) for _ in range(10)]
        await begun.wait()
        later = [tasks.start(flights.run("k", read)) for _ in range(10)]
        for _ in range(10):
            await asyncio.sleep(0)
        assert reads == 1, "one under way, one waiting"
        gate.set()
        assert {await task for task in first} == {1}
        assert {await task for task in later} == {2}


async def test_a_failure_reaches_every_caller_and_the_next_read_is_a_new_one() -> None:
    async def fail() -> int:
        raise LookupError("no")

    async def succeed() -> int:
        return 7

    async with supervised("test") as tasks:
        flights: Flights[str, int] = Flights(tasks)
        outcomes = await asyncio.gather(*(flights.run("k", fail) for _ in range(3)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [LookupError] * 3
        assert await flights.run("k", succeed) == 7


async def test_a_caller_that_gives_up_does_not_take_the_read_from_the_others() -> None:
    gate = asyncio.Event()

    async def read() -> str:
        await gate.wait()
        return "done"

    async with supervised("test") as tasks:
        flights: Flights[str, str] = Flights(tasks)
        patient = tasks.start(flights.run("k", read))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await flights.run("k", read)
        gate.set()
        assert await patient == "done"
