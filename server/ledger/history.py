"""The record of the ledger in SQL: what modules and people read of it, long after Redis has trimmed its log."""

from collections.abc import Sequence

import msgspec

from schemas.events.ledger import AnyLedgerEvent
from server.ledger.rules import AnyCommand, AnyOutcome
from server.store.database import Database


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
        raise NotImplementedError

    async def events(
        self, show_id: str, subject: str | None = None, after_seq: int = 0, limit: int = 500
    ) -> Sequence[AnyLedgerEvent]:
        """Events of a show in order; with `subject` only those about a hold, lot, sale, wait, coupon or giveaway with this id."""
        raise NotImplementedError

    async def refusals(self, show_id: str, subject: str, limit: int = 500) -> Sequence[Refusal]:
        """Commands about a subject that were refused, oldest first."""
        raise NotImplementedError
