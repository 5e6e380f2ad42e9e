"""What an event or a command is about: the keys by which people look up the history of a hold, lot, sale or coupon. Pure."""

from schemas.events.ledger import (
    AnyLedgerEvent,
    CouponOpened,
    CouponShut,
    LotAwarded,
    PoolsChanged,
    StockFunded,
    StockHeld,
)
from server.ledger.rules import AnyCommand

_FIELDS = ("lot_id", "giveaway_id", "hold_id", "wait_id", "sale_id")
"""In this order: a lot's events name its hold too, and are first of all the lot's."""


def subject_of(event: AnyLedgerEvent) -> str:
    """The id of the thing whose life this event belongs to; empty for an event about the show itself."""
    match event:
        case StockFunded():
            return event.lines[0].sku
        case CouponOpened() | CouponShut():
            return event.code
    return next((str(getattr(event, field)) for field in _FIELDS if hasattr(event, field)), "")


def links_of(event: AnyLedgerEvent) -> tuple[str, ...]:
    """Other things that the event is about as well, each once."""
    found: list[str] = []
    if isinstance(event, PoolsChanged):
        found += [line.sale.sale_id for line in event.lines if line.sale is not None]
    if isinstance(event, StockHeld) and event.coupon:
        found.append(event.coupon)
    if isinstance(event, LotAwarded):
        found.append(event.hold_id)
    return tuple(dict.fromkeys(found))


def subject_of_command(command: AnyCommand) -> str:
    """The id of the thing that the command was about; its own id when it would have begun something."""
    return next((str(getattr(command, field)) for field in _FIELDS if hasattr(command, field)), command.command_id)
