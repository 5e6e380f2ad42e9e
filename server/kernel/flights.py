"""Shared reads: callers that want the same thing at the same time wait for one read of it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from server.kernel.tasks import TaskGroup

KeyT = TypeVar("KeyT", bound=Hashable)
ResultT = TypeVar("ResultT")


class Flights(Generic[KeyT, ResultT]):
    """Per key at most one read is under way and one is waiting to start.

    A caller joins the one that has not started, never the one under way: what it gets was read after it asked. When 5,000 viewers
    come back at once, a read of each channel follows the other instead of 5,000 side by side.
    """

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._waiting: dict[KeyT, asyncio.Future[ResultT]] = {}
        self._flying: dict[KeyT, asyncio.Future[ResultT]] = {}

    async def run(self, key: KeyT, read: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """The result of a read that starts after this call; `read` is used when no other caller's is waiting.

        A caller that is cancelled does not take the read away from the others. What the read raises, every caller gets.
        """
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
            self._tasks.start(self._fly(key, waiting, read), f"read {key}")
        return await asyncio.shield(waiting)

    async def _fly(self, key: KeyT, result: asyncio.Future[ResultT], read: Callable[[], Awaitable[ResultT]]) -> None:
        before = self._flying.get(key)
        if before is not None:
            await asyncio.wait([before])
        self._flying[key] = self._waiting.pop(key)
        try:
            result.set_result(await read())
        except Exception as error:  # noqa: BLE001 - raised again in each caller
            result.set_exception(error)
            result.exception()  # every caller may be gone by now; that is no reason for a warning
        finally:
            result.cancel()  # only when this task was cancelled: nobody may wait for ever
            if self._flying.get(key) is result:
                del self._flying[key]
