"""Restoration: when Redis has less of a show than SQL, the show stops, is made again from SQL, and goes on in a new epoch.

Redis may come back with an older file, or with none. Whoever lets it decide again asks `examine` first: it stops every show whose
record is longer than its log. `run` then restores them one by one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec
from redis.asyncio import Redis
from sqlalchemy import and_, select

from schemas.base import Envelope
from schemas.events.ledger import (
    AnyLedgerEvent,
    GiveawayDrawn,
    HoldExpired,
    HoldReleased,
    HoldRestocked,
    ShowRestored,
)
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.ids import new_secret
from server.kernel.log import get_logger
from server.kernel.metrics import counter
from server.kernel.tasks import TaskGroup, forever
from server.ledger.keyspace import KEEP_MS, Write, hold_key, keys, look_at_lines, passes_with, writes
from server.ledger.log import SHOWS_KEY, log_key
from server.ledger.rules import ShowState, apply
from server.ledger.tables import CHECKPOINTS, EVENTS, REFUSALS
from server.ledger.wire import key, source
from server.redis.connection import reaching
from server.redis.scripts import Script
from server.store.database import Database

FENCE = "restoring: Redis has less than the record"
"""scripts/snapshot.lua knows its first word: nobody may see half of a show."""
LOCK_MS = 15_000
"""How long the restoration of a process that died keeps others from it."""
PAGE = 1_000
"""Events of one read of SQL, and commands of one write to Redis: some 10 ms of its only thread."""
PEEK = 200
"""Shows that are compared in one round trip."""
AGAIN_S = 30.0
"""Between looks without a reason: somebody may have emptied a server that never went away."""
RECENT_MS = 24 * 3_600_000
"""Shows whose record has grown since are looked at without a reason."""

RESTORED = counter("ledger_restored_shows_total", "Shows that were made again from SQL")

log = get_logger(__name__)
_events: msgspec.json.Decoder[AnyLedgerEvent] = msgspec.json.Decoder(AnyLedgerEvent)
_envelopes = msgspec.json.Decoder(Envelope)
_write = Script(source("restore_write"))
_finish = Script(source("restore_finish"))
_drop = Script(source("restore_drop"))


class Taken(Exception):
    """Another process restores the show now."""


class Recorded(msgspec.Struct, frozen=True):
    """Where the record of a show ends, and with which event."""

    show_id: str
    epoch: str
    seq: int
    payload: bytes


class Kept(msgspec.Struct, frozen=True):
    """What Redis has of a show: its position, its fence, and the log's entries at and behind the end of the record."""

    seq: int
    fence: str
    fenced_before: str
    entries: dict[int, bytes]


def is_older(recorded: Recorded, kept: Kept) -> bool:
    """Whether Redis has less of a show than SQL, or something else."""
    if kept.seq < recorded.seq:
        return True
    if recorded.seq in kept.entries:
        return kept.entries[recorded.seq] != recorded.payload
    following = kept.entries.get(recorded.seq + 1)
    event = _events.decode(following) if following else None
    return not (isinstance(event, ShowRestored) and event.previous_epoch == recorded.epoch)


class Restorer:
    """Any number of processes may have one: each show is restored once."""

    def __init__(self, redis: Redis, database: Database, clock: Clock, *, lock_ms: int = LOCK_MS) -> None:
        self._redis = redis
        self._database = database
        self._clock = clock
        self._lock_ms = lock_ms
        self._found = asyncio.Event()
        self._tasks = TaskGroup("restoration")
        self._examining: asyncio.Task[list[str]] | None = None

    async def run(self) -> None:
        """Restore what is found, and look by oneself now and then; for ever, end it by cancelling."""
        await forever(self._round, "restoration", 2_000)

    async def examine(self, since_ms: int = 0) -> list[str]:
        """Stop every show of which Redis has less than SQL; returns those that wait to be restored. Callers that come meanwhile
        share one look. `since_ms`: only shows whose record has grown since.

        Raises:
            Unavailable: Redis or the database is away.
        """
        if self._examining is None or self._examining.done():
            self._examining = self._tasks.start(self._examine(since_ms), "examine")
        return await asyncio.shield(self._examining)

    async def close(self) -> None:
        """End a look that is under way."""
        await self._tasks.close()

    async def restore(self, show_id: str, *, anyway: bool = False) -> bool:
        """Make a show again; False when it needs none, or another process is at it. `anyway`: somebody has looked at a stopped
        show and wants it as the record has it, open.

        Raises:
            Unavailable: Redis or the database is away; the show stays stopped until somebody has restored it.
        """
        with suppress(Taken):
            async with self._lock(show_id) as token:
                recorded = await self._recorded_of(show_id)
                if recorded is None:
                    return False
                (kept,) = await self._kept([recorded])
                if anyway or is_older(recorded, kept):
                    before = "" if anyway else kept.fenced_before if kept.fence == FENCE else kept.fence
                    if kept.fence != FENCE:
                        await self._stop(show_id, kept.fence)
                    await self._make_again(recorded, token, before)
                    return True
                if kept.fence == FENCE:  # restored before this process looked again
                    await self._lift(show_id, kept.fenced_before)
        return False

    async def _round(self) -> None:
        found = await self.examine(self._clock.now_ms() - RECENT_MS)
        self._found.clear()
        for show_id in found:
            await self.restore(show_id)
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0 if found else AGAIN_S):
                await self._found.wait()

    async def _examine(self, since_ms: int) -> list[str]:
        found: list[str] = []
        async for page in self._recorded(since_ms):
            for recorded, kept in zip(page, await self._kept(page), strict=True):
                older = is_older(recorded, kept)
                if older and kept.fence != FENCE:
                    log.error(
                        "REDIS HAS LESS OF A SHOW THAN THE RECORD: the show stops and is restored",
                        show_id=recorded.show_id,
                        recorded_seq=recorded.seq,
                        kept_seq=kept.seq,
                    )
                    await self._stop(recorded.show_id, kept.fence)
                if older or kept.fence == FENCE:
                    found.append(recorded.show_id)
        if found:
            self._found.set()
        return found

    async def _recorded(self, since_ms: int) -> AsyncIterator[list[Recorded]]:
        """Where records end, those that grew last first: their shows are on air."""
        ends = and_(EVENTS.c.show_id == CHECKPOINTS.c.show_id, EVENTS.c.seq == CHECKPOINTS.c.seq)
        query = (
            select(CHECKPOINTS.c.show_id, CHECKPOINTS.c.epoch, CHECKPOINTS.c.seq, EVENTS.c.payload)
            .join(EVENTS, ends)
            .where(CHECKPOINTS.c.changed_at_ms >= since_ms)
            .order_by(CHECKPOINTS.c.changed_at_ms.desc(), CHECKPOINTS.c.show_id)
        )
        async with self._database.reading() as connection:
            rows = [Recorded(*row) for row in await connection.execute(query)]
        for start in range(0, len(rows), PEEK):
            yield rows[start : start + PEEK]

    async def _recorded_of(self, show_id: str) -> Recorded | None:
        query = (
            select(CHECKPOINTS.c.show_id, CHECKPOINTS.c.epoch, CHECKPOINTS.c.seq, EVENTS.c.payload)
            .join(EVENTS, and_(EVENTS.c.show_id == CHECKPOINTS.c.show_id, EVENTS.c.seq == CHECKPOINTS.c.seq))
            .where(CHECKPOINTS.c.show_id == show_id)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Recorded(*row)

    async def _kept(self, page: Sequence[Recorded]) -> list[Kept]:
        async with reaching("the ledger"):
            pipeline = self._redis.pipeline(transaction=False)
            for recorded in page:
                pipeline.hmget(key(recorded.show_id, "meta"), "seq", "fence", "fenced_before")
                pipeline.xrange(log_key(recorded.show_id), min=f"{recorded.seq}-0", max=f"{recorded.seq + 1}-0")
            replies: list[Any] = await pipeline.execute()
        return [_kept(meta, entries) for meta, entries in zip(replies[::2], replies[1::2], strict=True)]

    async def _stop(self, show_id: str, fenced_before: str) -> None:
        before = ["fenced_before", fenced_before] if fenced_before else []
        async with reaching("the ledger"):
            await self._redis.hset(key(show_id, "meta"), items=["fence", FENCE, *before])

    async def _lift(self, show_id: str, fenced_before: str) -> None:
        meta = key(show_id, "meta")
        async with reaching("the ledger"):
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hdel(meta, "fence", "fenced_before")
            if fenced_before:
                pipeline.hset(meta, "fence", fenced_before)
            await pipeline.execute()

    @asynccontextmanager
    async def _lock(self, show_id: str) -> AsyncIterator[str]:
        token, name = new_secret()[:16], key(show_id, "restoring")
        async with reaching("the ledger"):
            if not await self._redis.set(name, token, nx=True, px=self._lock_ms):
                raise Taken
        try:
            yield token
        finally:
            with suppress(Unavailable):  # it ends by itself
                await _drop.run(self._redis, [name], [token])

    async def _make_again(self, recorded: Recorded, token: str, fence: str) -> None:
        show_id = recorded.show_id
        # What Redis decided after the end of the record never happened: nobody may find an answer of that life.
        for page in _pages(await self._old_keys(show_id)):
            await self._put(show_id, token, [["DEL", *page]])
        async with reaching("the ledger"):
            seconds, micros = await self._redis.time()
        now_ms = seconds * 1000 + micros // 1000
        state, ended_at_ms = await self._fold(recorded, token, now_ms)
        await self._put_refusals(show_id, token, now_ms)
        for page in _pages(list(_state_writes(state, ended_at_ms, now_ms))):
            await self._put(show_id, token, page)
        async with reaching("the ledger"):
            await self._redis.sadd(SHOWS_KEY, show_id)
        await self._begin(state, token, max(now_ms, state.last_ms), fence)
        RESTORED.inc()
        log.warning("a show was restored from the record", show_id=show_id, seq=state.seq + 1, previous_epoch=state.epoch)

    async def _old_keys(self, show_id: str) -> list[str]:
        # All but the position and the lock: the fence stays up all the time.
        spared = {key(show_id, "meta").encode(), key(show_id, "restoring").encode()}
        found: list[str] = []
        cursor = 0
        names: Any
        while True:
            async with reaching("the ledger"):
                cursor, names = await self._redis.scan(cursor, match=f"{{sh:{show_id}}}:*", count=2_000)
            found += [name.decode() for name in names if name not in spared]
            if not cursor:
                return found

    async def _fold(self, recorded: Recorded, token: str, now_ms: int) -> tuple[ShowState, dict[str, int]]:
        """The state at the end of the record. On the way the log gets the entries back that a consumer may not have had yet, and
        the commands of their time their outcomes."""
        state = ShowState(recorded.show_id, "")
        ended_at_ms: dict[str, int] = {}
        while state.seq < recorded.seq:
            query = select(EVENTS).where(EVENTS.c.show_id == recorded.show_id, EVENTS.c.seq > state.seq)
            async with self._database.reading() as connection:
                rows = (await connection.execute(query.order_by(EVENTS.c.seq).limit(PAGE))).all()
            commands: list[Write] = []
            for row in rows:
                event = _events.decode(row.payload)
                state.epoch = state.epoch or event.epoch
                apply(state, event)
                if isinstance(event, HoldReleased | HoldExpired | HoldRestocked):
                    ended_at_ms[event.hold_id] = event.at_ms
                elif isinstance(event, GiveawayDrawn):
                    ended_at_ms[event.giveaway_id] = event.at_ms
                if event.at_ms > now_ms - KEEP_MS:
                    commands += _entry(row)
                    if row.outcome:
                        commands.append(_outcome(row.show_id, row.command_id, row.outcome.decode(), row.at_ms, now_ms))
            await self._put(recorded.show_id, token, commands)
        return state, ended_at_ms

    async def _put_refusals(self, show_id: str, token: str, now_ms: int) -> None:
        columns = (REFUSALS.c.entry_id, REFUSALS.c.command_id, REFUSALS.c.outcome, REFUSALS.c.at_ms)
        last = (0, "")
        while True:
            later = (REFUSALS.c.at_ms > last[0]) | ((REFUSALS.c.at_ms == last[0]) & (REFUSALS.c.entry_id > last[1]))
            query = select(*columns).where(REFUSALS.c.show_id == show_id, REFUSALS.c.at_ms > now_ms - KEEP_MS, later)
            async with self._database.reading() as connection:
                rows = (await connection.execute(query.order_by(REFUSALS.c.at_ms, REFUSALS.c.entry_id).limit(PAGE))).all()
            if not rows:
                return
            last = (rows[-1].at_ms, rows[-1].entry_id)
            outcomes = [_outcome(show_id, row.command_id, row.outcome, row.at_ms, now_ms) for row in rows]
            await self._put(show_id, token, outcomes)

    async def _put(self, show_id: str, token: str, commands: Sequence[Write]) -> None:
        if commands:
            await self._guarded(_write, show_id, [token, self._lock_ms, msgspec.msgpack.encode(commands)])

    async def _begin(self, state: ShowState, token: str, now_ms: int, fence: str) -> None:
        epoch, seq = new_secret()[:16], state.seq + 1
        event = ShowRestored(show_id=state.show_id, epoch=epoch, seq=seq, command_id="", at_ms=now_ms, previous_epoch=state.epoch)
        data = msgspec.json.encode(event)
        envelope = _envelope(state.show_id, epoch, seq, event.__struct_config__.tag, now_ms, data)
        await self._guarded(_finish, state.show_id, [token, FENCE, epoch, seq, now_ms, envelope, fence])

    async def _guarded(self, script: Script, show_id: str, args: Sequence[bytes | str | int]) -> None:
        if not await script.run(self._redis, [key(show_id, "meta")], args):
            raise Taken


def _kept(meta: list[bytes | None], entries: list[tuple[bytes, dict[bytes, bytes]]]) -> Kept:
    seq, fence, before = ((field or b"").decode() for field in meta)
    found = {int(entry_id.partition(b"-")[0]): bytes(_envelopes.decode(fields[b"e"]).data) for entry_id, fields in entries}
    return Kept(int(seq or 0), fence, before, found)


def _state_writes(state: ShowState, ended_at_ms: Mapping[str, int], now_ms: int) -> Iterator[Write]:
    for found in (*keys(state), *(hold_key(state, hold_id) for hold_id in state.holds)):
        ended = passes_with(state, found[0])
        left_ms = None if ended is None else ended_at_ms.get(ended, now_ms) + KEEP_MS - now_ms
        if left_ms is None or left_ms > 0:
            yield from writes(state.show_id, found, left_ms)
    yield from look_at_lines(state)


def _entry(row: Any) -> list[Write]:
    envelope = _envelope(row.show_id, row.epoch, row.seq, row.type, row.at_ms, row.payload)
    outcome = ["o", row.outcome.decode()] if row.outcome else []
    return [["XADD", log_key(row.show_id), f"{row.seq}-0", "e", envelope.decode(), *outcome]]


def _envelope(show_id: str, epoch: str, seq: int, kind: Any, at_ms: int, payload: bytes) -> bytes:
    # The id is the first time's: a consumer that has had the event drops it.
    made = Envelope(
        id=f"{epoch}-{seq}", source="ledger", type=str(kind), subject=show_id, time_ms=at_ms, data=msgspec.Raw(payload)
    )
    return msgspec.json.encode(made)


def _outcome(show_id: str, command_id: str, text: str, at_ms: int, now_ms: int) -> Write:
    return ["SET", key(show_id, f"cmd:{command_id}"), text, "PX", str(max(1, at_ms + KEEP_MS - now_ms))]


def _pages(items: Sequence[Any]) -> list[Any]:
    return [items[start : start + PAGE] for start in range(0, len(items), PAGE)]
