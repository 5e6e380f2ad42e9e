"""The rules of sales, coupons and the line, with expected values written out."""

from typing import Any

import pytest

from schemas.events.ledger import (
    AnyLedgerEvent,
    CouponOpened,
    CouponShut,
    HoldRestocked,
    LineState,
    SaleEnded,
    SaleItemState,
    SaleOffer,
    SaleOpened,
    ShowRestored,
    StockFunded,
    StockHeld,
    WaitJoined,
    WaitLeft,
)
from server.ledger.replay import fold
from server.ledger.rules import (
    AnyCommand,
    AnyOutcome,
    Committed,
    Coupon,
    CouponClosed,
    CouponRefused,
    Held,
    Hold,
    HoldGone,
    HoldLine,
    IdempotencyConflict,
    Left,
    LimitReached,
    LineFull,
    LogMismatch,
    Offer,
    Opened,
    Released,
    Restocked,
    SaleClosed,
    SaleNotOpen,
    Show,
    ShowState,
    SoldOut,
    UnknownSku,
    Waiting,
    check,
    refused,
    violations,
)
from tests.ledger.scenarios import (
    A,
    B,
    close_coupon,
    close_sale,
    commit,
    fund,
    hold,
    item,
    leave,
    open_coupon,
    open_sale,
    release,
    restock,
    wait,
)


def funded_show(units: int = 9, limit: int = 9) -> Show:
    """So many caps of A and two of B; time is 1000."""
    show = Show(ShowState("shw_1", ""))
    show.call([("", fund("f1", A, units, limit)), ("", fund("f2", B, 2, 9))], 1000, "e1")
    return show


def outcomes(show: Show, now_ms: int, *commands: AnyCommand) -> tuple[AnyOutcome, ...]:
    found = show.call([("", command) for command in commands], now_ms).outcomes
    assert violations(show.state) == []
    return found


def events(show: Show, now_ms: int, *commands: AnyCommand) -> tuple[AnyLedgerEvent, ...]:
    return show.call([("", command) for command in commands], now_ms).events


def head(seq: int, command_id: str, at_ms: int = 1000) -> dict[str, Any]:
    return {"show_id": "shw_1", "epoch": "e1", "seq": seq, "command_id": command_id, "at_ms": at_ms}


def test_a_sale_says_what_it_sells_and_when() -> None:
    show = funded_show()
    offers = [SaleOffer(sku=A, quantity_max=3, per_buyer_max=2, price_minor=900)]
    assert events(show, 1000, open_sale("s1", starts_in_ms=100, lasts_ms=200)) == (
        SaleOpened(**head(3, "s1"), sale_id="s1", currency="EUR", items=offers, starts_at_ms=1100, ends_at_ms=1300),
    )
    assert show.stored["s1"][1] == Opened(1100, 1300)
    assert outcomes(show, 1099, hold("h1", "ann", (A, 1, "s1"))) == (SaleNotOpen("s1", "announced", 1100),)
    assert outcomes(show, 1100, hold("h2", "ann", (A, 1, "s1"))) == (Held("h2", 2100, 4),)
    assert outcomes(show, 1299, hold("h3", "bob", (A, 1, "s1"))) == (Held("h3", 2299, 5),)
    assert events(show, 1300, hold("h4", "eve", (A, 1, "s1"))) == (SaleEnded(**head(6, "s1", 1300), sale_id="s1", reason="time"),)
    assert show.stored["h4"][1] == SaleNotOpen("s1", "over")


def test_a_sale_binds_besides_the_pool() -> None:
    show = funded_show(units=4, limit=3)
    outcomes(show, 1000, open_sale("s1", item(A, 3, 2)))
    assert outcomes(
        show,
        1000,
        hold("h1", "ann", (A, 3, "s1")),
        hold("h2", "ann", (A, 2, "s1")),
        hold("h3", "ann", (A, 2)),
        hold("h4", "bob", (A, 2, "s1")),
        hold("h5", "bob", (A, 1, "s1")),
        hold("h6", "eve", (A, 1, "s1")),
        hold("h7", "eve", (B, 1, "s1")),
        hold("h8", "eve", (A, 1, "s9")),
    ) == (
        LimitReached(A, 2),
        Held("h2", 2000, 4),
        LimitReached(A, 3),
        SoldOut(A, 1),
        Held("h5", 2000, 5),
        SoldOut(A, 0),
        UnknownSku(B),
        SaleNotOpen("s9", "unknown"),
    )
    assert show.state.sales["s1"].offers[A] == Offer(A, 3, 2, 900, held=3, sold=0)


def test_stock_sold_elsewhere_counts_for_the_sale() -> None:
    show = funded_show(units=4)
    outcomes(show, 1000, open_sale("s1", item(A, 9, 9)), hold("h1", "ann", (A, 3)))
    assert outcomes(show, 1000, hold("h2", "bob", (A, 2, "s1"))) == (SoldOut(A, 1),)


def test_an_event_shows_pool_and_sale_after_each_of_its_lines() -> None:
    show = funded_show()
    outcomes(show, 1000, open_sale("s1", item(A, 5, 5)))
    assert events(show, 1000, hold("h1", "ann", (A, 1), (A, 2, "s1"), (A, 1)))[0] == StockHeld(
        **head(4, "h1"),
        hold_id="h1",
        buyer_id="ann",
        expires_at_ms=2000,
        lines=[
            LineState(sku=A, quantity=2, available=7, held=2, sold=0),
            LineState(
                sku=A, quantity=2, available=5, held=4, sold=0, sale=SaleItemState(sale_id="s1", available=3, held=2, sold=0)
            ),
        ],
    )
    assert show.state.holds["h1"].lines == (HoldLine(A, 2), HoldLine(A, 2, "s1"))


def test_units_go_back_to_pool_sale_and_coupon() -> None:
    show = funded_show()
    outcomes(show, 1000, open_sale("s1", item(A, 3, 3)), open_coupon("o1", "TEN", 1, 1))
    buy = hold("h1", "ann", (A, 3, "s1"), coupon="TEN")
    assert outcomes(show, 1000, buy, commit("c1", "h1")) == (Held("h1", 2000, 5), Committed())
    assert (show.state.sales["s1"].offers[A].sold, show.state.coupons["TEN"].used) == (3, 1)
    given_back = SaleItemState(sale_id="s1", available=3, held=0, sold=0)
    assert events(show, 9000, restock("b1", "h1")) == (
        HoldRestocked(
            **head(7, "b1", 9000),
            hold_id="h1",
            buyer_id="ann",
            lines=[LineState(sku=A, quantity=3, available=9, held=0, sold=0, sale=given_back)],
        ),
    )
    assert show.state.coupons["TEN"] == Coupon(1, 1, used=0)
    assert (show.state.bought, show.state.bought_in_sale, show.state.coupon_uses) == ({}, {}, {})
    assert outcomes(show, 9000, restock("b2", "h1"), commit("c2", "h1"), release("r1", "h1")) == (
        Restocked(),
        HoldGone("restocked"),
        HoldGone("restocked"),
    )


def test_only_what_is_sold_is_restocked() -> None:
    show = funded_show()
    outcomes(show, 1000, hold("h1"), hold("h2"), release("r1", "h2"))
    assert outcomes(show, 1000, restock("b1", "h1"), restock("b2", "h2"), restock("b3", "none")) == (
        HoldGone("held"),
        HoldGone("released"),
        HoldGone("unknown"),
    )
    assert outcomes(show, 2000, restock("b4", "h1")) == (HoldGone("expired"),)


def test_a_host_ends_a_sale_and_its_holds_stay() -> None:
    show = funded_show()
    outcomes(show, 1000, open_sale("s1"), hold("h1", "ann", (A, 1, "s1")))
    assert events(show, 1500, close_sale("x1", "s1")) == (SaleEnded(**head(5, "x1", 1500), sale_id="s1", reason="host"),)
    assert outcomes(
        show, 1500, close_sale("x2", "s1"), close_sale("x3", "s9"), commit("c1", "h1"), hold("h2", "ann", (A, 1, "s1"))
    ) == (SaleClosed(), SaleNotOpen("s9", "unknown"), Committed(), SaleNotOpen("s1", "over"))
    assert show.state.ended == {"sale": ("s1",)}


def test_a_sale_needs_pools_and_an_id_of_its_own() -> None:
    show = funded_show()
    outcomes(show, 1000, hold("h1"))
    show.stored.clear()
    assert outcomes(show, 1000, open_sale("s1", item("?")), open_sale("h1")) == (UnknownSku("?"), IdempotencyConflict())


def test_a_coupon_is_for_so_many_uses_and_so_many_of_one_buyer() -> None:
    show = funded_show()
    assert outcomes(
        show,
        1000,
        hold("h0", "ann", coupon="TEN"),
        open_coupon("o1", "TEN", 3, 2),
        hold("h1", "ann", coupon="TEN"),
        hold("h2", "ann", coupon="TEN"),
        hold("h3", "ann", coupon="TEN"),
        hold("h4", "bob", coupon="TEN"),
        hold("h5", "bob", coupon="TEN"),
        close_coupon("o2"),
        hold("h6", "eve", coupon="TEN"),
        release("r1", "h1"),
    ) == (
        CouponRefused("TEN", "unknown"),
        Opened(0, 0),
        Held("h1", 2000, 4),
        Held("h2", 2000, 5),
        CouponRefused("TEN", "used_by_you"),
        Held("h4", 2000, 6),
        CouponRefused("TEN", "used_up"),
        CouponClosed(),
        CouponRefused("TEN", "closed"),
        Released(),
    )
    assert show.state.coupons["TEN"] == Coupon(3, 2, used=2, shut=True)
    assert events(show, 1000, open_coupon("o3", "TEN", 2, 9)) == (
        CouponOpened(**head(9, "o3"), code="TEN", uses_max=2, per_buyer_max=9),
    )
    assert outcomes(show, 1000, hold("h7", "eve", coupon="TEN")) == (CouponRefused("TEN", "used_up"),)
    assert show.state.pools[A].held == 2, "a refused coupon holds nothing"


def test_free_units_go_to_whoever_waits() -> None:
    show = funded_show(units=1)
    outcomes(show, 1000, hold("h1", "ann"))
    assert events(show, 1000, wait("w1", "bob", hold_ms=300))[0] == WaitJoined(
        **head(4, "w1"), wait_id="w1", buyer_id="bob", sku=A, quantity=1, sale_id="", hold_ms=300
    )
    assert outcomes(show, 1000, wait("w2", "eve")) == (Waiting(2),)
    line = [LineState(sku=A, quantity=1, available=0, held=1, sold=0)]
    answer = show.call([("", release("r1", "h1")), ("", hold("h2", "zoe"))], 1100)
    assert answer.outcomes == (Released(), SoldOut(A, 0)), "who stands in line comes first"
    assert answer.events[1] == StockHeld(
        **head(7, "w1", 1100), hold_id="w1", buyer_id="bob", expires_at_ms=1400, lines=line, waited=True
    )
    assert outcomes(show, 1400, commit("c1", "w2")) == (Committed(),)
    assert show.state.waits == {}


def test_enough_units_are_held_at_once() -> None:
    assert outcomes(funded_show(), 1000, wait("w1"), wait("w2", "ann", "?"), wait("w3", "ann", A, 9)) == (
        Held("w1", 2000, 3),
        UnknownSku("?"),
        LimitReached(A, 9),
    )


def test_whose_wish_fits_is_served_and_equal_wishes_in_order() -> None:
    show = funded_show(units=3)
    outcomes(show, 1000, hold("h1", "ann"), hold("h2", "ann", (A, 2)))
    outcomes(show, 1000, wait("w1", "b1", A, 3), wait("w2", "b2", A, 1), wait("w3", "b3", A, 1), wait("w4", "b4", A, 2))
    assert [event.command_id for event in events(show, 1000, release("r1", "h1"))] == ["r1", "w2"]
    assert [event.command_id for event in events(show, 1000, release("r2", "h2"))] == ["r2", "w3"]
    assert list(show.state.waits) == ["w1", "w4"]
    assert [event.command_id for event in events(show, 1000, fund("f3", A, 4, 9))] == ["f3", "w1", "w4"]


def test_who_cannot_be_served_any_more_leaves() -> None:
    show = funded_show(units=2, limit=2)
    outcomes(show, 1000, open_sale("s1", item(A, 1, 1), lasts_ms=500), hold("h1", "ann", (A, 2)))
    outcomes(show, 1000, wait("w1", "bob", A, 1), wait("w2", "bob", A, 2), wait("w3", "eve", A, 1, "s1"))
    found = events(show, 1100, release("r1", "h1"))[1:]
    assert [type(event) for event in found] == [StockHeld, StockHeld]
    outcomes(show, 1200, wait("w4", "dan", A, 1, "s1"), leave("l1", "none"))
    ended = events(show, 1500)
    assert [(type(event), event.command_id) for event in ended] == [(SaleEnded, "s1"), (WaitLeft, "w4")]
    assert [(type(event), event.command_id) for event in events(show, 1500, fund("f3", A, 2, 2))] == [
        (StockFunded, "f3"),
        (WaitLeft, "w2"),
    ]
    assert outcomes(show, 1500, leave("l2", "w2")) == (Left(),)


def test_a_line_has_an_end() -> None:
    show = funded_show(units=1)
    outcomes(show, 1000, hold("h1"), *(wait(f"w{number}", f"b{number}") for number in range(500)))
    assert outcomes(show, 1000, wait("w500", "zoe")) == (LineFull(),)
    show = funded_show(units=1, limit=99)
    outcomes(show, 1000, hold("h1"), *(wait(f"w{number}", f"b{number}", A, number) for number in range(1, 21)))
    assert outcomes(show, 1000, wait("w21", "zoe", A, 21), wait("w22", "zoe", A, 20)) == (LineFull(), Waiting(21))


@pytest.mark.parametrize(
    ("command", "outcome", "kept"),
    [
        (hold("h1"), SoldOut(A, 0), True),
        (hold("h1"), Held("h1", 1, 1), False),
        (hold("h1"), IdempotencyConflict(), False),
        (wait("w1"), LineFull(), True),
        (wait("w1"), Waiting(1), False),
        (wait("w1"), Held("w1", 1, 1), False),
        (commit("c1", "h1"), HoldGone("expired"), True),
        (commit("c1", "h1"), Committed(), False),
        (release("r1", "h1"), HoldGone("expired"), False),
        (fund("f1"), SoldOut(A, 0), False),
    ],
    ids=repr,
)
def test_what_people_were_refused_is_kept(command: AnyCommand, outcome: AnyOutcome, kept: bool) -> None:
    assert refused(command, outcome) == kept


@pytest.mark.parametrize(
    "command",
    [
        open_sale("s1", item(A, 0)),
        open_sale("s1", item(A, 1, 0)),
        open_sale("s1", item(A, 1, 1, 0)),
        open_sale("s1", item(), item()),
        open_sale("s1", *(item(f"SKU-{number}") for number in range(21))),
        open_sale("s1", starts_in_ms=-1),
        open_sale("s1", lasts_ms=0),
        open_sale("s1", lasts_ms=8 * 24 * 3_600_000),
        open_coupon("o1", uses_max=0),
        open_coupon("o1", per_buyer_max=1_000_001),
        wait("w1", quantity=0),
        wait("w1", hold_ms=0),
        leave("", "w1"),
    ],
    ids=repr,
)
def test_a_senseless_command_is_refused(command: AnyCommand) -> None:
    with pytest.raises(ValueError, match="senseless"):
        check(command)


def test_a_log_that_contradicts_itself_is_noticed() -> None:
    line = LineState(sku=A, quantity=2, available=2, held=0, sold=0)
    start = [StockFunded(**head(1, "f1"), lines=[line], per_buyer_max=2)]
    offer = SaleOffer(sku=A, quantity_max=2, per_buyer_max=2, price_minor=1)
    unknown = SaleOffer(sku=B, quantity_max=2, per_buyer_max=2, price_minor=1)
    opened = SaleOpened(**head(2, "s1"), sale_id="s1", currency="EUR", items=[offer], starts_at_ms=1, ends_at_ms=9)
    ended = SaleEnded(**head(3, "s1"), sale_id="s1", reason="time")
    held_line = LineState(
        sku=A, quantity=1, available=1, held=1, sold=0, sale=SaleItemState(sale_id="s1", available=0, held=1, sold=0)
    )
    held = StockHeld(**head(3, "h1"), hold_id="h1", buyer_id="ann", expires_at_ms=9, lines=[held_line])
    joined = WaitJoined(**head(2, "w1"), wait_id="w1", buyer_id="ann", sku=A, quantity=1, sale_id="", hold_ms=1)
    other_sale = LineState(
        sku=A, quantity=1, available=1, held=1, sold=0, sale=SaleItemState(sale_id="s2", available=1, held=1, sold=0)
    )
    wrong: list[list[AnyLedgerEvent]] = [
        [SaleOpened(**head(2, "s1"), sale_id="s1", currency="EUR", items=[unknown], starts_at_ms=1, ends_at_ms=9)],
        [opened, SaleOpened(**head(3, "s1"), sale_id="s1", currency="EUR", items=[offer], starts_at_ms=1, ends_at_ms=9)],
        [opened, ended, SaleEnded(**head(4, "s1"), sale_id="s1", reason="time")],
        [SaleEnded(**head(2, "s1"), sale_id="s1", reason="time")],
        [opened, held],
        [opened, StockHeld(**head(3, "h1"), hold_id="h1", buyer_id="ann", expires_at_ms=9, lines=[other_sale])],
        [joined, WaitJoined(**head(3, "w1"), wait_id="w1", buyer_id="ann", sku=A, quantity=1, sale_id="", hold_ms=1)],
        [WaitLeft(**head(2, "w1"), wait_id="w1")],
        [CouponShut(**head(2, "o1"), code="TEN")],
        [StockHeld(**head(2, "h1"), hold_id="h1", buyer_id="ann", expires_at_ms=9, lines=[], waited=True)],
        [StockHeld(**head(2, "h1"), hold_id="h1", buyer_id="ann", expires_at_ms=9, lines=[], coupon="TEN")],
    ]  # fmt: skip
    for events_after in wrong:
        with pytest.raises(LogMismatch):
            fold("shw_1", [*start, *events_after])


def test_a_restored_show_goes_on_in_another_epoch() -> None:
    line = LineState(sku=A, quantity=2, available=2, held=0, sold=0)
    start = StockFunded(**head(1, "f1"), lines=[line], per_buyer_max=2)
    again: dict[str, Any] = {**head(2, "restore"), "epoch": "e2"}
    state = fold("shw_1", [start, ShowRestored(**again, previous_epoch="e1")])
    assert (state.epoch, state.seq, state.pools[A].available) == ("e2", 2, 2)
    with pytest.raises(LogMismatch):
        fold("shw_1", [start, ShowRestored(**again, previous_epoch="e0")])


def test_broken_promises_of_a_state_are_named() -> None:
    show = funded_show()
    buy = Hold(command_id="h1", buyer_id="ann", lines=(HoldLine(A, 1, "s1"),), hold_ms=1000, coupon="TEN")
    outcomes(show, 1000, open_sale("s1"), open_coupon("o1"), buy, fund("f3", B, -2, 9), wait("w1", "bob", B))
    state = show.state
    assert violations(state) == []
    state.bought_in_sale["s1", A, "bob"] = 1
    state.coupon_uses["TEN", "bob"] = 1
    state.coupons["TEN"] = Coupon(3, 2, used=7)
    state.sales["s1"].offers[A] = Offer(A, 3, 2, 900, held=7)  # type: ignore[index]
    state.holds["w1"] = state.holds["h1"]
    found = "\n".join(violations(state))
    for words in ("units by buyer and sale", "uses of coupons", "coupon TEN is", "out of bounds, or not", "waits and is served"):
        assert words in found
