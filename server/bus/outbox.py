"""The outbox relay: what transactions have left in `bus_outbox` goes to Redis, in order, at least once."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import delete, insert, select, text

from server.bus.dead_letters import RELAY, letter
from server.bus.tables import DEAD_LETTERS, OUTBOX
from server.bus.topics import stream_of_topic
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter
from server.kernel.tasks import forever
from server.redis.connection import reaching
from server.redis.revocations import Revoked, announce
from server.store.database import Database

BATCH_MAX = 200
"""Rows per turn: a few milliseconds of work, so that other processes get their turn soon."""
SWEEP_MS = 500
"""Rows of a process that was killed before it could relay them wait no longer than this."""
TURN_TIMEOUT_S = 10.0
TURN_POLL_S = 0.002
ADVISORY_LOCK = 0x65666972  # "efir"

PublishPush = Callable[[str, bytes, str, int | None], Awaitable[None]]
"""`(channel, data, command_id, version)`; publishing the same command id again has no effect."""

RELAYED = counter("bus_relayed_total", "Rows that left the outbox", ("kind",))

log = get_logger(__name__)


class OutboxRelay:
    """Any number of processes may run one. They take turns, so that the order of rows is the order in Redis.

    The turn is a lock that dies with its holder: an advisory lock of PostgreSQL, or a lock on a file beside the SQLite database.
    A process that dies between sending and deleting leaves its rows for the next turn: they are sent again, and the receivers
    know their ids.
    """

    def __init__(
        self,
        database: Database,
        redis: Redis,
        publish_push: PublishPush,
        clock: Clock,
        channels_redis: Redis | None = None,
    ) -> None:
        """`channels_redis` is where web nodes listen, when that is another server than the bus's."""
        self._database = database
        self._redis = redis
        self._publish_push = publish_push
        self._channels_redis = channels_redis or redis
        self._clock = clock
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There are new rows: relay them now."""
        self._wake.set()

    async def run(self) -> None:
        """Relay for ever; end it by cancelling. While Redis or the database is away the rows wait."""
        await forever(self._step, "outbox relay", pause_ms_max=1_000)

    async def _step(self) -> None:
        while await self.relay_once():
            pass
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_MS / 1000):
                await self._wake.wait()
        self._wake.clear()

    async def relay_once(self) -> int:
        """Send one batch, oldest rows first; returns how many rows left the outbox.

        Raises:
            Unavailable: Redis or the database is away; what was not sent stays.
        """
        if not await self._rows(1):
            return 0
        async with self._turn():
            rows = await self._rows(BATCH_MAX)
            done: list[int] = []
            try:
                await self._send(rows, done)
            finally:
                if done:
                    async with self._database.begin() as connection:
                        await connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(done)))
        return len(done)

    async def _rows(self, limit: int) -> Sequence[Any]:
        async with self._database.reading() as connection:
            return (await connection.execute(select(OUTBOX).order_by(OUTBOX.c.id).limit(limit))).all()

    async def _send(self, rows: Sequence[Any], done: list[int]) -> None:
        """Send rows and note the ids of those that arrived. One failure stops its topic or channel, and is raised at the end."""
        groups: dict[tuple[str, str], list[Any]] = {}
        for row in rows:
            groups.setdefault((row.kind, row.target), []).append(row)
        senders = [self._send_group(kind, target, group, done) for (kind, target), group in groups.items()]
        for result in await asyncio.gather(*senders, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _send_group(self, kind: str, target: str, rows: Sequence[Any], done: list[int]) -> None:
        if kind == "event":
            # One MULTI per topic: all of the batch or nothing, so that a failure in the middle cannot change the order.
            async with reaching(), self._redis.pipeline(transaction=True) as pipeline:
                for row in rows:
                    pipeline.xadd(stream_of_topic(target), {b"e": row.payload})
                await pipeline.execute()
            done.extend(row.id for row in rows)
        elif kind == "revoke":
            await announce(self._channels_redis, Revoked(actors=[target]))
            done.extend(row.id for row in rows)
        else:
            for row, stands_for in newest_states(rows):
                await self._push(row)
                done.extend(stands_for)
        RELAYED.labels(kind).inc(len(rows))

    async def _push(self, row: Any) -> None:
        try:
            await self._publish_push(row.target, row.payload, row.message_id, row.version)
        except (Unavailable, TimeoutError):
            raise
        except Exception as error:
            log.exception("a push cannot be published; it went to the dead letters", channel=row.target)
            values = letter(RELAY, row.target, row.message_id, "", row.payload, error, 1, self._clock.now_ms())
            async with self._database.begin() as connection:
                await connection.execute(insert(DEAD_LETTERS).values(values))

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._database.dialect == "postgresql":
            # A holder that hangs loses its session, and the lock, by `idle_in_transaction_session_timeout`.
            async with self._database.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
                yield
            return
        file = os.open(f"{self._database.path}-relay", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            await _lock_file(file)
            yield
        finally:
            os.close(file)


def newest_states(rows: Sequence[Any]) -> list[tuple[Any, list[int]]]:
    """The pushes of one channel that need publishing, in order, each with the ids of the rows that are done with it.

    A push with a version carries the whole state, so an earlier one that has not left yet is of no use to anybody: a show that
    changes a hundred times in a second is published as often as the relay takes a batch.
    """
    versioned = [row for row in rows if row.version is not None]
    newest = max(versioned, key=lambda row: (row.version, row.id), default=None)
    return [
        (row, [row.id] if row.version is None else [other.id for other in versioned])
        for row in rows
        if row.version is None or row is newest
    ]


async def _lock_file(file: int) -> None:
    try:
        async with asyncio.timeout(TURN_TIMEOUT_S):
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                await asyncio.sleep(TURN_POLL_S)
    except TimeoutError as error:
        raise Unavailable("another process has been relaying the outbox for too long") from error
