"""What the record says of a lot: who won, at which price, who comes next, and the history for whoever asks. Pure.

Winner and price are computed *by definition* from all bids together, not step by step as the ledger does it: two ways to the same
answer, so that a fault in the one does not go through the other unnoticed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.events.ledger import (
    AnyLedgerEvent,
    BidPlaced,
    LotAwarded,
    LotEnded,
    LotOpened,
    LotSpecification,
    LotStarted,
    LotTakenBack,
)
from server.modules.auctions.rules.increments import step_at
from server.modules.auctions.rules.lot import Lot


@dataclass
class Bidder:
    """All that one person bid for a lot: the highest amount, the `seq` at which it was reached and every step to it; the highest
    price at which an exact bid of theirs took the lead."""

    bidder_id: str
    maximum_minor: int = 0
    reached_seq: int = 0
    raises: list[tuple[int, int]] = field(default_factory=list)
    """(`seq`, new maximum), rising."""
    exact_lead_minor: int = 0
    bids: int = 0
    last_seq: int = 0


@dataclass
class Record:
    """A lot by its events."""

    terms: LotSpecification | None = None
    started: bool = False
    bidders: dict[str, Bidder] = field(default_factory=dict)
    bids: int = 0
    ended: LotEnded | None = None
    void: bool = False
    awarded_to: list[str] = field(default_factory=list)


class Hammer(NamedTuple):
    """How a lot must end."""

    sold: bool
    winner_id: str
    price_minor: int
    bids: int


class RunnerUp(NamedTuple):
    """Whom to offer the lot next, and for how much: their own maximum, but not more than the winner would have paid."""

    bidder_id: str
    price_minor: int


def read(events: Iterable[AnyLedgerEvent], lot_id: str, before: Record | None = None) -> Record:
    """The events of one lot, in order. Those of its holds are left out."""
    record = before or Record()
    for event in events:
        if getattr(event, "lot_id", None) == lot_id:
            _take(record, event)
    return record


def hammer(record: Record) -> Hammer:
    """Winner and price by definition (I6): the highest maximum wins, of equal ones the earlier; the price is one step over the
    second maximum, capped by the winner's own as it was when the two met, for raising one's own maximum moves no price; not below
    the start price, a reserve that is met, or an exact bid that took the lead."""
    terms = record.terms
    assert terms is not None, "a lot that was never opened has no end"
    nothing = Hammer(False, "", 0, record.bids)
    if not record.bidders:
        return nothing
    first, *others = _ranked(record)
    if first.maximum_minor < terms.reserve_minor:
        return nothing
    floors = [terms.start_minor, terms.reserve_minor, first.exact_lead_minor]
    if others:
        second_minor = others[0].maximum_minor
        table = tuple((start, step) for start, step in terms.increments)
        floors.append(min(_met_at(first, others[0]), second_minor + step_at(table, second_minor)))
    return Hammer(True, first.bidder_id, max(floors), record.bids)


def dispute(lot: Lot, record: Record) -> str:
    """Why what the ledger said of the end must not be believed; empty when the record gives the same."""
    if record.terms is None:
        return "the record does not have the opening"
    if record.ended is None:
        return "the record does not have the end"
    told = Hammer(lot.ended_sold, lot.winner_id, lot.price_minor, lot.bids)
    ended = record.ended
    written = Hammer(ended.state == "sold", ended.winner_id, ended.price_minor, ended.bids)
    computed = hammer(record)
    if told != written:
        return f"told {told}, recorded {written}"
    if told != computed:
        return f"told {told}, by the bids {computed}"
    opened = (record.terms.seller_id, record.terms.currency, record.terms.start_minor, record.terms.reserve_minor)
    if opened != (lot.seller_id, lot.currency, lot.start_minor, lot.reserve_minor):
        return "the lot was opened on other terms than were prepared"
    return ""


def runner_up(record: Record, hammer_minor: int, *asked_ids: str) -> RunnerUp | None:
    """The next one who has not been asked: neither in the record, which may be a moment behind, nor one of `asked_ids`. The
    reserve is the host's to waive by asking."""
    asked = {*asked_ids, *record.awarded_to}
    for bidder in _ranked(record):
        if bidder.bidder_id not in asked:
            return RunnerUp(bidder.bidder_id, min(bidder.maximum_minor, hammer_minor))
    return None


class Standing(NamedTuple):
    """A bidder as `auctions_bidders` has them."""

    bidder_id: str
    maximum_minor: int = 0
    bids: int = 0
    leads: bool = False
    last_seq: int = 0
    outbid_at_ms: int = 0


def fold(known: Mapping[str, Standing], events: Sequence[AnyLedgerEvent], lot_id: str) -> dict[str, Standing]:
    """The bidders that these events change. `known` are those before, at least the ones whom the events name."""
    changed: dict[str, Standing] = {}

    def of(bidder_id: str) -> Standing:
        return changed.get(bidder_id) or known.get(bidder_id) or Standing(bidder_id)

    for event in events:
        if isinstance(event, BidPlaced) and event.lot_id == lot_id:
            before = of(event.bidder_id)
            changed[event.bidder_id] = before._replace(
                maximum_minor=max(before.maximum_minor, event.amount_minor), bids=before.bids + 1, last_seq=event.seq
            )
            if not event.early:
                _lead(changed, known, event.lot.leader_id, event.at_ms)
        elif isinstance(event, LotStarted) and event.lot_id == lot_id:
            # Nobody has seen how it stood: from now on all but one are outbid.
            for bidder_id in {*known, *changed}:
                if bidder_id != event.lot.leader_id:
                    changed[bidder_id] = of(bidder_id)._replace(leads=False, outbid_at_ms=event.at_ms)
            _lead(changed, known, event.lot.leader_id, event.at_ms)
    return changed


def _lead(changed: dict[str, Standing], known: Mapping[str, Standing], leader_id: str, at_ms: int) -> None:
    for before in [each for each in {**known, **changed}.values() if each.leads and each.bidder_id != leader_id]:
        changed[before.bidder_id] = before._replace(leads=False, outbid_at_ms=at_ms)
    if leader_id:
        leader = changed.get(leader_id) or known.get(leader_id) or Standing(leader_id)
        if not leader.leads:
            changed[leader_id] = leader._replace(leads=True, outbid_at_ms=0)


def _take(record: Record, event: AnyLedgerEvent) -> None:
    match event:
        case LotOpened(terms=terms):
            record.terms = terms
        case LotStarted():
            record.started = True
        case BidPlaced():
            _count(record, event)
        case LotEnded():
            record.ended = event
        case LotTakenBack():
            record.void = True
        case LotAwarded(buyer_id=buyer_id):
            record.awarded_to.append(buyer_id)


def _count(record: Record, event: BidPlaced) -> None:
    bidder = record.bidders.setdefault(event.bidder_id, Bidder(event.bidder_id))
    leads = event.lot.leader_id == event.bidder_id
    took_the_lead = leads and (bool(event.outbid_id) or record.bids == 0)
    record.bids += 1
    bidder.bids += 1
    bidder.last_seq = event.seq
    if event.amount_minor > bidder.maximum_minor:
        bidder.maximum_minor, bidder.reached_seq = event.amount_minor, event.seq
        bidder.raises.append((event.seq, event.amount_minor))
    if event.exact and took_the_lead:
        bidder.exact_lead_minor = max(bidder.exact_lead_minor, event.amount_minor)


def _met_at(winner: Bidder, second: Bidder) -> int:
    """The winner's maximum at the later of two moments: the second reached theirs, and the winner stood over it (or, having been
    earlier, beside it)."""
    stood = (
        seq
        for seq, minor in winner.raises
        if minor > second.maximum_minor or (minor == second.maximum_minor and seq < second.reached_seq)
    )
    met_seq = max(second.reached_seq, next(stood))
    return max(minor for seq, minor in winner.raises if seq <= met_seq)


def _ranked(record: Record) -> list[Bidder]:
    return sorted(record.bidders.values(), key=lambda bidder: (-bidder.maximum_minor, bidder.reached_seq))
