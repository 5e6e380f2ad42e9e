"""The rules of lots, with expected values written out."""

from typing import Any

import msgspec
import pytest

from schemas.events.ledger import AnyLedgerEvent, BidPlaced, LotEnded, LotOpened, LotStarted, LotState
from server.ledger.replay import fold
from server.ledger.rules import (
    AnyCommand,
    AnyOutcome,
    BidAccepted,
    BidTooLow,
    Committed,
    Held,
    HoldGone,
    HoldLine,
    HoldRecord,
    IdempotencyConflict,
    LogMismatch,
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
    Released,
    Show,
    ShowState,
    SoldOut,
    UnknownLot,
    UnknownSku,
    WrongCurrency,
    check,
    violations,
)
from server.ledger.rules.records import increment
from tests.ledger.lot_scenarios import award, bid, close, maximum, open_lot, terms, void
from tests.ledger.scenarios import A, commit, fund, hold, release

START = 1000
END = 2000


class Auction:
    """A show with five caps and the lot `l1`, which is open from 1000 to 2000 (or as `changes` say)."""

    def __init__(self, starts_in_ms: int = 0, **changes: Any) -> None:
        self.show = Show(ShowState("shw_1", ""))
        self.events: list[AnyLedgerEvent] = []
        self.at(START, fund("f1", A, 5, 1), open_lot("l1", starts_in_ms, **changes))

    def at(self, now_ms: int, *commands: AnyCommand) -> tuple[AnyOutcome, ...]:
        answer = self.show.call([("", command) for command in commands], now_ms, "e1")
        self.events += answer.events
        assert violations(self.show.state) == []
        return answer.outcomes

    @property
    def pool(self) -> tuple[int, int, int]:
        pool = self.show.state.pools[A]
        return pool.available, pool.held, pool.sold

    def phase(self, lot_id: str) -> str:
        return self.show.state.lots[lot_id].state

    def stands(self) -> tuple[str, int, int]:
        """Leader, price, end."""
        lot = self.show.state.lots["l1"]
        return lot.leader_id, lot.price_minor, lot.ends_at_ms


def test_the_step_is_that_of_the_row_which_the_price_has_reached() -> None:
    table = terms()
    assert [increment(table, price) for price in (0, 99, 100, 499, 500, 10**13)] == [10, 10, 20, 20, 50, 50]


def test_a_lot_takes_its_units_and_starts_at_once_or_later() -> None:
    auction = Auction()
    assert [type(event) for event in auction.events[1:]] == [LotOpened, LotStarted]
    assert auction.events[-1].command_id == "l1"
    assert auction.pool == (4, 1, 0)
    assert auction.at(1000, open_lot("l2", 500, quantity=4), open_lot("l3"), open_lot("l4", sku="?")) == (
        Opened(1500, 2500),
        SoldOut(A, 0),
        UnknownSku("?"),
    )
    auction.at(1499)
    assert auction.phase("l2") == "announced"
    auction.at(1500)
    assert auction.phase("l2") == "open"
    assert auction.pool == (0, 5, 0)


def test_an_exact_bid_is_the_price_and_a_maximum_only_what_is_needed() -> None:
    auction = Auction()
    assert auction.at(1000, maximum("b1", 300)) == (BidAccepted(4, True, 100, 120, END, True),)
    assert auction.at(1000, maximum("b2", 200, "bob")) == (BidAccepted(5, False, 220, 240, END, True),)
    assert auction.at(1000, maximum("b3", 500, "bob")) == (BidAccepted(6, True, 320, 340, END, True),)
    assert auction.at(1000, bid("b4", 700, "ann")) == (BidAccepted(7, True, 700, 750, END, True),)
    event = auction.events[-1]
    assert isinstance(event, BidPlaced)
    assert (event.outbid_id, event.exact, event.early, event.extended) == ("bob", True, False, False)
    assert event.lot == LotState(price_minor=700, next_minor=750, leader_id="ann", bids=4, ends_at_ms=END, reserve_met=True)


def test_the_price_is_capped_by_the_leaders_own_maximum() -> None:
    auction = Auction()
    auction.at(1000, maximum("b1", 200), maximum("b2", 210, "bob"))
    assert auction.stands() == ("bob", 210, END)
    auction.at(1000, maximum("b3", 250, "bob"), bid("b4", 240, "ann"))
    assert auction.stands() == ("bob", 250, END)


def test_of_equal_maxima_the_earlier_leads() -> None:
    auction = Auction()
    auction.at(1000, maximum("b1", 200))
    assert auction.at(1000, bid("b2", 200, "bob")) == (BidAccepted(5, False, 200, 220, END, True),)
    assert auction.stands() == ("ann", 200, END)


def test_who_leads_moves_neither_price_nor_clock() -> None:
    auction = Auction()
    auction.at(1000, maximum("b1", 200), bid("b2", 150, "bob"))
    assert auction.at(1950, maximum("b3", 200), maximum("b4", 250), bid("b5", 300)) == (
        BidTooLow(201),
        BidAccepted(6, True, 170, 190, END, True),
        BidAccepted(7, True, 170, 190, END, True),
    )
    assert auction.show.state.lots["l1"].leader_max_minor == 300


def test_a_reserve_that_is_reached_is_the_price() -> None:
    auction = Auction(reserve_minor=250)
    assert auction.at(1000, maximum("b1", 240)) == (BidAccepted(4, True, 100, 120, END, False),)
    assert auction.at(1000, maximum("b2", 260)) == (BidAccepted(5, True, 250, 270, END, True),)
    auction.at(1000, maximum("b3", 270, "bob"))
    assert auction.stands() == ("bob", 270, END)


def test_a_lot_below_its_reserve_is_not_sold() -> None:
    auction = Auction(reserve_minor=250)
    auction.at(1000, bid("b1", 240))
    assert auction.at(2000, close("c1"), bid("b2", 300, "bob")) == (LotClosed("unsold", "", 0), LotOver("unsold"))
    assert auction.pool == (5, 0, 0)


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (bid("b1", 50, "seller", "no"), UnknownLot()),
        (bid("b1", 50, "seller", currency="USD"), OwnLot()),
        (bid("b1", 50, currency="USD", ceiling_minor=10), WrongCurrency("EUR")),
        (bid("b1", 301, ceiling_minor=300), OverCeiling(300)),
        (bid("b1", 301), NeedsConfirmation(100)),
        (maximum("b1", 301), NeedsConfirmation(100)),
        (bid("b1", 300), BidAccepted(4, True, 300, 320, END, True)),
        (bid("b1", 301, confirmed=True), BidAccepted(4, True, 301, 321, END, True)),
        (bid("b1", 99), BidTooLow(100)),
    ],
)
def test_a_bid_must_be_allowed(command: AnyCommand, outcome: AnyOutcome) -> None:
    auction = Auction()
    assert auction.at(1000, command) == (outcome,)


def test_early_maxima_are_secret_and_count_from_the_start() -> None:
    auction = Auction(starts_in_ms=500, window_ms=9999)
    assert auction.at(1100, bid("b1", 200), maximum("b2", 200), maximum("b3", 300, "bob")) == (
        LotNotStarted(1500),
        BidAccepted(3, True, 100, 120, 2500, True),
        BidAccepted(4, True, 220, 240, 2500, True),
    )
    assert all(event.early for event in auction.events if isinstance(event, BidPlaced))
    auction.at(1500)
    started = auction.events[-1]
    assert isinstance(started, LotStarted)
    assert started.lot == LotState(price_minor=220, next_minor=240, leader_id="bob", bids=2, ends_at_ms=2500, reserve_met=True)


def test_a_late_bid_moves_the_end_up_to_the_hard_end() -> None:
    auction = Auction(extension_max_ms=150)
    assert auction.at(1899, bid("b1", 100))[0] == BidAccepted(4, True, 100, 120, END, True)
    assert auction.at(1900, bid("b2", 120, "bob"))[0] == BidAccepted(5, True, 120, 140, END, True)
    assert auction.at(1901, bid("b3", 140, "ann"))[0] == BidAccepted(6, True, 140, 160, 2001, True)
    assert auction.at(2000, bid("b4", 160, "bob"))[0] == BidAccepted(7, True, 160, 180, 2100, True)
    assert auction.at(2099, bid("b5", 180, "ann"))[0] == BidAccepted(8, True, 180, 200, 2150, True)
    assert auction.at(2149, bid("b6", 200, "bob"))[0] == BidAccepted(9, True, 200, 220, 2150, True)
    assert auction.at(2150, bid("b7", 220, "ann"))[0] == LotOver("sold")
    assert [event.extended for event in auction.events if isinstance(event, BidPlaced)] == [False, False, True, True, True, False]


def test_sudden_death_moves_nothing() -> None:
    auction = Auction(sudden_death=True)
    assert auction.at(1999, bid("b1", 100)) == (BidAccepted(4, True, 100, 120, END, True),)


def test_a_bid_comes_before_the_end_or_not_at_all() -> None:
    auction = Auction(sudden_death=True)
    assert auction.at(1999, bid("b1", 100), close("c1")) == (BidAccepted(4, True, 100, 120, END, True), LotNotOver(END))
    assert auction.at(2000, bid("b2", 200, "bob"), close("c2")) == (LotOver("sold"), LotClosed("sold", "ann", 100))


def test_a_sold_lot_is_held_for_its_winner_beside_what_else_he_may_take() -> None:
    auction = Auction(quantity=2)
    auction.at(1000, bid("b1", 100))
    auction.at(2000)
    ended = auction.events[-1]
    assert isinstance(ended, LotEnded)
    assert (ended.state, ended.winner_id, ended.price_minor, ended.hold_id, ended.expires_at_ms) == (
        "sold",
        "ann",
        100,
        "l1",
        4000,
    )
    assert auction.pool == (3, 2, 0)
    assert auction.show.state.holds["l1"] == HoldRecord("ann", (HoldLine(A, 2),), 4000, counts=False)
    assert auction.at(2000, hold("h1", "ann")) == (Held("h1", 3000, 6),)
    assert auction.at(3999, commit("p1", "l1"), void("v1", force=True), award("a1")) == (Committed(), LotSettled(), LotSettled())
    assert auction.pool == (3, 0, 2)


def test_what_nobody_pays_is_free_again_and_may_be_awarded_while_it_is_there() -> None:
    auction = Auction(quantity=4)
    auction.at(1000, bid("b1", 100), bid("b2", 120, "bob"))
    auction.at(2000)
    assert auction.at(4000, commit("p1", "l1"), hold("h1", "eve")) == (HoldGone("expired"), Held("h1", 5000, 8))
    assert auction.at(4000, award("a1", "ann")) == (Held("a1", 4300, 9),)
    assert auction.pool == (0, 5, 0)
    assert auction.at(4100, award("a2", "dan"), commit("r1", "a1")) == (Held("a2", 4400, 10), HoldGone("released"))
    assert auction.pool == (0, 5, 0)
    assert auction.at(4400, commit("p2", "a2"), fund("f2", A, -2, 1), award("a3")) == (
        HoldGone("expired"),
        auction.show.stored["f2"][1],
        SoldOut(A, 2),
    )
    assert auction.at(4500, fund("f3", A, 2, 1), award("a4"), commit("p3", "a4"), close("c1"))[1:] == (
        Held("a4", 4800, 14),
        Committed(),
        LotClosed("sold", "bob", 120),
    )


def test_only_a_lot_that_was_sold_is_awarded() -> None:
    auction = Auction()
    assert auction.at(1000, award("a1"), award("a2", lot="no")) == (LotNotOver(END), UnknownLot())
    assert auction.at(2000, award("a3")) == (LotOver("unsold"),)


def test_the_host_takes_back_what_nobody_bid_for_and_an_admin_what_nobody_paid() -> None:
    auction = Auction()
    auction.at(1000, open_lot("l2", 500), bid("b1", 100))
    assert auction.at(1000, void("v1"), void("v2", "l2"), void("v3", "l2"), void("v4", "no")) == (
        LotHasBids(),
        LotVoided(),
        LotVoided(),
        UnknownLot(),
    )
    auction.at(2000)
    assert auction.at(2000, void("v5"), void("v6", force=True), close("c1"), commit("p1", "l1")) == (
        LotHasBids(),
        LotVoided(),
        LotOver("void"),
        HoldGone("released"),
    )
    assert auction.pool == (5, 0, 0)


def test_a_winner_who_gave_up_can_be_voided_too() -> None:
    auction = Auction()
    auction.at(1000, bid("b1", 100))
    assert auction.at(2000, release("r1", "l1"), void("v1", force=True)) == (Released(), LotVoided())
    assert auction.pool == (5, 0, 0)


def test_an_id_stays_used_up_when_its_outcome_is_forgotten() -> None:
    auction = Auction()
    auction.at(1000, hold("h1"))
    auction.show.stored.clear()
    assert auction.at(1000, open_lot("l1"), open_lot("h1"), hold("l1", "bob")) == (IdempotencyConflict(),) * 3


@pytest.mark.parametrize(
    "command",
    [
        bid("b1", 0),
        bid("b1", -5),
        bid("b1", 10**13 + 1),
        bid("b1", 5, ceiling_minor=-1),
        maximum("b1", 0),
        award("a1", price=0),
        award("a1", hold_ms=0),
        open_lot("l1", -1),
        open_lot("l1", lasts_ms=0),
        open_lot("l1", lasts_ms=10**9),
        open_lot("l1", quantity=0),
        open_lot("l1", start_minor=0),
        open_lot("l1", reserve_minor=-1),
        open_lot("l1", increments=()),
        open_lot("l1", increments=((1, 5),)),
        open_lot("l1", increments=((0, 5), (0, 6))),
        open_lot("l1", increments=((0, 0),)),
        open_lot("l1", window_ms=-1),
        open_lot("l1", payment_ms=0),
        close(""),
    ],
    ids=repr,
)
def test_a_senseless_command_is_refused(command: AnyCommand) -> None:
    with pytest.raises(ValueError, match="senseless"):
        check(command)


def test_a_log_that_tells_another_auction_is_noticed() -> None:
    auction = Auction(reserve_minor=150)
    auction.at(1000, maximum("b1", 200), bid("b2", 170, "bob"))
    auction.at(1950, bid("b3", 250, "bob"))
    auction.at(END + 50)
    replace = msgspec.structs.replace
    assert fold("shw_1", auction.events) == auction.show.state
    *head, last_bid, ended = auction.events
    assert isinstance(last_bid, BidPlaced)
    assert isinstance(ended, LotEnded)
    worse = [
        replace(last_bid, lot=replace(last_bid.lot, price_minor=251)),
        replace(last_bid, lot=replace(last_bid.lot, leader_id="ann")),
        replace(last_bid, lot=replace(last_bid.lot, ends_at_ms=END)),
        replace(last_bid, lot=replace(last_bid.lot, reserve_met=False)),
        replace(last_bid, extended=False),
        replace(last_bid, early=True),
        replace(last_bid, at_ms=END),
        replace(last_bid, lot_id="l2"),
    ]
    for event in worse:
        with pytest.raises(LogMismatch):
            fold("shw_1", [*head, event])
    wrong_ends = [
        replace(ended, winner_id="ann"),
        replace(ended, price_minor=200),
        replace(ended, state="unsold"),
        replace(ended, bids=2),
        replace(ended, lines=[replace(ended.lines[0], held=0, available=5)]),
    ]
    for end in wrong_ends:
        with pytest.raises(LogMismatch):
            fold("shw_1", [*head, last_bid, end])
