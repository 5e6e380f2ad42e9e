"""Short histories of lots and giveaways that reach every branch of their scripts; `test_mutations.py` runs them often."""

from collections.abc import Callable
from typing import Any

from server.ledger.rules import (
    Award,
    Bid,
    BidAccepted,
    CloseLot,
    Draw,
    Drawn,
    Enter,
    GiveawayOver,
    Held,
    LotClosed,
    LotOver,
    LotTerms,
    OpenGiveaway,
    OpenLot,
    SetMaximum,
    VoidLot,
)
from server.ledger.wire import key
from tests.ledger.scenarios import A, B, commit, extend, fund, hold, release
from tests.ledger.twin import Twin

STEPS = ((0, 10), (100, 20), (500, 50))
"""Increments of the lots here; they start at 100 unless a history says otherwise."""
COMMITMENT = "c0" * 32


def terms(**changes: Any) -> LotTerms:
    """A lot that ends 1000 ms after its start and may be extended by 500 ms."""
    usual: dict[str, Any] = {
        "sku": A,
        "quantity": 1,
        "seller_id": "seller",
        "currency": "EUR",
        "start_minor": 100,
        "reserve_minor": 0,
        "increments": STEPS,
        "window_ms": 100,
        "reset_ms": 100,
        "extension_max_ms": 500,
        "sudden_death": False,
        "payment_ms": 2000,
    }
    return LotTerms(**(usual | changes))


def open_lot(lot_id: str, starts_in_ms: int = 0, lasts_ms: int = 1000, **changes: Any) -> OpenLot:
    return OpenLot(command_id=lot_id, terms=terms(**changes), starts_in_ms=starts_in_ms, lasts_ms=lasts_ms)


def bid(command_id: str, amount: int, bidder: str = "ann", lot: str = "l1", **more: Any) -> Bid:
    return Bid(command_id=command_id, lot_id=lot, bidder_id=bidder, amount_minor=amount, **({"currency": "EUR"} | more))


def maximum(command_id: str, amount: int, bidder: str = "ann", lot: str = "l1", **more: Any) -> SetMaximum:
    return SetMaximum(command_id=command_id, lot_id=lot, bidder_id=bidder, amount_minor=amount, **({"currency": "EUR"} | more))


def close(command_id: str, lot: str = "l1") -> CloseLot:
    return CloseLot(command_id=command_id, lot_id=lot)


def void(command_id: str, lot: str = "l1", *, force: bool = False) -> VoidLot:
    return VoidLot(command_id=command_id, lot_id=lot, reason="broken", force=force)


def award(command_id: str, buyer: str = "bob", lot: str = "l1", price: int = 150, hold_ms: int = 300) -> Award:
    return Award(command_id=command_id, lot_id=lot, buyer_id=buyer, price_minor=price, hold_ms=hold_ms)


def open_giveaway(giveaway_id: str, winners_max: int = 2, lasts_ms: int = 1000, sku: str = A) -> OpenGiveaway:
    return OpenGiveaway(command_id=giveaway_id, sku=sku, winners_max=winners_max, lasts_ms=lasts_ms, commitment=COMMITMENT)


def enter(command_id: str, entrant: str, giveaway: str = "g1") -> Enter:
    return Enter(command_id=command_id, giveaway_id=giveaway, entrant_id=entrant)


def draw(command_id: str, *winners: str, giveaway: str = "g1") -> Draw:
    return Draw(command_id=command_id, giveaway_id=giveaway, seed="seed", winners=winners)


def a_lot_takes_its_units_out_of_the_pool(twin: Twin) -> None:
    twin.call(open_lot("l0"), fund("f1", A, 5, 1), open_lot("l1", quantity=6), open_lot("l2", quantity=3))
    twin.call(hold("h1"), open_lot("l3", quantity=2), open_lot("l4"), hold("h2", "bob"), fund("f2", A, -1))
    for command_id in ("l2", "h1"):
        twin.forget(command_id)
    twin.call(open_lot("l2", quantity=2), open_lot("h1"))


def bids_decide_price_and_leader(twin: Twin) -> None:
    twin.call(fund("f1"), open_lot("l1"))
    twin.call(bid("b1", 99), bid("b2", 100), bid("b3", 119, "bob"), bid("b4", 120, "bob"), bid("b5", 120, "bob"))
    twin.call(maximum("b6", 300, "eve"), maximum("b7", 160, "bob"), maximum("b8", 300, "bob"), maximum("b9", 320, "bob"))
    twin.call(maximum("ba", 319, "eve"), maximum("bb", 339, "eve"), maximum("bc", 340, "eve"), maximum("bd", 1000, "dan"))
    twin.call(bid("be", 490, "ann"), bid("bf", 530, "ann"), bid("bg", 950, "ann"), bid("bh", 1000, "ann"))
    twin.call(bid("bi", 1049, "ann"), bid("bj", 1050, "ann"), bid("bk", 1050, "ann"), bid("bl", 1100, "ann"))
    twin.call(maximum("bm", 1100, "ann"), maximum("bn", 1101, "ann"), maximum("bo", 1200, "bob"))


def the_first_maximum_pays_the_start_price(twin: Twin) -> None:
    twin.call(fund("f1"), open_lot("l1"), open_lot("l2"), open_lot("l3", start_minor=95))
    twin.call(maximum("b1", 100), maximum("b2", 101), maximum("b3", 101, "bob"), maximum("b4", 125, "bob"))
    twin.call(maximum("b5", 250, lot="l2"), maximum("b6", 150, "bob", lot="l2"), maximum("b7", 250, "bob", lot="l2"))
    twin.call(maximum("b8", 95, lot="l3"), bid("b9", 104, "bob", lot="l3"), bid("ba", 105, "bob", lot="l3"))


def a_bid_must_be_allowed(twin: Twin) -> None:
    twin.call(fund("f1"), open_lot("l1"), open_lot("l2", starts_in_ms=500))
    twin.call(bid("b1", 100, lot="no"), bid("b2", 100, "seller", currency="USD"), bid("b3", 1, currency="USD", ceiling_minor=1))
    twin.call(bid("b4", 101, ceiling_minor=100), bid("b5", 301, ceiling_minor=300), bid("b6", 301), bid("b7", 300))
    twin.call(bid("b8", 901, "bob"), bid("b9", 901, "bob", confirmed=True), maximum("ba", 2704, "eve"))
    twin.call(maximum("bb", 2703, "eve", ceiling_minor=2703), maximum("bc", 9000, "eve", confirmed=True))
    twin.call(
        bid("bd", 500, lot="l2"),
        bid("be", 500, lot="l2", ceiling_minor=1),
        bid("bg", 10, ceiling_minor=1),
        maximum("bf", 100, lot="l2"),
    )
    twin.call(maximum("bh", 150, "seller", "l2"))


def the_reserve_lifts_the_price(twin: Twin) -> None:
    twin.call(fund("f1"), *(open_lot(f"l{i}", reserve_minor=200) for i in range(1, 5)))
    twin.call(maximum("b1", 199), maximum("b2", 200), maximum("b3", 210, "bob"), maximum("b4", 220, "bob"))
    twin.call(bid("c1", 150, lot="l2"), maximum("c2", 300, "bob", lot="l2"), maximum("c3", 230, "ann", lot="l2"))
    twin.call(
        maximum("a1", 200, lot="l4"),
        maximum("d1", 190, lot="l3"),
        bid("d2", 199, "bob", lot="l3"),
        bid("d3", 260, "bob", lot="l3"),
    )
    twin.tick(1000)
    twin.call(*(close(f"e{i}", f"l{i}") for i in range(1, 5)))


def early_maxima_count_from_the_start(twin: Twin) -> None:
    twin.call(fund("f1"), open_lot("l1", starts_in_ms=1000, lasts_ms=1000, window_ms=5000), open_lot("l2", starts_in_ms=1000))
    twin.call(maximum("b1", 200), bid("b2", 300, "bob"), maximum("b3", 150, "bob"), maximum("b4", 300, "bob"))
    twin.tick(999)
    twin.call(maximum("b5", 400, "ann"), bid("b6", 410, "ann"), void("v1"))
    twin.tick(1)
    twin.call(bid("b7", 410, "bob"), bid("b8", 100, lot="l2"))


def a_lot_lasts_to_its_last_millisecond(twin: Twin) -> None:
    twin.call(fund("f1"), open_lot("l1", window_ms=0), open_lot("l2", window_ms=0), open_lot("l3", reserve_minor=101))
    twin.call(close("c1"), bid("b1", 100, lot="l3"))
    twin.tick(999)
    twin.call(bid("b2", 100), close("c2"))
    twin.tick(1)
    twin.call(
        bid("b3", 200, "bob"), close("c3"), close("c4", "l2"), close("c5", "l3"), close("c6", "no"), bid("b4", 100, lot="l2")
    )
    twin.call(commit("p1", "l1"), void("v1", force=True), void("v2", "l2", force=True), void("v3", "l3"))


def late_bids_move_the_end(twin: Twin) -> None:
    twin.call(
        fund("f1", A, 9, 9),
        open_lot("l1"),
        open_lot("l2", sudden_death=True),
        open_lot("l3", reset_ms=20),
        open_lot("l4", reset_ms=150),
    )
    twin.tick(899)
    twin.call(bid("b1", 100), bid("b2", 100, lot="l2"))
    twin.tick(1)
    twin.call(bid("b3", 120, "bob"), maximum("b4", 200, "bob"), bid("b0", 100, lot="l4"))
    twin.tick(50)
    twin.call(maximum("b5", 260, "bob"), bid("b6", 200), bid("b7", 120, "bob", lot="l2"), bid("b8", 100, lot="l3"))
    twin.tick(45)
    twin.call(bid("b9", 120, "bob", lot="l3"))
    twin.tick(5)
    twin.call(bid("ba", 400), bid("bb", 440, "bob", lot="l2"))
    for number in range(6):
        twin.tick(80)
        twin.call(bid(f"x{number}", 500 + 50 * number, ["bob", "ann"][number % 2]))
    twin.tick(20)
    twin.call(close("c1"))


def a_sold_lot_is_held_for_its_winner(twin: Twin) -> None:
    twin.call(fund("f1", A, 4, 1), open_lot("l1", quantity=2), open_lot("l2"), bid("b1", 100), bid("b2", 100, lot="l2"))
    twin.tick(1000)
    twin.call(hold("h1", "ann"), extend("x1", "l1", 2500), void("v1"), void("v2", "l2", force=True), void("v3", "l2"))
    twin.call(award("a0", lot="l2"), bid("b3", 200, "bob", lot="l2"), close("c1", "l2"), close("c2", "l1"))
    twin.tick(2000)
    twin.call(commit("p1", "l1"), commit("p2", "l2"), award("a1"), void("v4", force=True), release("r1", "l1"))


def a_lot_that_nobody_paid_goes_to_another(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 1), *(open_lot(f"l{i}") for i in range(1, 4)), award("a0"), award("a1", lot="no"))
    twin.call(bid("b1", 100), bid("b2", 100, lot="l2"))
    twin.tick(1000)
    twin.call(award("a2", lot="l3"), hold("h1", "bob"), award("a3"), award("l2"), award("h1"), award("l3"))
    twin.call(commit("p0", "l1"), award("a4", "eve", hold_ms=50), release("r1", "a3"), hold("h2", "dan"))
    twin.tick(50)
    twin.call(hold("h3", "eve"), award("a5"), release("r2", "h3"), award("a6"), void("v1", "l2"), void("v2", "l2", force=True))
    twin.forget("a6")
    twin.call(award("a6", "zoe"), commit("p1", "a6"), commit("p2", "l1"), commit("p3", "a4"), award("a7"), void("v3", force=True))
    twin.call(award("a8", lot="l2"), close("c1", "l2"))


def a_void_lot_gives_back_what_it_has(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 1), *(open_lot(f"l{i}", quantity=2) for i in range(1, 4)), open_lot("l4", 500, quantity=3))
    twin.call(void("v0", "no"), void("v1"), void("v2"), void("v3", "l4"), bid("b1", 100), bid("b2", 100, lot="l2"))
    twin.call(bid("b3", 100, lot="l3"), void("v4", "l2"), void("v5", "l2", force=True), open_lot("l5", quantity=7))
    twin.tick(1000)
    twin.call(release("r1", "l3"), void("v6", "l3", force=True), close("c1", "l3"), close("c2", "l5"), commit("p1", "l3"))
    twin.call(fund("f2", A, -9), fund("f3", A, -1))


def only_the_last_lots_are_shown(twin: Twin) -> None:
    twin.call(fund("f1", A, 50, 1), *(open_lot(f"m{i:02}", lasts_ms=i + 1) for i in range(22)))
    twin.tick(30)
    twin.call()


def overdue_lots_are_settled_before_they_are_used(twin: Twin) -> None:
    """More things are due than one call ends by itself: whoever names one of the rest still meets it as it should be."""
    twin.call(fund("f1", A, 200, 1), *(hold(f"h{i:03}", f"buyer{i}", hold_ms=10) for i in range(100)))
    twin.call(
        open_lot("l1", lasts_ms=50, window_ms=0), open_lot("l2", 50, 5), open_lot("l3", 50, 50), open_lot("l4", lasts_ms=50)
    )
    twin.call(bid("b1", 100), maximum("b2", 100, lot="l2"), open_giveaway("g1", lasts_ms=50), enter("e1", "ann"))
    twin.tick(60)
    late = twin.call(bid("b3", 200, "bob"), close("c1", "l2"), bid("b4", 100, lot="l3"), void("v1", "l4"), enter("e2", "bob"))
    assert late[:2] == (LotOver("sold"), LotClosed("sold", "ann", 100))
    assert late[3:] == (LotOver("unsold"), GiveawayOver())


def overdue_lots_can_be_awarded_and_drawn(twin: Twin) -> None:
    twin.call(fund("f1", A, 200, 1), *(hold(f"h{i:03}", f"buyer{i}", hold_ms=10) for i in range(100)))
    twin.call(open_lot("l1", lasts_ms=50, window_ms=0), bid("b1", 100), open_giveaway("g1", lasts_ms=50), enter("e1", "ann"))
    twin.tick(60)
    late = twin.call(award("a1"), draw("d1", "ann"))
    assert [type(outcome) for outcome in late] == [Held, Drawn]


def a_giveaway_is_entered_once_and_drawn_once(twin: Twin) -> None:
    twin.call(open_giveaway("g0"), fund("f1", A, 3, 1), open_giveaway("g1", 4), open_giveaway("g2", 3), fund("f2", A, 1, 1))
    twin.call(open_giveaway("g3", 2), fund("f3", A, 2, 1), open_giveaway("g1", 2), open_giveaway("g3", 2), open_giveaway("g4", 2))
    twin.forget("g4")
    twin.call(open_giveaway("g4", 1), enter("e0", "ann", "g9"), draw("d0", "ann", giveaway="g9"))
    twin.call(*(enter(f"e{name}", name, "g4") for name in ("ann", "bob", "eve")), enter("f9", "ann", "g4"))
    twin.tick(999)
    twin.call(enter("e4", "dan", "g4"), draw("d1", "ann", giveaway="g4"))
    twin.tick(1)
    twin.call(enter("e5", "zoe", "g4"), enter("e6", "bob", "g4"), draw("d2", "ann", "bob", "eve", giveaway="g4"))
    twin.call(draw("d3", "ann", "zoe", giveaway="g4"), draw("d4", "dan", "bob", giveaway="g4"), draw("d5", "ann", giveaway="g4"))
    twin.call(enter("e7", "zoe", "g4"), enter("e8", "bob", "g4"))


def a_giveaway_without_entries_gives_all_back(twin: Twin) -> None:
    twin.call(fund("f1", A, 2, 1), open_giveaway("g1", 2), hold("h1"))
    twin.tick(1000)
    twin.call(draw("d1"), hold("h2"), open_giveaway("g2", 1), enter("e1", "ann", "g2"))
    twin.tick(1000)
    twin.call(draw("d2", "ann", giveaway="g2"))


def only_the_last_giveaways_are_shown(twin: Twin) -> None:
    twin.call(fund("f1", B, 50, 1), *(open_giveaway(f"n{i:02}", 1, 50 - i, B) for i in range(12)))
    twin.tick(50)
    twin.call(*(draw(f"d{i}", giveaway=f"n{i:02}") for i in range(12)))


def a_hold_of_a_lot_may_be_forgotten(twin: Twin) -> None:
    twin.run(fund("f1", A, 2, 1), open_lot("l1", window_ms=0), open_lot("l2", window_ms=0))
    twin.run(bid("b1", 100), bid("b2", 100, lot="l2"))
    twin.tick(1000)
    twin.run(release("r1", "l1"), release("r2", "l2"))
    twin.client.delete(key(twin.show_id, "hold:l1"), key(twin.show_id, "hold:l2"))
    outcomes = twin.run(award("a1"), void("v1", "l2", force=True)).outcomes
    assert [type(outcome).__name__ for outcome in outcomes] == ["Held", "LotVoided"]
    assert twin.client.hget(key(twin.show_id, f"pool:{A}"), "held") == b"1"


def what_a_draw_leaves_is_forgotten_later(twin: Twin) -> None:
    twin.run(fund("f1", A, 2, 1), open_giveaway("g1", 1, 10), enter("e1", "ann"))
    assert twin.client.pttl(key(twin.show_id, "entrants:g1")) == -1
    twin.tick(10)
    twin.run(draw("d1", "ann"))
    assert twin.client.pttl(key(twin.show_id, "entrants:g1")) > 86_400_000


def a_batch_sees_what_it_wrote_itself(twin: Twin) -> None:
    """Bids of one call on one lot: what the call remembers of the lot is what it wrote."""
    twin.call(fund("f1"), open_lot("l1"), bid("b1", 100), maximum("b2", 500, "bob", confirmed=True))
    outcomes = twin.call(bid("b3", 140), bid("b4", 200), void("v1", force=True), bid("b5", 300))
    assert [type(outcome) for outcome in outcomes[:2]] == [BidAccepted, BidAccepted]
    assert outcomes[3] == LotOver("void")


AGREEING: tuple[Callable[[Twin], None], ...] = (
    a_lot_takes_its_units_out_of_the_pool,
    bids_decide_price_and_leader,
    the_first_maximum_pays_the_start_price,
    a_bid_must_be_allowed,
    the_reserve_lifts_the_price,
    early_maxima_count_from_the_start,
    a_lot_lasts_to_its_last_millisecond,
    late_bids_move_the_end,
    a_sold_lot_is_held_for_its_winner,
    a_lot_that_nobody_paid_goes_to_another,
    a_void_lot_gives_back_what_it_has,
    only_the_last_lots_are_shown,
    overdue_lots_are_settled_before_they_are_used,
    overdue_lots_can_be_awarded_and_drawn,
    a_giveaway_is_entered_once_and_drawn_once,
    a_giveaway_without_entries_gives_all_back,
    only_the_last_giveaways_are_shown,
    a_batch_sees_what_it_wrote_itself,
)

SCRIPT_ONLY: tuple[Callable[[Twin], None], ...] = (
    a_hold_of_a_lot_may_be_forgotten,
    what_a_draw_leaves_is_forgotten_later,
)
