"""Every task has an owner, and every loop outlives its failures."""

import asyncio

import pytest

from server.kernel.tasks import TaskGroup, forever, supervised, until_done


async def test_a_failing_task_is_logged_and_does_not_stop_its_siblings(caplog: pytest.LogCaptureFixture) -> None:
    going_on = asyncio.Event()

    async def fail() -> None:
        raise ValueError("broken")

    async with supervised("test") as tasks:
        failing = tasks.start(fail(), "fails")
        sibling = tasks.start(going_on.wait(), "waits")
        await asyncio.wait([failing])
        assert not sibling.done()
    assert sibling.cancelled()
    assert "test:fails" in caplog.text


async def test_closing_a_group_waits_until_its_tasks_have_cleaned_up() -> None:
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append("up")

    tasks = TaskGroup("test")
    tasks.start(work())
    await asyncio.sleep(0)
    await tasks.close()
    assert cleaned == ["up"]
    assert len(tasks) == 0


async def test_a_step_is_tried_until_it_succeeds() -> None:
    outcomes = iter([OSError("away"), None])

    async def step() -> None:
        if (error := next(outcomes)) is not None:
            raise error

    async with asyncio.timeout(5):
        await until_done(step, "step", pause_ms_max=1)
    assert next(outcomes, "nothing left") == "nothing left"


async def test_a_loop_ends_by_cancelling_only() -> None:
    runs = 0
    enough = asyncio.Event()

    async def step() -> None:
        nonlocal runs
        runs += 1
        if runs == 6:
            enough.set()
        if runs % 2:
            raise OSError("away")
        await asyncio.sleep(0)

    async with supervised("test") as tasks:
        loop = tasks.start(forever(step, "step", pause_ms_max=1))
        async with asyncio.timeout(5):
            await enough.wait()
        assert not loop.done()
