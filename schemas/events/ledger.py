"""Facts of the ledger. The scripts append them to the show's log, atomically with the change that they describe.

`available`, `held` and `sold` are the pool's state *after* the change, so that a reader needs no arithmetic of its own.
"""

from typing import ClassVar

import msgspec

from schemas.base import Event


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a hold and what is left of its pool."""

    sku: str
    quantity: int
    available: int
    held: int
    sold: int


class LedgerEvent(Event, frozen=True, kw_only=True):
    """`seq` counts the show's log from 1 without holes, within `epoch`; `command_id` is the command that caused it."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    epoch: str
    seq: int
    command_id: str
    at_ms: int


class StockFunded(LedgerEvent, frozen=True, tag="ledger.stock_funded.v1"):
    """Units came into the pool (or left it, with a negative quantity)."""

    lines: list[LineState]
    per_buyer_max: int


class StockHeld(LedgerEvent, frozen=True, tag="ledger.stock_held.v1"):
    """Units are kept for a buyer."""

    hold_id: str
    buyer_id: str
    expires_at_ms: int
    lines: list[LineState]


class HoldExtended(LedgerEvent, frozen=True, tag="ledger.hold_extended.v1"):
    """The buyer has more time, because a payment has begun."""

    hold_id: str
    expires_at_ms: int


class HoldCommitted(LedgerEvent, frozen=True, tag="ledger.hold_committed.v1"):
    """The held units are sold."""

    hold_id: str
    buyer_id: str
    lines: list[LineState]


class HoldReleased(LedgerEvent, frozen=True, tag="ledger.hold_released.v1"):
    """The held units are back in the pool, because the buyer or the shop gave them up."""

    hold_id: str
    buyer_id: str
    lines: list[LineState]


class HoldExpired(LedgerEvent, frozen=True, tag="ledger.hold_expired.v1"):
    """The held units are back in the pool, because nobody paid in time. `command_id` is the hold's own id: time was the cause."""

    hold_id: str
    buyer_id: str
    lines: list[LineState]


AnyLedgerEvent = StockFunded | StockHeld | HoldExtended | HoldCommitted | HoldReleased | HoldExpired
