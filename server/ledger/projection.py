"""The projection: one worker copies every entry of every show's log into SQL, and then lets Redis forget what nobody needs.

A batch is one transaction: the entries and the checkpoint together, so a crash anywhere repeats a batch and never doubles one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter, gauge, histogram
from server.kernel.tasks import forever
from server.ledger.log import SHOWS_KEY, log_key, refused_key
from server.ledger.record import (
    Checkpoint,
    Contradiction,
    Logged,
    Overtaken,
    Refused,
    read_checkpoints,
    read_logged,
    read_refused,
    write,
)
from server.ledger.wire import key
from server.redis.blocking import BlockingReader, Entries
from server.redis.connection import reaching
from server.store.database import Database

BATCH_MAX = 2_000
"""Entries of one read over all streams, a megabyte, and of one transaction: some 50 ms during which no other writer of SQLite
gets in."""
BLOCK_MS = 250
"""A show that is new is noticed within this; entries of known ones are there at once."""
PEEK_MAX = 500
"""Shows whose checkpoints are read in one query."""
KEPT = 1_000
"""Entries that stay in Redis although SQL has them: web nodes go on from there after a short break."""
TRIM_EVERY = 200
"""Entries of a show after which it is looked at what may go."""
TELL_MS = 200
"""Between two times that Redis hears how far the record is: each costs it a sync of its file."""
REST_S = 1.0
"""Between looks at a lease that another worker holds."""

RECORDED = counter("ledger_recorded_total", "Entries of the ledger's logs that SQL has", ("kind",))
LAG = gauge("ledger_record_lag_entries", "Entries of the show that is furthest behind which SQL does not have yet")
DELAY = histogram(
    "ledger_record_delay_seconds", "From a decision of the ledger until SQL has it", (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30)
)
STOPPED = gauge("ledger_record_stopped_shows", "Shows whose log does not go on where the record ends")

log = get_logger(__name__)


@dataclass
class Followed:
    """A show whose log is read from behind `checkpoint` on. `stopped` says that its log contradicts the record."""

    checkpoint: Checkpoint
    stopped: bool = False
    untrimmed: int = TRIM_EVERY  # a new one is looked at soon: it may have piled up


@dataclass
class Batch:
    """What one read brought of one show."""

    entries: list[Logged] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)


class Projection:
    """Copies while it holds the lease; any number of workers may stand by."""

    def __init__(
        self,
        redis: Redis,
        database: Database,
        clock: Clock,
        *,
        lease: Callable[[], Awaitable[object | None]],
        examine: Callable[[], Awaitable[object]],
        groups: Sequence[str] = (),
    ) -> None:
        """`lease` says whether this worker may write (None: another one does). `examine` looks for shows of which Redis has less
        than SQL, and is called when another Redis process answers. `groups` consume the logs: what they have not acknowledged
        stays."""
        self._redis = redis
        self._database = database
        self._clock = clock
        self._lease = lease
        self._examine = examine
        self._groups = tuple(groups)
        self._reader = BlockingReader(redis, BLOCK_MS)
        self._run_id = ""
        self._shows: dict[str, Followed] = {}
        self._untold: set[str] = set()  # shows whose record has grown since Redis heard of it
        self._tell_at_ms = 0.0

    async def run(self) -> None:
        """Copy for ever; end it by cancelling."""
        try:
            await forever(self.step, "projection", 1_000)
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Close the reading connection."""
        await self._reader.aclose()

    async def step(self) -> int:
        """One read and one transaction; returns how many entries SQL got. Waits up to `BLOCK_MS` for the first entry.

        Raises:
            Unavailable: Redis or the database is away; nothing is lost, the next step reads the same again.
        """
        if await self._lease() is None:
            self._shows.clear()
            await asyncio.sleep(REST_S)
            return 0
        try:
            await self._reader.ensure()
            if self._run_id != self._reader.run_id:
                await self._examine()
                self._shows.clear()
                self._run_id = self._reader.run_id
            await self._look_for_shows()
            batches = self._decode(await self._read())
            if batches:
                await self._record(batches)
            await self._tell()
        except BaseException:
            self._shows.clear()  # where the record ends is read anew: a transaction that failed may have happened
            raise
        return sum(len(batch.entries) + len(batch.refusals) for batch in batches.values())

    async def _look_for_shows(self) -> None:
        async with reaching("the ledger"):
            count: int = await self._redis.scard(SHOWS_KEY)
            if count == len(self._shows):
                return
            members: Any = await self._redis.smembers(SHOWS_KEY)
        new = sorted({member.decode() for member in members} - self._shows.keys())
        for start in range(0, len(new), PEEK_MAX):
            async with self._database.reading() as connection:
                checkpoints = await read_checkpoints(connection, new[start : start + PEEK_MAX])
            self._shows |= {show_id: Followed(checkpoint) for show_id, checkpoint in checkpoints.items()}
        self._shows = {show_id: followed for show_id, followed in self._shows.items() if show_id.encode() in members}

    async def _read(self) -> Entries:
        positions: dict[str, str] = {}
        for show_id, followed in self._shows.items():
            if not followed.stopped:
                positions[log_key(show_id)] = f"{followed.checkpoint.seq}-0"
                positions[refused_key(show_id)] = followed.checkpoint.refused_id
        if not positions:
            await asyncio.sleep(BLOCK_MS / 1000)
            return []
        count = max(BATCH_MAX // len(positions), 50)
        return await self._reader.read("XREAD", "COUNT", count, "BLOCK", BLOCK_MS, "STREAMS", *positions, *positions.values())

    def _decode(self, read: Entries) -> dict[str, Batch]:
        batches: dict[str, Batch] = {}
        for name, entries in read:
            show_id, _, kind = name.decode().removeprefix("{sh:").partition("}:")
            batch = batches.setdefault(show_id, Batch())
            try:
                if kind == "log":
                    batch.entries += [read_logged(fields or {}) for _, fields in entries]
                else:
                    batch.refusals += [read_refused(entry_id, fields or {}) for entry_id, fields in entries]
            except (msgspec.DecodeError, KeyError, ValueError) as error:
                del batches[show_id]
                self._stop(show_id, error)
        return batches

    async def _record(self, batches: Mapping[str, Batch]) -> None:
        try:
            await self._write(batches)
        except Contradiction:
            # One show must not keep the others from being recorded.
            for show_id, batch in batches.items():
                try:
                    await self._write({show_id: batch})
                except Contradiction as error:
                    self._stop(show_id, error)

    async def _write(self, batches: Mapping[str, Batch]) -> None:
        now_ms = self._clock.now_ms()
        after: dict[str, Checkpoint] = {}
        try:
            async with self._database.begin() as connection:
                for show_id, batch in batches.items():
                    before = self._shows[show_id].checkpoint
                    after[show_id] = await write(connection, before, batch.entries, batch.refusals, now_ms)
        except Overtaken as error:
            raise Unavailable(f"another worker records {error}") from error
        for show_id, checkpoint in after.items():
            self._shows[show_id].checkpoint = checkpoint
            batch = batches[show_id]
            self._shows[show_id].untrimmed += len(batch.entries)
            self._untold.add(show_id)
            RECORDED.labels("event").inc(len(batch.entries))
            RECORDED.labels("refusal").inc(len(batch.refusals))
            for entry in batch.entries:
                DELAY.observe(max(0, now_ms - entry.event.at_ms) / 1000)

    async def _tell(self) -> None:
        """Let the scripts know what SQL has (they stop when it falls too far behind), and let go what nobody needs."""
        now_ms = self._clock.monotonic_ms()
        if now_ms < self._tell_at_ms:
            return
        self._tell_at_ms = now_ms + TELL_MS
        for show_id in [show_id for show_id, followed in self._shows.items() if followed.stopped]:
            del self._shows[show_id]  # looked at anew: the show may have been restored meanwhile
        telling = [show_id for show_id in self._untold if show_id in self._shows]
        self._untold.clear()
        async with reaching("the ledger"):
            pipeline = self._redis.pipeline(transaction=False)
            for show_id in telling:
                checkpoint = self._shows[show_id].checkpoint
                pipeline.hset(key(show_id, "meta"), "projected", checkpoint.seq)
                pipeline.execute_command("XTRIM", refused_key(show_id), "MINID", "=", _after(checkpoint.refused_id))
                pipeline.hget(key(show_id, "meta"), "seq")
            ends = (await pipeline.execute())[2::3]
        lags = [int(end or 0) - self._shows[show_id].checkpoint.seq for show_id, end in zip(telling, ends, strict=True)]
        LAG.set(max(lags, default=0))
        for show_id in telling:
            followed = self._shows[show_id]
            if followed.untrimmed >= TRIM_EVERY:
                followed.untrimmed = 0
                await trim(self._redis, show_id, followed.checkpoint.seq, self._groups)

    def _stop(self, show_id: str, error: Exception) -> None:
        """Record nothing more of a show until this worker looks at it anew: a wrong record is worse than none."""
        self._shows[show_id].stopped = True
        STOPPED.set(sum(followed.stopped for followed in self._shows.values()))
        log.error("THE RECORD OF A SHOW STANDS STILL: its log does not fit", show_id=show_id, error=repr(error))


async def trim(redis: Redis, show_id: str, recorded_seq: int, groups: Sequence[str]) -> int:
    """Remove the entries that SQL has, every one of `groups` has acknowledged, and web nodes do not need; returns how many.

    Raises:
        Unavailable: Redis is away.
    """
    stream = log_key(show_id)
    first_kept = recorded_seq + 1 - KEPT
    async with reaching("the ledger"):
        try:
            found = {bytes(group["name"]).decode(): group for group in await redis.xinfo_groups(stream)}
        except ResponseError:
            return 0  # no stream yet
        if not set(groups) <= found.keys():
            return 0  # a consumer that has not come by yet has everything to read
        for name, group in found.items():
            if group["pending"]:
                summary = await redis.xpending(stream, name)
                # What was pending may have been acknowledged since: then the next round trims.
                first_kept = min(first_kept, _seq(summary["min"]) if summary["min"] else 0)
            else:
                first_kept = min(first_kept, _seq(group["last-delivered-id"]) + 1)
        if first_kept <= 1:
            return 0
        return int(await redis.xtrim(stream, minid=f"{first_kept}-0", approximate=False))


def _seq(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


def _after(entry_id: str) -> str:
    milliseconds, _, number = entry_id.partition("-")
    return f"{milliseconds}-{int(number) + 1}"
