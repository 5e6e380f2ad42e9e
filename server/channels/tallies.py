"""Commands that only count (hearts, votes): those of a channel are gathered, added in one script, and shown as one publication.

A thousand taps in a quarter of a second are one publication instead of a thousand. The first after a rest goes at once.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from server.channels.figures import TALLIED, TALLY_BATCH
from server.channels.log import ChannelLog, Published, Tally
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.tasks import TaskGroup

BATCH_MAX = 256
"""Commands per script: about a millisecond of Redis' only thread. What is above it follows in the next script at once."""
WAITING_MAX = 10_000
"""Commands of one channel that wait; one more is refused as `unavailable`. More could not be counted before their deadline."""
COUNTERS_MAX = 32
"""Counters that one command may add to, and names are the kind's: a kind that makes names of what people type has a bug."""


class _Waiting(NamedTuple):
    command: Tally
    answer: asyncio.Future[Published]


class Tallies:
    """All channels of the process that count."""

    def __init__(self, log: ChannelLog, clock: Clock, tasks: TaskGroup) -> None:
        self._log, self._clock, self._tasks = log, clock, tasks
        self._queues: dict[str, deque[_Waiting]] = {}

    async def add(self, channel: str, command: Tally, *, conflate_ms: int, length_max: int) -> Published:
        """The outcome, once the totals with this command in them are in the channel's log.

        Raises:
            Unavailable: Redis did not answer in time, or too many wait; the same command again tells what became of it.
        """
        assert len(command.counts) <= COUNTERS_MAX, channel
        queue = self._queues.get(channel)
        if queue is None:
            queue = self._queues[channel] = deque()
            self._tasks.start(self._drain(channel, queue, conflate_ms, length_max), f"tally {channel}")
        if len(queue) >= WAITING_MAX:
            raise Unavailable(f"{len(queue)} commands of {channel} wait to be counted")
        waiting = _Waiting(command, asyncio.get_running_loop().create_future())
        queue.append(waiting)
        return await waiting.answer

    async def _drain(self, channel: str, queue: deque[_Waiting], conflate_ms: int, length_max: int) -> None:
        """Lives while the channel is busy: its rest after the last batch is what makes the next command wait."""
        batch: list[_Waiting] = []
        try:
            while queue:
                began_ms = self._clock.monotonic_ms()
                for _ in range(-(-len(queue) // BATCH_MAX)):
                    batch = _take(queue)
                    await self._send(channel, batch, length_max)
                await asyncio.sleep(max(0.0, conflate_ms - (self._clock.monotonic_ms() - began_ms)) / 1000)
        finally:
            # No await between the last look at the queue and this line: a new command finds the queue or makes another.
            del self._queues[channel]
            for waiting in (*batch, *queue):
                if not waiting.answer.done():
                    waiting.answer.set_exception(Unavailable("the node ends; the same command again tells what became of it"))
                    waiting.answer.exception()  # its caller may be gone

    async def _send(self, channel: str, batch: list[_Waiting], length_max: int) -> None:
        if not batch:
            return
        commands = [waiting.command for waiting in batch]
        try:
            answers = await self._log.tally(channel, commands, at_ms=self._clock.now_ms(), length_max=length_max)
        except Unavailable as error:
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(Unavailable(str(error)))
            return
        TALLIED.inc(len(batch))
        TALLY_BATCH.observe(len(batch))
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)


def _take(queue: deque[_Waiting]) -> list[_Waiting]:
    """The next batch, without those whose callers have given up."""
    batch: list[_Waiting] = []
    while queue and len(batch) < BATCH_MAX:
        waiting = queue.popleft()
        if not waiting.answer.done():
            batch.append(waiting)
    return batch
