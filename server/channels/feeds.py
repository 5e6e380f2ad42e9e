"""Where a channel's publications come from: its own log, or the ledger's log of the show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from redis.asyncio import Redis

from server.channels.codec import Codec
from server.channels.framing import encode
from server.channels.log import ChannelLog, Entry, decode_entry, entry_offset, log_key, read_range
from server.kernel.module import SYSTEM, UnitOfWork
from server.ledger.log import decode_entry as decode_ledger_entry
from server.ledger.log import log_key as ledger_log_key


@dataclass(frozen=True)
class Start:
    """A channel as a node first sees it: `state` is the snapshot at (epoch, offset); `entries` lead up to it, without holes."""

    epoch: str
    offset: int
    state: Any
    entries: list[Entry]


class Feed(Protocol):
    """One channel's source."""

    stream: str
    """The Redis stream to follow, entry ids `<offset>-0`."""

    async def start(self) -> Start:
        """State and position, read so that everything behind `offset` comes from the stream.

        Raises:
            Unavailable: Redis or the database cannot be reached.
        """

    async def between(self, first: int, last: int) -> list[Entry]:
        """Entries `first`..`last`, as far as the stream still has them, oldest first."""

    def entry(self, entry_id: str, fields: Mapping[bytes, bytes]) -> Entry:
        """A publication from an entry of the stream."""


class LogFeed:
    """`source="log"`: the snapshot is `apply` folded over the last `history_length` publications.

    `initial` is read before the log, so it may already contain what the log tells again: `apply` of such a publication must not
    count twice. And it must forget: a state that depends on publications further back than `history_length` could not be had
    again from the log. `tests/channels/proof.py` checks both for every kind.
    """

    def __init__(self, codec: Codec, name: str, subject: str, log: ChannelLog, units: UnitOfWork) -> None:
        self.stream = log_key(name)
        self._codec, self._name, self._subject = codec, name, subject
        self._log, self._units = log, units

    async def start(self) -> Start:
        kind = self._codec.kind
        async with self._units(SYSTEM) as ctx:
            state = await kind.initial(ctx, self._subject)
        assert isinstance(state, msgspec.Struct), f"{kind.name}.initial must return the snapshot"
        opened = await self._log.open(self._name, kind.history_length)
        folded: Any = state
        for entry in opened.entries:
            folded = self._codec.reduce(folded, entry.data)
        own_epoch = [entry for entry in opened.entries if entry.epoch == opened.epoch]
        return Start(opened.epoch, opened.offset, folded, own_epoch)

    async def between(self, first: int, last: int) -> list[Entry]:
        return await self._log.between(self._name, first, last)

    def entry(self, entry_id: str, fields: Mapping[bytes, bytes]) -> Entry:
        return decode_entry(entry_id, fields)


class LedgerFeed:
    """`source="ledger"`: `initial` reads state and position of the ledger at one moment, `project` makes the publications.

    Most entries of a busy show mean nothing to most of its channels: they move the channel on, and nobody hears of it.
    """

    def __init__(self, codec: Codec, subject: str, redis: Redis, units: UnitOfWork) -> None:
        self.stream = ledger_log_key(subject)
        self._codec, self._subject = codec, subject
        self._redis, self._units = redis, units

    async def start(self) -> Start:
        async with self._units(SYSTEM) as ctx:
            initial = await self._codec.kind.initial(ctx, self._subject)
        assert isinstance(initial, tuple), f"{self._codec.kind.name}.initial must return (epoch, offset, state)"
        epoch, offset, state = initial
        return Start(epoch, offset, state, [])

    async def between(self, first: int, last: int) -> list[Entry]:
        found = await read_range(self._redis, self.stream, first, last)
        return [self.entry(entry_id, fields) for entry_id, fields in found]

    def entry(self, entry_id: str, fields: Mapping[bytes, bytes]) -> Entry:
        event = decode_ledger_entry(fields)
        publication = self._codec.kind.project(event)
        data = b"" if publication is None else encode(publication)
        return Entry(event.epoch, entry_offset(entry_id), event.at_ms, data)
