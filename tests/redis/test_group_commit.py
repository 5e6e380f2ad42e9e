"""Batching without a server: who travels with whom, who waits how long, and what happens when a call is lost."""

import asyncio
from collections.abc import Sequence

import pytest

from server.kernel.errors import Unavailable
from server.redis.group_commit import GroupCommit, Lost


class Line:
    """A server that answers `item * 10` when it is let, and notes every batch."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[int]]] = []
        self.open = asyncio.Event()
        self.failures: list[Exception] = []
        self.called = asyncio.Condition()

    async def send(self, show_id: str, items: Sequence[int]) -> list[int]:
        self.batches.append((show_id, list(items)))
        async with self.called:
            self.called.notify_all()
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        return [item * 10 for item in items]

    async def calls(self, count: int) -> None:
        """Wait until so many calls have been made."""
        async with asyncio.timeout(5), self.called:
            await self.called.wait_for(lambda: len(self.batches) >= count)


async def together(*submissions: object) -> list[object]:
    async with asyncio.timeout(5):
        return await asyncio.gather(*submissions, return_exceptions=True)  # type: ignore[call-overload, no-any-return]


async def test_the_first_leaves_at_once_and_the_others_leave_together_behind_it() -> None:
    line = Line()
    group = GroupCommit(line.send, what="the line")
    async with asyncio.TaskGroup() as tasks:
        results = [tasks.create_task(group.submit("a", 0))]
        await line.calls(1)
        results += [tasks.create_task(group.submit("a", item)) for item in range(1, 6)]
        await asyncio.sleep(0)
        line.open.set()
    assert [task.result() for task in results] == [0, 10, 20, 30, 40, 50]
    assert line.batches == [("a", [0]), ("a", [1, 2, 3, 4, 5])]
    await group.close()


async def test_a_batch_has_a_limit_and_keeps_the_order() -> None:
    line = Line()
    line.open.set()
    group = GroupCommit(line.send, what="the line", batch_max=3)
    assert await together(*(group.submit("a", item) for item in range(8))) == [item * 10 for item in range(8)]
    assert [items for _, items in line.batches] == [[0, 1, 2], [3, 4, 5], [6, 7]]
    await group.close()


async def test_shows_do_not_wait_for_each_other() -> None:
    line = Line()
    group = GroupCommit(line.send, what="the line")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(group.submit("a", 1))
        tasks.create_task(group.submit("b", 2))
        await line.calls(2)
        line.open.set()
    assert sorted(line.batches) == [("a", [1]), ("b", [2])]
    await group.close()


async def test_one_too_many_is_refused_at_once_and_harms_nobody() -> None:
    line = Line()
    group = GroupCommit(line.send, what="the line", waiting_max=2)
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(group.submit("a", 1))
        await line.calls(1)
        rest = [tasks.create_task(group.submit("a", item)) for item in (2, 3)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="2 commands wait"):
            await group.submit("a", 4)
        line.open.set()
    assert [task.result() for task in (first, *rest)] == [10, 20, 30]
    await group.close()


async def test_a_lost_call_is_repeated_with_the_same_items() -> None:
    line = Line()
    line.failures = [Lost("gone"), Lost("gone")]
    line.open.set()
    group = GroupCommit(line.send, what="the line")
    assert await together(group.submit("a", 1), group.submit("a", 2)) == [10, 20]
    assert line.batches == [("a", [1, 2])] * 3
    await group.close()


async def test_who_gets_no_answer_in_time_is_told_and_the_next_is_served() -> None:
    line = Line()
    group = GroupCommit(line.send, what="the line", deadline_s=0.05)
    with pytest.raises(Unavailable, match="did not answer"):
        await group.submit("a", 1)
    line.open.set()
    assert await group.submit("a", 2) == 20
    await group.close()


async def test_a_server_that_stays_away_is_given_up_at_the_deadline() -> None:
    line = Line()
    line.failures = [Lost("gone") for _ in range(1000)]
    line.open.set()
    group = GroupCommit(line.send, what="the line", deadline_s=0.1)
    results = await together(*(group.submit("a", item) for item in range(5)))
    assert all(isinstance(result, Unavailable) for result in results)
    assert len(line.batches) < 10, "repeats must be paced"
    await group.close()


async def test_a_refused_call_fails_each_of_its_callers_only() -> None:
    line = Line()
    line.failures = [Unavailable("out of memory")]
    line.open.set()
    group = GroupCommit(line.send, what="the line", batch_max=2)
    results = await together(*(group.submit("a", item) for item in range(3)))
    assert [type(result) for result in results] == [Unavailable, Unavailable, int]
    await group.close()


async def test_a_fault_of_ours_leaves_nobody_waiting() -> None:
    line = Line()
    line.failures = [RuntimeError("a fault")]
    line.open.set()
    group = GroupCommit(line.send, what="the line", batch_max=1)
    results = await together(*(group.submit("a", item) for item in range(2)))
    assert [type(result) for result in results] == [Unavailable, Unavailable]
    assert await group.submit("a", 7) == 70
    await group.close()


async def test_who_gave_up_while_waiting_is_not_sent() -> None:
    line = Line()
    group = GroupCommit(line.send, what="the line")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(group.submit("a", 1))
        await line.calls(1)
        gone = tasks.create_task(group.submit("a", 2))
        tasks.create_task(group.submit("a", 3))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        line.open.set()
    assert line.batches == [("a", [1]), ("a", [3])]
    await group.close()


async def test_closing_answers_what_waits_and_takes_nothing_new() -> None:
    line = Line()
    group = GroupCommit(line.send, what="the line")
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(group.submit("a", 1))
        await line.calls(1)
        second = tasks.create_task(group.submit("a", 2))
        await asyncio.sleep(0)
        closing = tasks.create_task(group.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="shutting down"):
            await group.submit("a", 3)
        assert not closing.done()
        line.open.set()
    assert (first.result(), second.result()) == (10, 20)
