"""Takes turns with work that comes in storms: when a whole audience returns at once, a few are let in at a time, in the order in
which they came, instead of all of them side by side until every deadline has passed."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from server.kernel.tasks import TaskGroup

Work = Callable[[], Coroutine[Any, Any, None]]


class Turns:
    """At most `at_once` pieces of work are under way; deadlines of a piece begin with its turn. Who queues is bounded by the
    number of connections: each has one piece at most."""

    def __init__(self, tasks: TaskGroup, at_once: int) -> None:
        self._tasks, self._at_once = tasks, at_once
        self._under_way = 0
        self._queue: deque[Work] = deque()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._queue)

    def take(self, work: Work) -> None:
        """Do this when its turn has come."""
        if self._under_way < self._at_once:
            self._under_way += 1
            self._tasks.start(self._run(work), "turn")
        else:
            self._queue.append(work)

    async def _run(self, work: Work) -> None:
        try:
            await work()
        except asyncio.CancelledError:
            self._queue.clear()  # the process ends
            raise
        finally:
            if self._queue:
                self._tasks.start(self._run(self._queue.popleft()), "turn")
            else:
                self._under_way -= 1
