"""The intake of a consumer: reads the streams of one Redis server as a member of a group, and keeps what is not handled yet."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from server.bus.topics import Source
from server.kernel.clock import Clock
from server.redis.blocking import BlockingReader
from server.redis.connection import reaching

COUNT_MAX = 50
"""Entries per stream that are read ahead; while they are handled nothing more of the stream is read."""
REFRESH_MS = 1_000
"""A new show's or channel's log is noticed within this."""
BLOCK_MS = 1_000


@dataclass
class Entry:
    """An entry that waits for its handler. `deliveries` counts how often Redis gave it to somebody."""

    id: str
    fields: dict[bytes, bytes]
    deliveries: int = 1
    attempts: int = 0
    outages: int = 0


@dataclass
class StreamState:
    """One stream. `cursor` is where claiming entries of earlier holders goes on; None when all of them are claimed."""

    sparse: bool
    cursor: str | None = "0-0"
    backlog: deque[Entry] = field(default_factory=deque)  # at most COUNT_MAX: it is filled only when it is empty
    retry_at_ms: float = 0.0


class Intake:
    """All sources of one module that live in one Redis. Only the holder of the module's lease uses it."""

    def __init__(self, redis: Redis, sources: Sequence[Source], group: str, name: str, clock: Clock) -> None:
        self.redis: Any = redis  # its generic method is not typed
        self.group = group
        self.streams: dict[str, StreamState] = {}
        self._sources = sources
        self._name = name
        self._clock = clock
        self._reader = BlockingReader(redis, BLOCK_MS)
        self._refresh_at_ms = 0.0

    def forget(self) -> None:
        """Start anew: groups are made again where they are missing, and everything that is pending is claimed."""
        self.streams.clear()
        self._refresh_at_ms = 0.0

    def wake(self) -> None:
        """Look for new streams now."""
        self._refresh_at_ms = 0.0
        self._reader.interrupt()

    async def aclose(self) -> None:
        """Close the reading connection."""
        await self._reader.aclose()

    async def refill(self, block_ms: int) -> None:
        """Fill empty backlogs, oldest entries first; waits up to `block_ms` when there is nothing to do.

        Raises:
            Unavailable: Redis is away.
        """
        await self._refresh()
        for stream, state in self.streams.items():
            if state.cursor is not None and not state.backlog:
                await self._claim(stream, state)
        await self._read(self._patience(block_ms))

    async def acknowledge(self, stream: str, ids: Sequence[str]) -> None:
        """These are done with.

        Raises:
            Unavailable: Redis is away; they will be delivered again.
        """
        async with reaching():
            await self.redis.xack(stream, self.group, *ids)

    async def _refresh(self) -> None:
        now_ms = self._clock.monotonic_ms()
        if now_ms < self._refresh_at_ms:
            return
        self._refresh_at_ms = now_ms + REFRESH_MS
        found = {stream: source.sparse for source in self._sources for stream in await source.streams()}
        for gone in self.streams.keys() - found.keys():
            del self.streams[gone]
        for stream in found.keys() - self.streams.keys():
            await self._join(stream)
            self.streams[stream] = StreamState(found[stream])

    async def _join(self, stream: str) -> None:
        try:
            async with reaching():
                await self.redis.xgroup_create(stream, self.group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _patience(self, block_ms: int) -> int:
        """How long a read may wait: not at all while there is work, and not beyond the next retry."""
        now_ms = self._clock.monotonic_ms()
        waits: list[float] = [block_ms]
        for state in self.streams.values():
            if state.cursor is not None and not state.backlog:
                return 0
            if state.backlog:
                waits.append(state.retry_at_ms - now_ms)
        return max(0, int(min(waits)))

    async def _claim(self, stream: str, state: StreamState) -> None:
        # Whoever had these before does not hold the lease any more, so there is nothing to wait for.
        async with reaching():
            reply = await self.redis.execute_command(
                "XAUTOCLAIM", stream, self.group, self._name, 0, state.cursor, "COUNT", COUNT_MAX
            )
            cursor, claimed = reply[0], reply[1]
            state.cursor = None if bytes(cursor) == b"0-0" else bytes(cursor).decode()
            if not claimed:
                return
            first, last = claimed[0][0], claimed[-1][0]
            pending = await self.redis.xpending_range(stream, self.group, min=first, max=last, count=COUNT_MAX * 2)
        deliveries = {row["message_id"]: int(row["times_delivered"]) for row in pending}
        for key, values in claimed:
            fields = dict(values) if isinstance(values, dict) else dict(zip(values[::2], values[1::2], strict=True))
            state.backlog.append(Entry(key.decode(), fields, deliveries.get(key, 1)))

    async def _read(self, patience_ms: int) -> None:
        ready = [stream for stream, state in self.streams.items() if state.cursor is None and not state.backlog]
        if not ready:
            await asyncio.sleep(patience_ms / 1000)
            return
        block = ("BLOCK", patience_ms) if patience_ms > 0 else ()  # BLOCK 0 would wait for ever
        command = (
            "XREADGROUP",
            "GROUP",
            self.group,
            self._name,
            "COUNT",
            COUNT_MAX,
            *block,
            "STREAMS",
            *ready,
            *(">" for _ in ready),
        )
        try:
            reply = await self._reader.read(*command)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self.forget()  # a stream, and our group with it, was deleted
            return
        for name, entries in reply:
            state = self.streams[name.decode()]
            state.backlog.extend(Entry(key.decode(), fields or {}) for key, fields in entries)
