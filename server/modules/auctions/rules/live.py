"""What everybody may see of the running lot: the ledger's events without their secrets. Pure; browsers reduce the same way."""

from collections.abc import Sequence

import msgspec

from schemas.events.ledger import (
    AnyLedgerEvent,
    BidPlaced,
    LotEnded,
    LotOpened,
    LotStarted,
    LotState,
    LotTakenBack,
)
from schemas.http.auctions import LIVE_LOTS_MAX, AuctionPublication, AuctionState, LotFinished, LotMoved, LotNow
from server.ledger.rules import LotRecord


def project(event: AnyLedgerEvent) -> AuctionPublication | None:
    """What viewers see of an event. To whom a lot is offered later is between the shop and that person."""
    match event:
        case LotOpened():
            return _announced(event)
        case LotStarted(lot_id=lot_id, lot=lot):
            return _moved(lot_id, lot, extended=False)
        case BidPlaced(lot_id=lot_id, early=True, lot=lot):
            return _secret(lot_id, lot)
        case BidPlaced(lot_id=lot_id, lot=lot, extended=extended):
            return _moved(lot_id, lot, extended=extended)
        case LotEnded(lot_id=lot_id, state="sold"):
            return LotFinished(
                lot_id=lot_id, state="sold", price_minor=event.price_minor, leader_id=event.winner_id, bids=event.bids
            )
        case LotEnded(lot_id=lot_id):
            return LotFinished(lot_id=lot_id, state="unsold", price_minor=0, leader_id="", bids=event.bids)
        case LotTakenBack(lot_id=lot_id):
            return LotFinished(lot_id=lot_id, state="void", price_minor=0, leader_id="", bids=0)
        case _:
            return None


def apply(state: AuctionState, publication: AuctionPublication) -> AuctionState:
    """The lots after a publication."""
    if isinstance(publication, LotNow):
        return newest([lot for lot in state.lots if lot.lot_id != publication.lot_id] + [publication])
    lots = [_changed(lot, publication) if lot.lot_id == publication.lot_id else lot for lot in state.lots]
    return AuctionState(lots=lots)


def newest(lots: Sequence[LotNow]) -> AuctionState:
    """The lots that started last, in the order of their starts."""
    return AuctionState(lots=sorted(lots, key=lambda lot: (lot.starts_at_ms, lot.lot_id))[-LIVE_LOTS_MAX:])


def seen(lot_id: str, record: LotRecord) -> LotNow:
    """A lot of the ledger's snapshot without its secrets: what the projected events up to there lead to."""
    hidden = record.state == "announced"
    over = record.state in ("unsold", "void")
    standing, terms = record.standing(), record.terms
    return LotNow(
        lot_id=lot_id,
        sku=terms.sku,
        quantity=terms.quantity,
        currency=terms.currency,
        state=record.state,
        start_minor=terms.start_minor,
        price_minor=0 if hidden or over else standing.price_minor,
        next_minor=0 if hidden else standing.next_minor,
        leader_id="" if hidden or over else standing.leader_id,
        bids=0 if record.state == "void" else standing.bids,
        has_reserve=terms.reserve_minor > 0,
        reserve_met=not hidden and standing.reserve_met,
        starts_at_ms=record.starts_at_ms,
        ends_at_ms=record.ends_at_ms,
        hard_ends_at_ms=record.hard_ends_at_ms,
        window_ms=terms.window_ms,
        sudden_death=terms.sudden_death,
    )


def _changed(lot: LotNow, change: LotMoved | LotFinished) -> LotNow:
    names = ["state", "price_minor", "leader_id", "bids"]
    if isinstance(change, LotMoved):
        names += ["next_minor", "reserve_met", "ends_at_ms"]
    return msgspec.structs.replace(lot, **{name: getattr(change, name) for name in names})


def _announced(event: LotOpened) -> LotNow:
    terms = event.terms
    return LotNow(
        lot_id=event.lot_id,
        sku=terms.sku,
        quantity=terms.quantity,
        currency=terms.currency,
        state="announced",
        start_minor=terms.start_minor,
        price_minor=0,
        next_minor=0,
        leader_id="",
        bids=0,
        has_reserve=terms.reserve_minor > 0,
        reserve_met=False,
        starts_at_ms=event.starts_at_ms,
        ends_at_ms=event.ends_at_ms,
        hard_ends_at_ms=event.hard_ends_at_ms,
        window_ms=terms.window_ms,
        sudden_death=terms.sudden_death,
    )


def _moved(lot_id: str, lot: LotState, *, extended: bool) -> LotMoved:
    return LotMoved(
        lot_id=lot_id,
        state="open",
        price_minor=lot.price_minor,
        next_minor=lot.next_minor,
        leader_id=lot.leader_id,
        bids=lot.bids,
        reserve_met=lot.reserve_met,
        ends_at_ms=lot.ends_at_ms,
        extended=extended,
    )


def _secret(lot_id: str, lot: LotState) -> LotMoved:
    """Before the start everybody sees how many maxima there are, and nothing of them: `next_minor` would tell the price, and
    `reserve_met` that somebody bids high."""
    return LotMoved(
        lot_id=lot_id,
        state="announced",
        price_minor=0,
        next_minor=0,
        leader_id="",
        bids=lot.bids,
        reserve_met=False,
        ends_at_ms=lot.ends_at_ms,
    )
