"""The record of the ledger in SQL: what modules and people read of it, long after Redis has trimmed its log."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.events.ledger import AnyLedgerEvent, LotAwarded
from server.ledger.rules import AnyCommand, AnyOutcome
from server.ledger.tables import CHECKPOINTS, EVENTS, LINKS, REFUSALS
from server.store.database import Database

PAGE = 1_000
"""Events per read of a whole show: some 400 kB, and each page is a transaction of its own, so that no writer waits."""
FINGERPRINT = 40
"""Characters in front of a stored outcome: SHA-1 of the command, in hexadecimal digits."""

_events: msgspec.json.Decoder[AnyLedgerEvent] = msgspec.json.Decoder(AnyLedgerEvent)
_commands: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)
_outcomes: msgspec.json.Decoder[AnyOutcome] = msgspec.json.Decoder(AnyOutcome)


class Refusal(msgspec.Struct, frozen=True):
    """A command that the ledger refused, and why."""

    at_ms: int
    command: AnyCommand
    outcome: AnyOutcome


class LedgerHistory:
    """Reads the record that the projection writes. Each method is a short read-only transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def projected(self, show_id: str) -> tuple[str, int]:
        """Epoch and `seq` up to which the record is complete; ("", 0) when there is none."""
        query = select(CHECKPOINTS.c.epoch, CHECKPOINTS.c.seq).where(CHECKPOINTS.c.show_id == show_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return ("", 0) if row is None else (str(row.epoch), int(row.seq))

    async def events(
        self, show_id: str, subject: str | None = None, after_seq: int = 0, limit: int = 500
    ) -> Sequence[AnyLedgerEvent]:
        """Events of a show in order; with `subject` only those about a hold, lot, sale, wait, coupon or giveaway with this id.

        A lot's are also those of its holds: the winner's, which has its id, and those of people to whom it was offered later.
        """
        async with self._database.reading() as connection:
            query = select(EVENTS.c.payload).where(EVENTS.c.show_id == show_id, EVENTS.c.seq > after_seq)
            if subject is not None:
                query = query.where(_about(show_id, [subject, *await _awards(connection, show_id, subject)]))
            rows = await connection.scalars(query.order_by(EVENTS.c.seq).limit(limit))
            return [_events.decode(payload) for payload in rows]

    async def refusals(self, show_id: str, subject: str, limit: int = 500) -> Sequence[Refusal]:
        """Commands about a subject that were refused, oldest first."""
        query = (
            select(REFUSALS.c.at_ms, REFUSALS.c.command, REFUSALS.c.outcome)
            .where(REFUSALS.c.show_id == show_id, REFUSALS.c.subject == subject)
            .order_by(REFUSALS.c.at_ms, REFUSALS.c.entry_id)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [_refusal(row) for row in await connection.execute(query)]

    async def all_events(self, show_id: str, after_seq: int = 0) -> AsyncIterator[AnyLedgerEvent]:
        """Every event of a show in order, page by page."""
        while page := await self.events(show_id, after_seq=after_seq, limit=PAGE):
            for event in page:
                yield event
            after_seq = page[-1].seq


def _about(show_id: str, subjects: Sequence[str]) -> ColumnElement[bool]:
    linked = select(LINKS.c.seq).where(LINKS.c.show_id == show_id, LINKS.c.subject.in_(subjects))
    return or_(EVENTS.c.subject.in_(subjects), EVENTS.c.seq.in_(linked))


async def _awards(connection: AsyncConnection, show_id: str, lot_id: str) -> list[str]:
    """Ids of the holds that later bidders of a lot got."""
    awarded: Select[Any] = select(EVENTS.c.payload).where(
        EVENTS.c.show_id == show_id, EVENTS.c.subject == lot_id, EVENTS.c.type == LotAwarded.__struct_config__.tag
    )
    events = [_events.decode(payload) for payload in await connection.scalars(awarded)]
    return [event.hold_id for event in events if isinstance(event, LotAwarded)]


def _refusal(row: Any) -> Refusal:
    return Refusal(row.at_ms, _commands.decode(row.command), _outcomes.decode(row.outcome[FINGERPRINT:]))
