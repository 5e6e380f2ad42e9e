"""Turns: few at a time, in order, and one that fails keeps nobody out."""

import asyncio
from functools import partial

import pytest

from server.channels.turns import Turns
from server.kernel.tasks import supervised


async def test_few_are_under_way_at_a_time_and_all_get_their_turn_in_order() -> None:
    begun: asyncio.Queue[int] = asyncio.Queue()
    gates = [asyncio.Event() for _ in range(6)]

    async def work(number: int) -> None:
        begun.put_nowait(number)
        await gates[number].wait()

    async with supervised("test") as tasks, asyncio.timeout(5):
        turns = Turns(tasks, 2)
        for number in range(6):
            turns.take(partial(work, number))
        assert [await begun.get(), await begun.get()] == [0, 1]
        assert (begun.empty(), len(turns)) == (True, 4)
        gates[1].set()
        assert await begun.get() == 2
        assert (begun.empty(), len(turns)) == (True, 3)
        for gate in gates:
            gate.set()
        assert [await begun.get() for _ in range(3)] == [3, 4, 5]
        assert len(turns) == 0


async def test_work_that_fails_lets_the_next_one_in(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()

    async def fails() -> None:
        raise ValueError("a bug")

    async def works() -> None:
        done.set()

    async with supervised("test") as tasks:
        turns = Turns(tasks, 1)
        turns.take(fails)
        turns.take(works)
        async with asyncio.timeout(5):
            await done.wait()
    assert "a bug" in caplog.text


async def test_when_the_process_ends_nobody_else_begins() -> None:
    began: list[int] = []

    async def work(number: int) -> None:
        began.append(number)
        await asyncio.Event().wait()

    async with supervised("test") as tasks:
        turns = Turns(tasks, 1)
        turns.take(partial(work, 0))
        turns.take(partial(work, 1))
        await asyncio.sleep(0)
    assert (began, len(turns)) == ([0], 0)
