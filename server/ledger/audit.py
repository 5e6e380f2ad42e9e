"""Compares what the scripts keep in Redis with a replay of the record and the log. A difference is a fault: the show stops.

Nothing is mended here: somebody looks, and then lets the show go on (`python -m server ledger unfence <show>`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec
from redis.asyncio import Redis

from schemas.events.ledger import AnyLedgerEvent
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter, gauge
from server.kernel.tasks import forever
from server.ledger.history import LedgerHistory
from server.ledger.keyspace import (
    PASSING,
    Hash,
    Items,
    Key,
    Members,
    Record,
    Scores,
    Value,
    hold_key,
    json_text,
    keys,
    passes_with,
)
from server.ledger.ledger import Ledger
from server.ledger.log import FENCED_KEY, read_log
from server.ledger.rules import LogMismatch, ShowState, apply, violations
from server.ledger.wire import key
from server.redis.connection import reaching

EVERY_S = 20.0
SHOWS_MAX = 50
"""Shows of one round: those that have changed, and then others in turn."""
FOLDS_MAX = 200
"""Shows whose replay is kept between rounds, so that only what is new is read; the others are replayed from their start."""
NAMES_MAX = 1_000
"""Keys that are read at one moment: some 10 ms of the server's only thread."""
HOLDS_MAX = 1_000
"""Holds of a show that are looked at in a round besides those that have changed; the next round goes on with the next ones."""
TOLD_MAX = 20
"""Differences of one show that are told: the first ones say where to look."""

DIFFERENCES = counter("ledger_audit_differences_total", "Differences between Redis and the replay of the log")
AUDITED = counter("ledger_audited_shows_total", "Shows that were compared with the replay of their log")
FENCED = gauge("ledger_fenced_shows", "Shows that take no commands until somebody has looked at them")

EMPTY: tuple[Value, ...] = (Hash({}), Members(frozenset()), Scores({}), Items(()))
"""What Redis does not keep."""

log = get_logger(__name__)


@dataclass
class Fold:
    """The replay of a show, as far as it was read."""

    state: ShowState
    changed: set[str] = field(default_factory=set)
    """Holds that events were about since the last comparison."""
    turn: int = 0
    """Where looking at the other holds goes on."""


async def audit(redis: Redis, ledger: Ledger, show_id: str, history: LedgerHistory | None = None) -> list[str]:
    """Differences of one show in words, all holds looked at; empty when all is well.

    Raises:
        Unavailable: Redis or the database cannot be reached.
    """
    return await Auditor(redis, ledger, history, holds_max=1_000_000).audit(show_id)


class Auditor:
    """Audits by turns. `history` is the record, from which a replay begins; without one the log must be whole."""

    def __init__(
        self,
        redis: Redis,
        ledger: Ledger,
        history: LedgerHistory | None,
        *,
        lease: Callable[[], Awaitable[object | None]] | None = None,
        holds_max: int = HOLDS_MAX,
    ) -> None:
        """`lease` says whether it is this worker that audits (None: another one does)."""
        self._redis = redis
        self._ledger = ledger
        self._history = history
        self._lease = lease
        self._holds_max = holds_max
        self._folds: OrderedDict[str, Fold] = OrderedDict()
        self._seen: dict[str, int] = {}
        self._turn = 0

    async def run(self) -> None:
        """Audit for ever; end it by cancelling."""
        await forever(self._round, "audit")

    async def step(self) -> list[str]:
        """One round; returns the shows that it has stopped.

        Raises:
            Unavailable: Redis or the database cannot be reached.
        """
        positions = await self._positions(await self._ledger.shows())
        await self._note_fenced({show_id: fence for show_id, (_, fence) in positions.items() if fence})
        stopped: list[str] = []
        for show_id in self._choose({show_id: seq for show_id, (seq, fence) in positions.items() if not fence}):
            if found := await self.audit(show_id):
                await self._stop(show_id, found)
                stopped.append(show_id)
            self._seen[show_id] = positions[show_id][0]
        if stopped:
            positions = await self._positions(list(positions))
            await self._note_fenced({show_id: fence for show_id, (_, fence) in positions.items() if fence})
        return stopped

    async def audit(self, show_id: str) -> list[str]:
        """Differences of one show in words; empty when all is well.

        Raises:
            Unavailable: Redis or the database cannot be reached.
        """
        try:
            fold = await self._current(show_id)
            found = violations(fold.state)
            for names in _pages([*dict(keys(fold.state)), *(f"hold:{hold_id}" for hold_id in self._holds(fold))]):
                found += await self._compare(show_id, fold, names)
        except LogMismatch as error:
            self._folds.pop(show_id, None)
            found = [f"the log contradicts itself: {error}"]
        AUDITED.inc()
        for difference in found[:TOLD_MAX]:
            log.error("AUDIT: THE LEDGER AND ITS LOG DIFFER", show_id=show_id, difference=difference)
        DIFFERENCES.inc(len(found))
        return found

    async def _round(self) -> None:
        if self._lease is None or await self._lease() is not None:
            await self.step()
        else:
            self._folds.clear()
        await asyncio.sleep(EVERY_S)

    def _choose(self, seqs: Mapping[str, int]) -> list[str]:
        changed = [show_id for show_id, seq in seqs.items() if self._seen.get(show_id, seq) != seq]
        others = sorted(seqs.keys() - set(changed))
        start, room = self._turn, max(0, SHOWS_MAX - len(changed))
        turn = (others[start:] + others[:start])[:room]
        self._turn = (start + len(turn)) % max(1, len(others))
        return changed[:SHOWS_MAX] + turn

    def _holds(self, fold: Fold) -> list[str]:
        """What has changed, and the next of the others. A hold that was given back may be forgotten by the server any time."""
        known = [hold_id for hold_id, hold in fold.state.holds.items() if hold.state not in PASSING]
        start = fold.turn if fold.turn < len(known) else 0
        turn = known[start : start + self._holds_max]
        fold.turn = start + len(turn)
        changed, fold.changed = fold.changed, set()
        return sorted(changed | set(turn))

    async def _current(self, show_id: str) -> Fold:
        """The replay up to the end of the record and of the log."""
        fold = self._folds.setdefault(show_id, Fold(ShowState(show_id, "")))
        self._folds.move_to_end(show_id)
        while len(self._folds) > FOLDS_MAX:
            self._folds.popitem(last=False)
        await self._advance(fold)
        return fold

    async def _advance(self, fold: Fold, upto_seq: int | None = None) -> None:
        try:
            await self._read_on(fold, upto_seq)
        except LogMismatch:
            # The log may have been trimmed between the look at SQL and the one at Redis: SQL has it then.
            await self._read_on(fold, upto_seq)

    async def _read_on(self, fold: Fold, upto_seq: int | None) -> None:
        state = fold.state
        if self._history is not None and not await self._log_follows(state):
            async for event in self._history.all_events(state.show_id, state.seq):
                if upto_seq is not None and event.seq > upto_seq:
                    return
                _step(fold, event)
        async for event in read_log(self._redis, state.show_id, state.seq):
            if upto_seq is not None and event.seq > upto_seq:
                return
            _step(fold, event)

    async def _log_follows(self, state: ShowState) -> bool:
        """Whether the log still has the event after the state's last one, so that SQL need not be asked."""
        async with reaching("the ledger"):
            return bool(await self._redis.xrange(key(state.show_id, "log"), min=f"{state.seq + 1}-0", max=f"{state.seq + 1}-0"))

    async def _compare(self, show_id: str, fold: Fold, names: Sequence[str]) -> list[str]:
        """Keys as they were at one moment, with the replay up to that moment."""
        expected = dict(_expected(fold.state, names))
        async with reaching("the ledger"):
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hmget(key(show_id, "meta"), "epoch", "seq")
            for name in names:
                _read(pipeline, key(show_id, name), expected[name])
            (epoch, seq), *replies = await pipeline.execute()
        await self._advance(fold, int(seq or 0))
        state = fold.state
        if (epoch or b"").decode() != state.epoch or int(seq or 0) != state.seq:
            return [f"the show is at {epoch!r}/{seq!r}, its log ends at {state.epoch}/{state.seq}"]
        now = dict(_expected(state, names))
        found = []
        for name, reply in zip(names, replies, strict=True):
            wanted = now.get(name)
            kept = _value(wanted or expected[name], reply)
            if kept != (None if wanted in EMPTY else wanted) and not _forgotten(state, name, kept):
                found.append(f"{name} is {kept}, by the log {wanted}")
        return found

    async def _positions(self, show_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for page in _pages(show_ids):
            async with reaching("the ledger"):
                pipeline = self._redis.pipeline(transaction=False)
                for show_id in page:
                    pipeline.hmget(key(show_id, "meta"), "seq", "fence")
                replies = await pipeline.execute()
            found |= {
                show_id: (int(seq or 0), (fence or b"").decode()) for show_id, (seq, fence) in zip(page, replies, strict=True)
            }
        return found

    async def _stop(self, show_id: str, found: Sequence[str]) -> None:
        reason = f"audit: {found[0]}"[:500]
        async with reaching("the ledger"):
            await self._redis.hsetnx(key(show_id, "meta"), "fence", reason)
        log.error("AUDIT: THE SHOW IS STOPPED until somebody has looked at it", show_id=show_id, differences=len(found))

    async def _note_fenced(self, fenced: Mapping[str, str]) -> None:
        FENCED.set(len(fenced))
        async with reaching("the ledger"):
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.delete(FENCED_KEY)
            for show_id, reason in fenced.items():
                pipeline.hset(FENCED_KEY, show_id, reason)
            await pipeline.execute()


async def fenced_shows(redis: Redis) -> dict[str, str]:
    """Shows that were stopped when the audit looked last, with the reasons.

    Raises:
        Unavailable: Redis cannot be reached.
    """
    async with reaching("the ledger"):
        found: Any = await redis.hgetall(FENCED_KEY)
    return {show_id.decode(): reason.decode() for show_id, reason in found.items()}


async def check_fences(redis: Redis) -> None:
    """For `/healthz`.

    Raises:
        Unavailable: shows are stopped, or Redis cannot be reached.
    """
    if fenced := await fenced_shows(redis):
        raise Unavailable(f"{len(fenced)} shows are stopped: {', '.join(sorted(fenced)[:5])}")


def _step(fold: Fold, event: AnyLedgerEvent) -> None:
    fold.state.epoch = fold.state.epoch or event.epoch
    apply(fold.state, event)
    fold.changed |= {getattr(event, name) for name in ("hold_id", "lot_id", "giveaway_id") if hasattr(event, name)}
    fold.changed &= fold.state.holds.keys()


def _expected(state: ShowState, names: Iterable[str]) -> Iterator[Key]:
    wanted = set(names)
    yield from ((name, value) for name, value in keys(state) if name in wanted)
    for name in wanted:
        if name.startswith("hold:"):
            yield hold_key(state, name[5:])


def _forgotten(state: ShowState, name: str, kept: Value | None) -> bool:
    """Whether the server may have dropped the key because it is too old."""
    return kept is None and passes_with(state, name) is not None


def _read(pipeline: Any, name: str, value: Value) -> None:
    match value:
        case Hash():
            pipeline.hgetall(name)
        case Members():
            pipeline.smembers(name)
        case Scores():
            pipeline.zrange(name, 0, -1, withscores=True)
        case Items():
            pipeline.lrange(name, 0, -1)
        case Record():
            pipeline.get(name)


def _value(like: Value, reply: Any) -> Value | None:
    """A reply as what it should be; None when there is no such key."""
    match like:
        case _ if not reply:
            return None
        case Hash():
            texts = {name.decode(): text.decode() for name, text in reply.items()}
            plain = {name: json_text(msgspec.json.decode(texts[name])) for name in like.json if name in texts}
            return Hash(texts | plain, like.json)
        case Members():
            return Members(frozenset(member.decode() for member in reply))
        case Scores():
            return Scores({member.decode(): int(score) for member, score in reply})
        case Items():
            return Items(tuple(item.decode() for item in reply))
        case Record(data):
            return Record(msgspec.json.decode(reply, type=type(data)))


def _pages(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while page := list(islice(rest, NAMES_MAX)):
        yield page
