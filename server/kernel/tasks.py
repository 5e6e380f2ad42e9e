"""Every background task has an owner that cancels it, awaits it, and hears of its failure."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from server.kernel.log import get_logger

ResultT = TypeVar("ResultT")

log = get_logger(__name__)


class TaskGroup:
    """Owned tasks. A task that fails is logged and does not stop its siblings; `close` cancels and awaits all."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, coroutine: Coroutine[Any, Any, ResultT], name: str = "task") -> asyncio.Task[ResultT]:
        """Run a coroutine until it ends or the group is closed."""
        task: asyncio.Task[ResultT] = asyncio.create_task(coroutine, name=f"{self.name}:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task failed", task=task.get_name(), exc_info=task.exception())

    async def join(self) -> None:
        """Wait until the tasks that run now have ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Cancel everything and wait for it."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def supervised(name: str) -> AsyncIterator[TaskGroup]:
    """A task group that is closed at the end of the block."""
    group = TaskGroup(name)
    try:
        yield group
    finally:
        await group.close()


async def forever(step: Callable[[], Coroutine[Any, Any, object]], name: str, pause_ms_max: int = 5_000) -> None:
    """Repeat `step` for ever; after a failure wait, twice as long each time up to `pause_ms_max`, and try again."""
    while True:
        await until_done(step, name, pause_ms_max)


async def until_done(step: Callable[[], Coroutine[Any, Any, object]], name: str, pause_ms_max: int = 5_000) -> None:
    """Try `step` until it succeeds; after a failure wait, twice as long each time up to `pause_ms_max`."""
    pause_ms = 0
    while True:
        try:
            await step()
            return
        except Exception as error:  # noqa: BLE001 - a loop that must outlive any failure of its step; logged
            pause_ms = min(max(100, pause_ms * 2), pause_ms_max)
            log.warning("step failed; it will be tried again", step=name, error=repr(error), pause_ms=pause_ms)
            await asyncio.sleep(pause_ms / 1000)
