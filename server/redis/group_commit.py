"""Group commit: commands of one group (a show's ledger, a channel) that arrive while a call for it is in flight leave together as
the next call.

The ledger's bottleneck is the disk: a server that syncs before it answers does so once per call, whether the call has one command
or a hundred. A channel's is the script: its body costs more than its commands. Nobody waits for company: a command that finds no
call in flight leaves at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from server.kernel.errors import Unavailable
from server.kernel.tasks import TaskGroup

BATCH_MAX = 128
"""Commands per call: a few milliseconds of the server's only thread; more would not spread the sync any thinner."""
WAITING_MAX = 20_000
"""Commands that wait per group; one more is refused at once. Ten thousand buyers at the same second fit, and what does not fit
could not be answered before its deadline anyway."""
CALLS_MAX = 32
"""Calls in flight over all groups, fewer than the client's connections. A group that waits for its turn gathers a larger
batch."""
DEADLINE_S = 3.0
"""From submission to answer, as long as a buyer waits for a refusal. Repeats after a lost connection happen within it."""
PAUSE_FIRST_S = 0.02
PAUSE_MAX_S = 0.25
"""Between repeats, doubled each time: a restarting server answers again within a second."""

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Lost(Exception):
    """The connection failed; whether the call happened is not known."""


class _Waiting(Generic[ItemT, ResultT]):
    """An item and the future of its caller, who may have given up: then the future is done."""

    __slots__ = ("deadline_s", "future", "item")

    def __init__(self, item: ItemT, future: asyncio.Future[ResultT], deadline_s: float) -> None:
        self.item = item
        self.future = future
        self.deadline_s = deadline_s


class _Deadlines(Generic[ItemT, ResultT]):
    """Fails those whose deadline has passed. All wait equally long, so they stand in order of their deadlines, and one timer for
    the first of them does for all: a timer for each would cost as much as all the rest of a submission."""

    def __init__(self, refusal: str) -> None:
        self._refusal = refusal
        self._waiting: deque[_Waiting[ItemT, ResultT]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, waiting: _Waiting[ItemT, ResultT], loop: asyncio.AbstractEventLoop) -> None:
        """Watch one more, whose deadline is after those of all others."""
        while self._waiting and self._waiting[0].future.done():
            self._waiting.popleft()
        self._waiting.append(waiting)
        if self._timer is None:
            self._timer = loop.call_at(waiting.deadline_s, self._pass, loop)

    def _pass(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now_s = loop.time()
        while self._waiting and (self._waiting[0].future.done() or self._waiting[0].deadline_s <= now_s):
            future = self._waiting.popleft().future
            if not future.done():
                future.set_exception(Unavailable(self._refusal))
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0].deadline_s, self._pass, loop)


class GroupCommit(Generic[ItemT, ResultT]):
    """Batches items per group and gives each caller its own result. `what` names the server in errors.

    `send` runs one batch and returns a result per item, in order. It raises `Lost` when the same items may be sent again
    (so items must be idempotent), and `Unavailable` when that is pointless.
    """

    def __init__(
        self,
        send: Callable[[str, Sequence[ItemT]], Awaitable[Sequence[ResultT]]],
        *,
        what: str,
        batch_max: int = BATCH_MAX,
        waiting_max: int = WAITING_MAX,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._send = send
        self._what = what
        self._batch_max = batch_max
        self._waiting_max = waiting_max
        self._deadline_s = deadline_s
        self._queues: dict[str, deque[_Waiting[ItemT, ResultT]]] = {}
        self._deadlines = _Deadlines[ItemT, ResultT](f"{what} did not answer within {deadline_s} s")
        self._calls = asyncio.Semaphore(CALLS_MAX)
        self._tasks = TaskGroup(what)
        self._closed = False

    async def submit(self, group: str, item: ItemT) -> ResultT:
        """Result of the item, when the call that took it along is answered.

        Raises:
            Unavailable: no answer in time, or too many wait. The item may have happened; the same one again tells.
        """
        if self._closed:
            raise Unavailable(f"{self._what} is shutting down")
        queue = self._queues.get(group)
        if queue is not None and len(queue) >= self._waiting_max:
            raise Unavailable(f"{len(queue)} commands wait for {group}")
        loop = asyncio.get_running_loop()
        waiting: _Waiting[ItemT, ResultT] = _Waiting(item, loop.create_future(), loop.time() + self._deadline_s)
        if queue is None:
            queue = self._queues[group] = deque()
            self._tasks.start(self._drain(group, queue), group)
        queue.append(waiting)
        self._deadlines.add(waiting, loop)
        return await waiting.future

    async def close(self) -> None:
        """Take nothing new, let what waits be answered (each within its deadline), then end."""
        self._closed = True
        await self._tasks.join()
        await self._tasks.close()

    async def _drain(self, group: str, queue: deque[_Waiting[ItemT, ResultT]]) -> None:
        batch: list[_Waiting[ItemT, ResultT]] = []
        try:
            while queue:
                async with self._calls:
                    batch = self._take(queue)
                    await self._send_batch(group, batch)
        finally:
            # No await between the last look at the queue and this line: a new submission finds the queue or makes another.
            del self._queues[group]
            for waiting in (*batch, *queue):
                if not waiting.future.done():
                    waiting.future.set_exception(Unavailable(f"{self._what} failed; the same command again tells what happened"))

    def _take(self, queue: deque[_Waiting[ItemT, ResultT]]) -> list[_Waiting[ItemT, ResultT]]:
        batch: list[_Waiting[ItemT, ResultT]] = []
        while queue and len(batch) < self._batch_max:
            waiting = queue.popleft()
            if not waiting.future.done():
                batch.append(waiting)
        return batch

    async def _send_batch(self, group: str, batch: list[_Waiting[ItemT, ResultT]]) -> None:
        pause_s = PAUSE_FIRST_S
        # Ends at the latest when every caller's deadline has passed.
        while open_ := [waiting for waiting in batch if not waiting.future.done()]:
            try:
                results = await self._send(group, [waiting.item for waiting in open_])
            except Lost:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, PAUSE_MAX_S)
                continue
            except Unavailable as error:
                for waiting in open_:
                    if not waiting.future.done():
                        waiting.future.set_exception(Unavailable(str(error)))
                return
            for waiting, result in zip(open_, results, strict=True):
                if not waiting.future.done():
                    waiting.future.set_result(result)
            return
