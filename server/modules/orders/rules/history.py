"""The truth about an order: its own changes and the ledger's record of its holds, as one list. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from schemas.events.ledger import (
    AnyLedgerEvent,
    HoldCommitted,
    HoldExpired,
    HoldExtended,
    HoldReleased,
    HoldRestocked,
    LotAwarded,
    LotEnded,
    PoolsChanged,
    StockHeld,
)
from schemas.http.orders import HistoryEntry
from server.ledger.rules import AnyCommand, AnyOutcome

Refused = tuple[int, AnyCommand, AnyOutcome]
"""When the ledger refused which command, and why."""

WORDS: dict[type, str] = {
    StockHeld: "held",
    HoldExtended: "hold_extended",
    HoldCommitted: "hold_committed",
    HoldReleased: "hold_released",
    HoldExpired: "hold_expired",
    HoldRestocked: "hold_restocked",
    LotEnded: "lot_ended",
    LotAwarded: "lot_awarded",
}
"""What pages call the ledger's facts about a hold."""


def ledger_entries(events: Iterable[AnyLedgerEvent], refusals: Iterable[Refused]) -> list[HistoryEntry]:
    """What the ledger did for an order's holds, and what it refused."""
    done = [_entry(event) for event in events if type(event) in WORDS]
    return [*done, *map(_refused, refusals)]


def ordered(entries: Iterable[HistoryEntry]) -> Sequence[HistoryEntry]:
    """Oldest first. Of one moment the ledger's facts come first: the order follows from them."""
    return sorted(entries, key=lambda entry: (entry.at_ms, entry.source != "ledger"))


def _entry(event: AnyLedgerEvent) -> HistoryEntry:
    fields = msgspec.structs.asdict(event)
    params = {name: str(fields[name]) for name in ("hold_id", "expires_at_ms", "coupon", "price_minor") if fields.get(name)}
    if isinstance(event, PoolsChanged):
        params["units"] = ", ".join(f"{line.quantity} × {line.sku}" for line in event.lines)
    return HistoryEntry(
        at_ms=event.at_ms,
        source="ledger",
        what=WORDS[type(event)],
        actor_id=fields.get("buyer_id") or fields.get("winner_id") or "",
        actor_name="",
        why="",
        refused=False,
        params={**params, "seq": str(event.seq), "epoch": event.epoch},
    )


def _refused(refusal: Refused) -> HistoryEntry:
    at_ms, *said = refusal
    command, outcome = map(msgspec.to_builtins, said)
    known = {name: str(outcome[name]) for name in ("sku", "available", "state", "reason") if name in outcome}
    return HistoryEntry(
        at_ms=at_ms,
        source="ledger",
        what=command["op"],
        actor_id=command.get("buyer_id", ""),
        actor_name="",
        why=outcome["outcome"],
        refused=True,
        params={**known, "command_id": command["command_id"]},
    )
