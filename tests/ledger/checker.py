"""Checks a history by the definitions of an auction, of stock and of holds; it shares no code with `rules`.

A history is the log, and what was asked and answered. Every entry of the log is checked against all entries before it, so what
holds for a history holds for each of its prefixes. The findings name the promise that is broken:

I1 no unit is sold twice · I2 nobody gets more than the limit · I3 one id, one answer, one effect · I5 prices only rise ·
I6 the highest maximum wins, the earlier of two, at a price that follows from the bids · I7 time · I9 a hold ends once
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.events.ledger import (
    AnyLedgerEvent,
    BidPlaced,
    GiveawayDrawn,
    GiveawayEnded,
    GiveawayEntered,
    GiveawayOpened,
    HoldCommitted,
    HoldExpired,
    HoldExtended,
    HoldReleased,
    HoldRestocked,
    LotAwarded,
    LotEnded,
    LotOpened,
    LotSpecification,
    LotStarted,
    LotTakenBack,
    PoolsChanged,
    StockFunded,
    StockHeld,
)
from server.ledger.rules import AnyCommand, AnyOutcome, Bid, BidAccepted, SetMaximum

Exchange = tuple[AnyCommand, AnyOutcome]


class Broken(AssertionError):
    """A promise is broken."""


def demand(promise: str, holds: bool, *about: object) -> None:
    """Stop when a promise does not hold."""
    if not holds:
        raise Broken(promise, *about)


@dataclass
class Auction:
    """A lot as its definition has it: the terms and the list of all bids so far. Everything else follows from these."""

    opened: LotOpened
    ends_at_ms: int
    bids: list[BidPlaced] = field(default_factory=list)
    started: bool = False
    ended: LotEnded | None = None
    void: bool = False
    hold_id: str = ""

    @property
    def terms(self) -> LotSpecification:
        return self.opened.terms

    def step(self, price_minor: int) -> int:
        rows = sorted(self.terms.increments)
        return max((row for row in rows if row[0] <= price_minor), key=lambda row: row[0])[1]

    def best(self, *, but: str = "") -> BidPlaced | None:
        """The bid with the highest amount, the first of equal ones; of everybody, or of all but one person."""
        bids = [bid for bid in self.bids if bid.bidder_id != but]
        return min(bids, key=lambda bid: (-bid.amount_minor, bid.seq)) if bids else None

    def highest_price(self) -> int:
        """What the winner may have to pay at most, by all bids so far."""
        best = self.best()
        assert best is not None
        second = self.best(but=best.bidder_id)
        bounds = [self.terms.start_minor, *(bid.amount_minor for bid in self.bids if self._was_exact(bid, best.bidder_id))]
        if second is not None:
            bounds.append(second.amount_minor + self.step(second.amount_minor))
        if self.terms.reserve_minor <= best.amount_minor:
            bounds.append(self.terms.reserve_minor)
        return min(best.amount_minor, max(bounds))

    def lowest_price(self) -> int:
        """What the winner has to pay at least."""
        best = self.best()
        assert best is not None
        second = self.best(but=best.bidder_id)
        reserve = self.terms.reserve_minor if self.terms.reserve_minor <= best.amount_minor else 0
        return max(self.terms.start_minor, reserve, second.amount_minor if second else 0)

    def reserve_met(self) -> bool:
        best = self.best()
        return self.terms.reserve_minor <= (best.amount_minor if best else 0)

    def _was_exact(self, bid: BidPlaced, bidder_id: str) -> bool:
        return bid.exact and bid.bidder_id == bidder_id and bid.lot.leader_id == bidder_id


@dataclass
class Stock:
    """A pool by arithmetic of its own."""

    funded: int = 0
    held: int = 0
    sold: int = 0
    limit: int = 0


@dataclass
class Promise:
    """A hold."""

    buyer_id: str
    units: Counter[str]
    counts: bool
    expires_at_ms: int
    state: str = "held"


@dataclass
class Giveaway:
    """A giveaway: who is in, in order."""

    opened: GiveawayOpened
    entrants: list[str] = field(default_factory=list)
    ended: bool = False
    drawn: bool = False


class Checker:
    """All that the log has told so far."""

    def __init__(self) -> None:
        self.seq = 0
        self.at_ms = 0
        self.stock: dict[str, Stock] = {}
        self.holds: dict[str, Promise] = {}
        self.lots: dict[str, Auction] = {}
        self.giveaways: dict[str, Giveaway] = {}

    def take(self, event: AnyLedgerEvent) -> None:
        """One more entry."""
        demand("I5 the log has no hole", event.seq == self.seq + 1, event)
        demand("I7 time does not go back", event.at_ms >= self.at_ms, event)
        self.seq, self.at_ms = event.seq, event.at_ms
        getattr(self, f"_{type(event).__name__}")(event)
        if isinstance(event, PoolsChanged):
            for line in event.lines:
                pool = self.stock[line.sku]
                says = (line.available + line.held + line.sold, line.held, line.sold)
                demand("I10 a line tells the pool after it", says == (pool.funded, pool.held, pool.sold), event, pool)
        for sku, pool in self.stock.items():
            free = pool.funded - pool.held - pool.sold
            demand("I1 no unit is sold twice", min(pool.held, pool.sold, free) >= 0, sku, pool, event)

    # Stock and holds

    def _StockFunded(self, event: StockFunded) -> None:
        for line in event.lines:
            pool = self.stock.setdefault(line.sku, Stock())
            pool.funded += line.quantity
            pool.limit = event.per_buyer_max

    def _StockHeld(self, event: StockHeld) -> None:
        units: Counter[str] = Counter()
        for line in event.lines:
            units[line.sku] += line.quantity
        self._begin(event, event.hold_id, Promise(event.buyer_id, units, True, event.expires_at_ms))
        for sku, quantity in units.items():
            self.stock[sku].held += quantity
            mine = [hold for hold in self.holds.values() if hold.buyer_id == event.buyer_id and hold.counts]
            total = sum(hold.units[sku] for hold in mine if hold.state in ("held", "committed"))
            demand("I2 nobody gets more than the limit", total <= self.stock[sku].limit, event, total)

    def _HoldExtended(self, event: HoldExtended) -> None:
        hold = self.holds[event.hold_id]
        demand("I9 only an open hold gets more time", hold.state == "held" and event.at_ms < hold.expires_at_ms, event, hold)
        demand("I7 more time is more", event.expires_at_ms > hold.expires_at_ms, event, hold)
        hold.expires_at_ms = event.expires_at_ms

    def _HoldCommitted(self, event: HoldCommitted) -> None:
        hold = self._end(event, event.hold_id, "committed")
        demand("I7 no sale after the hold's time", event.at_ms < hold.expires_at_ms, event, hold)
        for sku, quantity in hold.units.items():
            self.stock[sku].held -= quantity
            self.stock[sku].sold += quantity

    def _HoldReleased(self, event: HoldReleased) -> None:
        self._free(self._end(event, event.hold_id, "released"))

    def _HoldExpired(self, event: HoldExpired) -> None:
        hold = self._end(event, event.hold_id, "expired")
        demand("I7 a hold lasts as long as promised", event.at_ms >= hold.expires_at_ms, event, hold)
        self._free(hold)

    def _HoldRestocked(self, event: HoldRestocked) -> None:
        hold = self.holds[event.hold_id]
        demand("I9 only what was sold is restocked, once", hold.state == "committed", event, hold)
        hold.state = "restocked"
        for sku, quantity in hold.units.items():
            self.stock[sku].sold -= quantity

    def _begin(self, event: AnyLedgerEvent, hold_id: str, hold: Promise) -> None:
        demand("I3 a hold begins once", hold_id not in self.holds, event)
        demand("I7 a hold lasts a while", hold.expires_at_ms > event.at_ms, event)
        self.holds[hold_id] = hold

    def _end(self, event: AnyLedgerEvent, hold_id: str, state: str) -> Promise:
        hold = self.holds[hold_id]
        demand("I9 a hold ends once", hold.state == "held", event, hold)
        hold.state = state
        return hold

    def _free(self, hold: Promise) -> None:
        for sku, quantity in hold.units.items():
            self.stock[sku].held -= quantity

    # Lots

    def _LotOpened(self, event: LotOpened) -> None:
        demand("I3 a lot opens once", event.lot_id not in self.lots, event)
        self.lots[event.lot_id] = Auction(event, event.ends_at_ms)
        self.stock[event.terms.sku].held += event.terms.quantity

    def _LotStarted(self, event: LotStarted) -> None:
        lot = self.lots[event.lot_id]
        demand("I7 a lot starts once, at its time", not lot.started and event.at_ms >= lot.opened.starts_at_ms, event)
        demand("I7 nothing happens to a lot that is over", not lot.ended and not lot.void, event)
        lot.started = True
        self._stands(event, lot)

    def _BidPlaced(self, event: BidPlaced) -> None:
        lot = self.lots[event.lot_id]
        before, best = (lot.bids[-1].lot if lot.bids else None), lot.best()
        demand("I7 no bid when the lot is over", not lot.ended and not lot.void and event.at_ms < lot.ends_at_ms, event)
        demand("I7 only maxima before the start", event.early == (not lot.started) and not (event.early and event.exact), event)
        demand("I7 a lot that should run has started", not event.early or event.at_ms < lot.opened.starts_at_ms, event)
        demand("nobody bids on the own lot", event.bidder_id != lot.terms.seller_id, event)
        raises = best is not None and best.bidder_id == event.bidder_id
        if raises:
            assert best is not None
            demand("I6 a raise is higher", event.amount_minor > best.amount_minor, event)
        elif before is None:
            demand("I5 at least the start price", event.amount_minor >= lot.terms.start_minor, event)
        else:
            demand("I5 at least one step more", event.amount_minor >= before.price_minor + lot.step(before.price_minor), event)
        lot.bids.append(event)
        if before is not None and not raises:
            demand("I5 a competing bid raises the price", event.lot.price_minor > before.price_minor, event, before)
        if before is not None and raises and before.reserve_met:
            demand("I5 a raise leaves the price", event.lot.price_minor == before.price_minor, event, before)
        self._clock(event, lot, raises)
        self._stands(event, lot)
        now_best = lot.best()
        assert now_best is not None
        takes_the_lead = now_best is event and not raises
        if takes_the_lead and event.exact:
            demand("I6 an exact bid that takes the lead is the price", event.lot.price_minor == event.amount_minor, event)
        displaced = best.bidder_id if best and takes_the_lead else ""
        demand("I6 who was outbid is told", event.outbid_id == displaced, event)

    def _clock(self, event: BidPlaced, lot: Auction, raises: bool) -> None:
        terms, ends_at_ms = lot.terms, lot.ends_at_ms
        late = ends_at_ms - event.at_ms <= terms.window_ms
        if late and not (event.early or raises or terms.sudden_death):
            ends_at_ms = max(ends_at_ms, min(event.at_ms + terms.reset_ms, lot.opened.hard_ends_at_ms))
        demand("I7 a late bid moves the end, others do not", event.lot.ends_at_ms == ends_at_ms, event, ends_at_ms)
        demand("I7 an extension is told", event.extended == (ends_at_ms > lot.ends_at_ms), event)
        demand("I7 no later than the hard end", ends_at_ms <= lot.opened.ends_at_ms + terms.extension_max_ms, event)
        lot.ends_at_ms = ends_at_ms

    def _stands(self, event: BidPlaced | LotStarted, lot: Auction) -> None:
        state, best = event.lot, lot.best()
        demand("I6 all bids are counted", state.bids == len(lot.bids), event)
        demand("I6 the reserve is met or not", state.reserve_met == lot.reserve_met(), event)
        if best is None:
            demand("I5 no price without a bid", (state.price_minor, state.leader_id) == (0, ""), event)
            demand("I5 the first bid is the start price", state.next_minor == lot.terms.start_minor, event)
            return
        demand("I6 the highest maximum leads, the earlier of two", state.leader_id == best.bidder_id, event, best)
        low, high = lot.lowest_price(), lot.highest_price()
        demand("I6 the price follows from the bids", low <= state.price_minor <= high, event, low, high)
        demand("I5 the next bid is a step more", state.next_minor == state.price_minor + lot.step(state.price_minor), event)

    def _LotEnded(self, event: LotEnded) -> None:
        lot = self.lots[event.lot_id]
        demand("I7 a lot ends once, at its time", lot.started and not lot.ended and event.at_ms >= lot.ends_at_ms, event)
        demand("I7 nothing happens to a lot that is void", not lot.void, event)
        best = lot.best()
        lot.ended = event
        if best is not None and lot.reserve_met():
            told = (event.state, event.winner_id, event.price_minor)
            demand("I6 the winner is who led", told == ("sold", best.bidder_id, lot.bids[-1].lot.price_minor), event)
            demand("the hold of a lot has its id", event.hold_id == event.lot_id, event)
            self._begin(event, event.hold_id, self._won(lot, event.winner_id, event.expires_at_ms))
            lot.hold_id = event.hold_id
        else:
            demand("I6 unsold without a good bid", (event.state, event.winner_id, event.hold_id) == ("unsold", "", ""), event)
            self.stock[lot.terms.sku].held -= lot.terms.quantity

    def _LotTakenBack(self, event: LotTakenBack) -> None:
        lot = self.lots[event.lot_id]
        demand("I9 only what is not over is taken back", not lot.void and (lot.ended is None or bool(lot.hold_id)), event)
        lot.void = True
        if lot.ended is None:
            self.stock[lot.terms.sku].held -= lot.terms.quantity
            return
        hold = self.holds[lot.hold_id]
        demand("I9 what is paid stays sold", hold.state != "committed", event, hold)
        if hold.state == "held":
            self._free(self._end(event, lot.hold_id, "released"))

    def _LotAwarded(self, event: LotAwarded) -> None:
        lot = self.lots[event.lot_id]
        demand("only what was sold is awarded", bool(lot.hold_id) and not lot.void, event)
        before = self.holds[lot.hold_id]
        demand("I9 what is paid stays sold", before.state != "committed", event, before)
        if before.state == "held":
            self._free(self._end(event, lot.hold_id, "released"))
        self.stock[lot.terms.sku].held += lot.terms.quantity
        self._begin(event, event.hold_id, self._won(lot, event.buyer_id, event.expires_at_ms))
        lot.hold_id = event.hold_id

    def _won(self, lot: Auction, buyer_id: str, expires_at_ms: int) -> Promise:
        return Promise(buyer_id, Counter({lot.terms.sku: lot.terms.quantity}), False, expires_at_ms)

    # Giveaways

    def _GiveawayOpened(self, event: GiveawayOpened) -> None:
        demand("I3 a giveaway opens once", event.giveaway_id not in self.giveaways, event)
        self.giveaways[event.giveaway_id] = Giveaway(event)
        self.stock[event.lines[0].sku].held += event.winners_max

    def _GiveawayEntered(self, event: GiveawayEntered) -> None:
        giveaway = self.giveaways[event.giveaway_id]
        demand("I7 no entry after the end", not giveaway.ended and event.at_ms < giveaway.opened.ends_at_ms, event)
        demand("I3 everybody is in once", event.entrant_id not in giveaway.entrants, event)
        giveaway.entrants.append(event.entrant_id)
        demand("entries are counted", event.entries == len(giveaway.entrants), event)

    def _GiveawayEnded(self, event: GiveawayEnded) -> None:
        giveaway = self.giveaways[event.giveaway_id]
        demand("I7 a giveaway ends once", not giveaway.ended and event.at_ms >= giveaway.opened.ends_at_ms, event)
        demand("entries are counted", event.entries == len(giveaway.entrants), event)
        giveaway.ended = True

    def _GiveawayDrawn(self, event: GiveawayDrawn) -> None:
        giveaway, winners = self.giveaways[event.giveaway_id], set(event.winners)
        demand("a giveaway is drawn once, after its end", giveaway.ended and not giveaway.drawn, event)
        demand("who wins took part", winners <= set(giveaway.entrants) and len(winners) == len(event.winners), event)
        demand("I1 a unit for each winner", len(winners) <= giveaway.opened.winners_max, event)
        giveaway.drawn = True
        pool = self.stock[event.lines[0].sku]
        pool.held -= giveaway.opened.winners_max
        pool.sold += len(winners)


def check(events: Iterable[AnyLedgerEvent], exchanges: Sequence[Exchange] | None = ()) -> Checker:
    """Check a history; what the log tells in the end. Without `exchanges` (None) an id may have had several effects.

    Raises:
        Broken: a promise is.
    """
    checker = Checker()
    told: dict[str, list[AnyLedgerEvent]] = {}
    for event in events:
        checker.take(event)
        told.setdefault(event.command_id, []).append(event)
    if exchanges is not None:
        _check_answers(told, exchanges)
    return checker


def _check_answers(told: dict[str, list[AnyLedgerEvent]], exchanges: Sequence[Exchange]) -> None:
    """The same question has the same answer for ever, and at most one effect. Every accepted bid is in the log, as answered."""
    first: dict[str, Exchange] = {}
    for command, outcome in exchanges:
        known_command, known = first.setdefault(command.command_id, (command, outcome))
        if known_command == command:
            demand("I3 the same question has the same answer", known == outcome, command, known, outcome)
    effects = Counter((event.command_id, type(event)) for events in told.values() for event in events)
    demand("I3 one id, one effect", set(effects.values()) <= {1}, effects)
    for command, outcome in first.values():
        bids = [event for event in told.get(command.command_id, []) if isinstance(event, BidPlaced)]
        if isinstance(command, Bid | SetMaximum):
            demand(
                "I3 a bid is in the log when it was accepted", bool(bids) == isinstance(outcome, BidAccepted), command, outcome
            )
        if isinstance(outcome, BidAccepted):
            (bid,) = bids
            demand("I6 a bid was told as it was", _tells(outcome) == _told(bid), command, outcome, bid)


def _tells(outcome: BidAccepted) -> tuple[Any, ...]:
    return (
        outcome.seq,
        outcome.leads,
        outcome.price_minor,
        outcome.next_minor,
        outcome.ends_at_ms,
        outcome.reserve_met,
    )


def _told(event: BidPlaced) -> tuple[Any, ...]:
    lot = event.lot
    return event.seq, lot.leader_id == event.bidder_id, lot.price_minor, lot.next_minor, lot.ends_at_ms, lot.reserve_met
