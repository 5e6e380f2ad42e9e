"""Auctions: lots, bids, secret maxima, the hammer. Mirrored by `scripts/{lots,bid,lot_ends}.lua`. Pure.

A lot moves by time as well as by commands. The sweep, and every command that names the lot, first do what time asks of it
(`ripen`), so no decision is made on a lot whose start or end has passed unnoticed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from schemas.events.ledger import (
    AnyLedgerEvent,
    BidPlaced,
    LotAwarded,
    LotEnded,
    LotOpened,
    LotStarted,
    LotTakenBack,
)
from server.ledger.rules.commands import CONFIRM_TIMES, AnyBid, Award, Bid, CloseLot, HoldLine, OpenLot, SetMaximum, VoidLot
from server.ledger.rules.outcomes import (
    AnyOutcome,
    BidAccepted,
    BidTooLow,
    Held,
    IdempotencyConflict,
    LotClosed,
    LotHasBids,
    LotNotOver,
    LotNotStarted,
    LotOver,
    LotSettled,
    LotVoided,
    NeedsConfirmation,
    Opened,
    OverCeiling,
    OwnLot,
    SoldOut,
    UnknownLot,
    UnknownSku,
    WrongCurrency,
)
from server.ledger.rules.records import LotRecord, increment, specification, terms_of
from server.ledger.rules.state import (
    Appliers,
    Deciders,
    Decision,
    Endings,
    HoldRecord,
    LogMismatch,
    Moves,
    ShowState,
    apply_line,
    head,
    note_ended,
    taken,
)

LotCommand = Bid | SetMaximum | CloseLot | VoidLot | Award
LotDecide = Callable[[ShowState, Any, int], Decision]


def due(state: ShowState) -> Iterator[tuple[int, str]]:
    """When which lot starts or ends."""
    for lot_id, lot in state.lots.items():
        if lot.state == "announced":
            yield lot.starts_at_ms, f"lot:{lot_id}"
        elif lot.state == "open":
            yield lot.ends_at_ms, f"lot:{lot_id}"


def ripe(state: ShowState, lot_id: str, now_ms: int) -> AnyLedgerEvent | None:
    """What time asks of a lot next: to start or to end. The lot itself is the cause."""
    lot = state.lots.get(lot_id)
    if lot is None:
        return None
    if lot.state == "announced" and lot.starts_at_ms <= now_ms:
        return LotStarted(**head(state, lot_id, now_ms), lot_id=lot_id, lot=lot.standing())
    if lot.state == "open" and lot.ends_at_ms <= now_ms:
        return _hammer(state, lot_id, lot, now_ms)
    return None


def ripen(state: ShowState, lot_id: str, now_ms: int, *events: AnyLedgerEvent) -> tuple[ShowState, tuple[AnyLedgerEvent, ...]]:
    """The state as it will be after these events and after those that time asks of the lot then; and all of these."""
    made: list[AnyLedgerEvent] = []
    rest = iter(events)
    while event := next(rest, None) or ripe(state, lot_id, now_ms):
        if not made:
            state = replace(
                state, pools=dict(state.pools), holds=dict(state.holds), lots=dict(state.lots), ended=dict(state.ended)
            )
        APPLY[type(event)](state, event)
        state.seq = event.seq
        made.append(event)
    return state, tuple(made)


def end(state: ShowState, lot_id: str, now_ms: int) -> tuple[AnyLedgerEvent, ...]:
    """What happens to a lot whose time has come."""
    return ripen(state, lot_id, now_ms)[1]


def on_current_lot(decide: LotDecide) -> LotDecide:
    """A decision on the lot as it is now; what time asked of it before comes first."""

    def decide_now(state: ShowState, command: LotCommand, now_ms: int) -> Decision:
        current, before = ripen(state, command.lot_id, now_ms)
        decision = decide(current, command, now_ms)
        return Decision(decision.outcome, before + decision.events)

    return decide_now


def open_lot(state: ShowState, command: OpenLot, now_ms: int) -> Decision:
    """Announce a lot. One that starts at once has `LotStarted` after `LotOpened`."""
    terms, lot_id = command.terms, command.command_id
    if taken(state, lot_id):
        # The stored outcome is gone, what it made is not: the id is used up.
        return Decision(IdempotencyConflict())
    pool = state.pools.get(terms.sku)
    if pool is None:
        return Decision(UnknownSku(terms.sku))
    if terms.quantity > pool.available:
        return Decision(SoldOut(terms.sku, pool.available))
    starts_at_ms = now_ms + command.starts_in_ms
    ends_at_ms = starts_at_ms + command.lasts_ms
    event = LotOpened(
        **head(state, lot_id, now_ms),
        lot_id=lot_id,
        terms=specification(terms),
        starts_at_ms=starts_at_ms,
        ends_at_ms=ends_at_ms,
        hard_ends_at_ms=ends_at_ms + terms.extension_max_ms,
        lines=Moves(state).lines([HoldLine(terms.sku, terms.quantity)], held=1),
    )
    return Decision(Opened(starts_at_ms, ends_at_ms), ripen(state, lot_id, now_ms, event)[1])


def bid(state: ShowState, command: Bid | SetMaximum, now_ms: int) -> Decision:
    """An exact bid or a secret maximum. Guards in the order in which a bidder can do something about them."""
    lot = state.lots.get(command.lot_id)
    if lot is None:
        return Decision(UnknownLot())
    exact = isinstance(command, Bid)
    refusal = _refusal(lot, command, exact)
    if refusal is not None:
        return Decision(refusal)
    after = outbid(lot, command.bidder_id, command.amount_minor, exact)
    leads = after.leader_id == command.bidder_id
    early = lot.state == "announced"
    raises = lot.leader_id == command.bidder_id
    if not early and not raises:
        after = replace(after, ends_at_ms=soft_close(lot, now_ms))
    event = BidPlaced(
        **head(state, command.command_id, now_ms),
        lot_id=command.lot_id,
        bidder_id=command.bidder_id,
        amount_minor=command.amount_minor,
        exact=exact,
        early=early,
        extended=after.ends_at_ms > lot.ends_at_ms,
        outbid_id=lot.leader_id if leads and not raises else "",
        lot=after.standing(),
    )
    accepted = BidAccepted(event.seq, leads, after.price_minor, after.next_minor, after.ends_at_ms, after.reserve_met)
    return Decision(accepted, (event,))


def outbid(lot: LotRecord, bidder_id: str, amount_minor: int, exact: bool) -> LotRecord:
    """The lot after a bid that is high enough: who leads, up to what, at which price. Not the end, which has rules of its own."""
    if bidder_id == lot.leader_id:
        # Nobody is bid against: the price stays, also after an exact bid.
        price_minor, leads = lot.price_minor, True
    elif amount_minor > lot.leader_max_minor:
        step = lot.leader_max_minor + increment(lot.terms, lot.leader_max_minor) if lot.bids else lot.terms.start_minor
        price_minor, leads = amount_minor if exact else min(amount_minor, step), True
    else:
        price_minor = min(lot.leader_max_minor, amount_minor + increment(lot.terms, amount_minor))
        leads = False
    after = replace(lot, price_minor=price_minor, bids=lot.bids + 1)
    if leads:
        after = replace(after, leader_id=bidder_id, leader_max_minor=amount_minor)
    if after.reserve_met:
        after = replace(after, price_minor=max(price_minor, lot.terms.reserve_minor))
    return after


def soft_close(lot: LotRecord, now_ms: int) -> int:
    """When the lot ends after a bid at `now_ms`: later, when somebody needs time to answer."""
    terms = lot.terms
    if terms.sudden_death or lot.ends_at_ms - now_ms > terms.window_ms:
        return lot.ends_at_ms
    return max(lot.ends_at_ms, min(now_ms + terms.reset_ms, lot.hard_ends_at_ms))


def close_lot(state: ShowState, command: CloseLot, now_ms: int) -> Decision:
    """How the lot ended."""
    match state.lots.get(command.lot_id):
        case None:
            return Decision(UnknownLot())
        case LotRecord(state="announced" | "open", ends_at_ms=ends_at_ms):
            return Decision(LotNotOver(ends_at_ms))
        case LotRecord(state="sold", leader_id=winner_id, price_minor=price_minor):
            return Decision(LotClosed("sold", winner_id, price_minor))
        case LotRecord(state="unsold"):
            return Decision(LotClosed("unsold", "", 0))
        case _:
            return Decision(LotOver("void"))


def void_lot(state: ShowState, command: VoidLot, now_ms: int) -> Decision:
    """Take a lot back. Its units are free, when it or a hold of its winner still has them."""
    lot = state.lots.get(command.lot_id)
    if lot is None:
        return Decision(UnknownLot())
    if lot.state == "void":
        return Decision(LotVoided())
    if lot.state == "unsold":
        return Decision(LotOver("unsold"))
    if lot.bids > 0 and not command.force:
        return Decision(LotHasBids())
    if lot.state == "sold" and state.holds[lot.hold_id].state == "committed":
        return Decision(LotSettled())
    units = lot.terms.quantity if _has_units(state, lot) else 0
    event = LotTakenBack(
        **head(state, command.command_id, now_ms),
        lot_id=command.lot_id,
        reason=command.reason,
        lines=[Moves(state).line(HoldLine(lot.terms.sku, units), held=-units)],
    )
    return Decision(LotVoided(), (event,))


def award(state: ShowState, command: Award, now_ms: int) -> Decision:
    """Offer a sold lot to somebody else: with the units of the hold before, or with free ones when that has ended."""
    lot = state.lots.get(command.lot_id)
    if lot is None:
        return Decision(UnknownLot())
    if lot.state in ("announced", "open"):
        return Decision(LotNotOver(lot.ends_at_ms))
    if lot.state != "sold":
        return Decision(_over(lot))
    if state.holds[lot.hold_id].state == "committed":
        return Decision(LotSettled())
    if taken(state, command.command_id):
        return Decision(IdempotencyConflict())
    pool, quantity = state.pools[lot.terms.sku], lot.terms.quantity
    needed = 0 if _has_units(state, lot) else quantity
    if needed > pool.available:
        return Decision(SoldOut(pool.sku, pool.available))
    expires_at_ms = now_ms + command.hold_ms
    event = LotAwarded(
        **head(state, command.command_id, now_ms),
        lot_id=command.lot_id,
        hold_id=command.command_id,
        buyer_id=command.buyer_id,
        price_minor=command.price_minor,
        expires_at_ms=expires_at_ms,
        lines=[Moves(state).line(HoldLine(pool.sku, quantity), held=needed)],
    )
    return Decision(Held(command.command_id, expires_at_ms, event.seq), (event,))


def _refusal(lot: LotRecord, command: AnyBid, exact: bool) -> AnyOutcome | None:
    terms = lot.terms
    basis_minor = max(lot.price_minor, terms.start_minor)
    least_minor = lot.leader_max_minor + 1 if command.bidder_id == lot.leader_id else lot.next_minor
    if command.bidder_id == terms.seller_id:
        return OwnLot()
    if command.currency != terms.currency:
        return WrongCurrency(terms.currency)
    if lot.state not in ("announced", "open"):
        return _over(lot)
    if exact and lot.state == "announced":
        return LotNotStarted(lot.starts_at_ms)
    if 0 < command.ceiling_minor < command.amount_minor:
        return OverCeiling(command.ceiling_minor)
    if command.amount_minor > CONFIRM_TIMES * basis_minor and not command.confirmed:
        return NeedsConfirmation(basis_minor)
    if command.amount_minor < least_minor:
        return BidTooLow(least_minor)
    return None


def _over(lot: LotRecord) -> LotOver:
    assert lot.state in ("sold", "unsold", "void"), lot
    return LotOver(lot.state)


def _hammer(state: ShowState, lot_id: str, lot: LotRecord, now_ms: int) -> LotEnded:
    sold = lot.bids > 0 and lot.reserve_met
    quantity = lot.terms.quantity
    return LotEnded(
        **head(state, lot_id, now_ms),
        lot_id=lot_id,
        state="sold" if sold else "unsold",
        winner_id=lot.leader_id if sold else "",
        price_minor=lot.price_minor if sold else 0,
        bids=lot.bids,
        hold_id=lot_id if sold else "",
        expires_at_ms=now_ms + lot.terms.payment_ms if sold else 0,
        lines=[Moves(state).line(HoldLine(lot.terms.sku, quantity), held=0 if sold else -quantity)],
    )


def _has_units(state: ShowState, lot: LotRecord) -> bool:
    """Whether the lot's units are still put aside: by itself, or by the present hold."""
    return lot.state in ("announced", "open") or state.holds[lot.hold_id].state == "held"


def apply_opened(state: ShowState, event: LotOpened) -> None:
    """Announce a lot."""
    if taken(state, event.lot_id):
        raise LogMismatch(f"{event} opens a lot that was there before")
    _move(state, event, held=event.terms.quantity)
    terms = terms_of(event.terms)
    state.lots[event.lot_id] = LotRecord(terms, event.starts_at_ms, event.ends_at_ms, event.hard_ends_at_ms)


def apply_started(state: ShowState, event: LotStarted) -> None:
    """Bidding begins."""
    lot = known_lot(state, event.lot_id, "announced")
    _expect(event, event.lot == lot.standing())
    state.lots[event.lot_id] = replace(lot, state="open")


def apply_bid(state: ShowState, event: BidPlaced) -> None:
    """Count a bid. The price is computed again: what the script said must be the same."""
    lot = known_lot(state, event.lot_id, "announced" if event.early else "open")
    after = outbid(lot, event.bidder_id, event.amount_minor, event.exact)
    if not event.early and event.bidder_id != lot.leader_id:
        after = replace(after, ends_at_ms=soft_close(lot, event.at_ms))
    _expect(event, event.lot == after.standing() and event.extended == (after.ends_at_ms > lot.ends_at_ms))
    _expect(event, event.at_ms < (lot.starts_at_ms if event.early else lot.ends_at_ms))
    state.lots[event.lot_id] = after


def apply_ended(state: ShowState, event: LotEnded) -> None:
    """The hammer."""
    lot = known_lot(state, event.lot_id, "open")
    sold = event.state == "sold"
    _expect(event, sold == (lot.bids > 0 and lot.reserve_met) and event.bids == lot.bids)
    _expect(event, (event.winner_id, event.price_minor) == ((lot.leader_id, lot.price_minor) if sold else ("", 0)))
    _move(state, event, held=0 if sold else -lot.terms.quantity)
    if sold:
        _hold(state, lot, event.hold_id, event.winner_id, event.expires_at_ms)
    state.lots[event.lot_id] = replace(lot, state="sold" if sold else "unsold", hold_id=event.hold_id)
    note_ended(state, "lot", event.lot_id)


def apply_taken_back(state: ShowState, event: LotTakenBack) -> None:
    """Void."""
    lot = known_lot(state, event.lot_id, "announced", "open", "sold")
    had_units = _has_units(state, lot)
    if lot.state == "sold":
        _expect(event, state.holds[lot.hold_id].state != "committed")
        _end_hold(state, lot)
    _move(state, event, held=-lot.terms.quantity if had_units else 0)
    state.lots[event.lot_id] = replace(lot, state="void")
    if lot.state != "sold":
        note_ended(state, "lot", event.lot_id)


def apply_awarded(state: ShowState, event: LotAwarded) -> None:
    """Another buyer's turn."""
    lot = known_lot(state, event.lot_id, "sold")
    _expect(event, state.holds[lot.hold_id].state != "committed" and event.hold_id not in state.holds)
    _move(state, event, held=0 if _has_units(state, lot) else lot.terms.quantity)
    _end_hold(state, lot)
    _hold(state, lot, event.hold_id, event.buyer_id, event.expires_at_ms)
    state.lots[event.lot_id] = replace(lot, hold_id=event.hold_id)


def known_lot(state: ShowState, lot_id: str, *states: str) -> LotRecord:
    """The lot of an event, which must be in one of the states.

    Raises:
        LogMismatch: it is not.
    """
    lot = state.lots.get(lot_id)
    if lot is None or lot.state not in states:
        raise LogMismatch(f"lot {lot_id} is {lot}, not {' or '.join(states)}")
    return lot


def kept(state: ShowState) -> Counter[str]:
    """Units by SKU that lots themselves have."""
    units: Counter[str] = Counter()
    for lot in state.lots.values():
        units[lot.terms.sku] += lot.terms.quantity if lot.state in ("announced", "open") else 0
    return units


def violations(state: ShowState, kept: Mapping[str, int]) -> Iterator[str]:
    """I6 and I7 of a lot as it stands, and what was sold is held for somebody."""
    for lot_id, lot in state.lots.items():
        terms = lot.terms
        if bool(lot.bids) != bool(lot.leader_id) or bool(lot.bids) != (lot.price_minor >= terms.start_minor):
            yield f"lot {lot_id} has bids without leader or price: {lot}"
        if lot.price_minor > lot.leader_max_minor:
            yield f"the leader of lot {lot_id} would pay more than the own maximum: {lot}"
        if lot.bids and lot.reserve_met and lot.price_minor < terms.reserve_minor:
            yield f"lot {lot_id} is below a reserve that is met: {lot}"
        if not lot.starts_at_ms < lot.ends_at_ms <= lot.hard_ends_at_ms:
            yield f"lot {lot_id} ends at a wrong time: {lot}"
        if lot.leader_id == terms.seller_id:
            yield f"the seller leads lot {lot_id}: {lot}"
        if bool(lot.hold_id) != (lot.state == "sold") and lot.state != "void":
            yield f"lot {lot_id} is {lot.state} with hold {lot.hold_id!r}"
        hold = state.holds.get(lot.hold_id)
        if lot.state == "sold" and (hold is None or hold.counts or hold.lines != (HoldLine(terms.sku, terms.quantity),)):
            yield f"lot {lot_id} is sold with the wrong hold {hold}"


def _move(state: ShowState, event: LotOpened | LotEnded | LotTakenBack | LotAwarded, held: int) -> None:
    (line,) = event.lines
    apply_line(state, line, held=held)


def _hold(state: ShowState, lot: LotRecord, hold_id: str, buyer_id: str, expires_at_ms: int) -> None:
    if hold_id in state.holds:
        raise LogMismatch(f"hold {hold_id} was there before")
    lines = (HoldLine(lot.terms.sku, lot.terms.quantity),)
    state.holds[hold_id] = HoldRecord(buyer_id, lines, expires_at_ms, counts=False)


def _end_hold(state: ShowState, lot: LotRecord) -> None:
    hold = state.holds[lot.hold_id]
    if hold.state == "held":
        state.holds[lot.hold_id] = replace(hold, state="released")


def _expect(event: AnyLedgerEvent, fits: bool) -> None:
    if not fits:
        raise LogMismatch(f"{event} does not fit the lot before it")


DECIDE: Deciders = {
    OpenLot: open_lot,
    Bid: on_current_lot(bid),
    SetMaximum: on_current_lot(bid),
    CloseLot: on_current_lot(close_lot),
    VoidLot: on_current_lot(void_lot),
    Award: on_current_lot(award),
}
APPLY: Appliers = {
    LotOpened: apply_opened,
    LotStarted: apply_started,
    BidPlaced: apply_bid,
    LotEnded: apply_ended,
    LotTakenBack: apply_taken_back,
    LotAwarded: apply_awarded,
}
ENDINGS: Endings = {"lot": end}
