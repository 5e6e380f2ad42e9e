"""A lot's truth for one reader: every event, refusal and deed, with what this reader may know of it. Pure.

Own bids in full, always. The host and the owner of the shop see everybody, and secret maxima once the lot is over. Everybody else
sees the ladder of prices, with masked names, once the lot is over.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from schemas.events.ledger import (
    AnyLedgerEvent,
    BidPlaced,
    LotAwarded,
    LotEnded,
    LotOpened,
    LotStarted,
    LotTakenBack,
)
from schemas.http.auctions import HISTORY_MAX, BidStanding, HistoryKind, LotEntry, LotHistory, MyBid, MyLot
from schemas.money import Money
from server.ledger.rules import AnyCommand, AnyOutcome, Bid, SetMaximum
from server.modules.auctions.rules.bids import BidRefused, public_name, refusal_of
from server.modules.auctions.rules.lot import OWED, RUNNING, Lot
from server.modules.auctions.rules.truth import Standing

PAGE = HISTORY_MAX
Same = Callable[[Lot], bool]


class LedgerRefusal(Protocol):
    """A command that the ledger refused (`server.ledger.history.Refusal`)."""

    @property
    def at_ms(self) -> int: ...
    @property
    def command(self) -> AnyCommand: ...
    @property
    def outcome(self) -> AnyOutcome: ...


class Reader(NamedTuple):
    """Who asks: the host or owner (`full`), and whether the lot is `over`."""

    actor_id: str
    full: bool
    over: bool


class _Row(NamedTuple):
    kind: HistoryKind
    at_ms: int
    who_id: str = ""
    seq: int = 0
    amount_minor: int = 0
    exact: bool = False
    price_minor: int = 0
    leads: bool = False
    extended: bool = False
    why: str = ""
    secret: bool = False
    """The amount is a maximum."""
    private: bool = False
    """Between the shop and this person."""


def mine(lot: Lot, standing: Standing, refusal: str) -> MyLot:
    """What only this bidder knows."""
    owes = lot.state in OWED and lot.buyer_id == standing.bidder_id
    return MyLot(
        lot_id=lot.lot_id,
        maximum_minor=standing.maximum_minor,
        bids=standing.bids,
        leads=standing.leads,
        refusal=refusal,
        ceiling_minor=lot.ceiling_minor,
        offer_minor=lot.due_minor if owes else 0,
        pays_until_ms=lot.pays_until_ms if owes else 0,
    )


def people(lot: Lot, events: Sequence[AnyLedgerEvent], refusals: Sequence[LedgerRefusal]) -> set[str]:
    """Whose names the history needs."""
    bidders = {event.bidder_id for event in events if isinstance(event, BidPlaced)}
    refused = {each.command.bidder_id for each in refusals if isinstance(each.command, Bid | SetMaximum)}
    return bidders | refused | {lot.winner_id, lot.buyer_id}


def compose(
    lot: Lot,
    reader: Reader,
    events: Sequence[AnyLedgerEvent],
    refusals: Sequence[LedgerRefusal],
    deeds: Sequence[Any],
    names: Mapping[str, str],
) -> LotHistory:
    """One page of it, oldest first."""
    rows = [*filter(None, map(_of_event, events)), *filter(None, map(_of_refusal, refusals)), *map(_of_deed, deeds)]
    shown = [row for row in rows if _may_see(row, reader)]
    sure = lot.state in ("sold", "paid")
    winner = names.get(lot.winner_id, "") if sure else ""
    return LotHistory(
        lot_id=lot.lot_id,
        show_id=lot.show_id,
        title=lot.title,
        label=lot.label,
        image_url=lot.image_url,
        currency=lot.currency,
        state=lot.state,
        price_minor=lot.price_minor if sure else 0,
        winner_name=winner if reader.full or lot.winner_id == reader.actor_id else (public_name(winner) if winner else ""),
        full=reader.full,
        entries=[_entry(row, reader, names) for row in sorted(shown, key=_place)],
        next_seq=events[-1].seq if len(events) >= PAGE else 0,
    )


def _place(row: _Row) -> tuple[int, bool, int, bool]:
    """By time; of one moment, what is not in the log comes after what is, and what follows from the comparison after it."""
    return row.at_ms, row.seq == 0, row.seq, row.kind != "settled"


def _may_see(row: _Row, reader: Reader) -> bool:
    if reader.full or (row.who_id and row.who_id == reader.actor_id):
        return True
    if row.private or row.kind == "refused":
        return False
    return reader.over or row.kind in ("announced", "started")


def _entry(row: _Row, reader: Reader, names: Mapping[str, str]) -> LotEntry:
    own = bool(row.who_id) and row.who_id == reader.actor_id
    name = names.get(row.who_id, "")
    knows_amount = own or (reader.full and (reader.over or not row.secret)) or not row.secret
    return LotEntry(
        kind=row.kind,
        at_ms=row.at_ms,
        seq=row.seq,
        who=name if own or reader.full or not name else public_name(name),
        mine=own,
        amount_minor=row.amount_minor if knows_amount else 0,
        exact=row.exact,
        price_minor=row.price_minor,
        leads=row.leads,
        extended=row.extended,
        why=row.why,
    )


def _of_event(event: AnyLedgerEvent) -> _Row | None:
    match event:
        case LotOpened(at_ms=at_ms, seq=seq):
            return _Row("announced", at_ms, seq=seq, price_minor=event.terms.start_minor)
        case LotStarted(at_ms=at_ms, seq=seq, lot=lot):
            return _Row("started", at_ms, seq=seq, price_minor=lot.price_minor)
        case BidPlaced():
            return _of_bid(event)
        case LotEnded(at_ms=at_ms, seq=seq, state="sold"):
            return _Row("sold", at_ms, event.winner_id, seq, price_minor=event.price_minor, leads=True)
        case LotEnded(at_ms=at_ms, seq=seq):
            return _Row("unsold", at_ms, seq=seq)
        case LotTakenBack(at_ms=at_ms, seq=seq, reason=reason):
            return _Row("void", at_ms, seq=seq, why=reason)
        case LotAwarded(at_ms=at_ms, seq=seq):
            return _Row("offered", at_ms, event.buyer_id, seq, event.price_minor, private=True)
        case _:
            return None  # of its hold: what that means to the lot is a deed


def _of_bid(event: BidPlaced) -> _Row:
    """A losing exact bid counts like a maximum, but it was said aloud. Early bids were secret altogether: no price, no leader."""
    early = event.early
    return _Row(
        "bid" if event.exact else "maximum",
        event.at_ms,
        event.bidder_id,
        event.seq,
        event.amount_minor,
        event.exact,
        0 if early else event.lot.price_minor,
        not early and event.lot.leader_id == event.bidder_id,
        event.extended,
        secret=not event.exact,
    )


def _of_refusal(refusal: LedgerRefusal) -> _Row | None:
    command = refusal.command
    if not isinstance(command, Bid | SetMaximum) or not isinstance(refusal.outcome, BidRefused):
        return None
    why = refusal_of(refusal.outcome).error.name
    exact = isinstance(command, Bid)
    return _Row("refused", refusal.at_ms, command.bidder_id, 0, command.amount_minor, exact, why=why, secret=not exact)


def _of_deed(deed: Any) -> _Row:
    private = deed.kind in ("unpaid", "paid", "disputed", "prepared", "rerun", "given_up")
    who = deed.who_id if deed.kind in ("unpaid", "paid", "settled") else ""
    return _Row(deed.kind, deed.at_ms, who, amount_minor=deed.amount_minor, why=deed.why, private=private)


def my_bid(lot: Lot, standing: Standing) -> MyBid:
    """A lot in the list of somebody who has bid for it."""
    return MyBid(
        lot_id=lot.lot_id,
        show_id=lot.show_id,
        title=lot.title,
        label=lot.label,
        image_url=lot.image_url,
        standing=standing_of(lot, standing),
        maximum=Money(amount_minor=standing.maximum_minor, currency=lot.currency),
        price=Money(amount_minor=lot.price_minor, currency=lot.currency) if lot.price_minor else None,
        order_id=lot.order_id if lot.buyer_id == standing.bidder_id else "",
        ends_at_ms=lot.ends_at_ms,
    )


def standing_of(lot: Lot, standing: Standing) -> BidStanding:
    """How somebody who has bid stands: while it runs, and afterwards."""
    if lot.state in RUNNING | {"ended", "disputed"}:
        return "leading" if standing.leads else "outbid"
    if lot.state == "void":
        return "void"
    return "won" if standing.bidder_id in (lot.buyer_id or lot.winner_id,) else "lost"
