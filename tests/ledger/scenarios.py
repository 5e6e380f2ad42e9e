"""Short histories that reach every branch of every script: fast, deterministic, and run often by `test_mutations.py`."""

from collections.abc import Callable

from server.ledger.rules import (
    ENDED_MAX,
    LAG_MAX,
    Behind,
    CloseCoupon,
    CloseSale,
    Commit,
    CouponRefused,
    Extend,
    Fenced,
    Fund,
    Funded,
    Hold,
    HoldGone,
    HoldLine,
    IdempotencyConflict,
    Leave,
    LineFull,
    OpenCoupon,
    OpenSale,
    Release,
    Restock,
    SaleItem,
    SaleNotOpen,
    SoldOut,
    Wait,
    Waiting,
)
from server.ledger.wire import key
from tests.ledger.twin import Twin

A, B = "CAP-A", "CAP-B"


def fund(command_id: str, sku: str = A, quantity: int = 5, per_buyer_max: int = 3) -> Fund:
    return Fund(command_id=command_id, sku=sku, quantity=quantity, per_buyer_max=per_buyer_max)


Line = tuple[str, int] | tuple[str, int, str]


def hold(hold_id: str, buyer: str = "ann", *lines: Line, hold_ms: int = 1000, coupon: str = "") -> Hold:
    wanted = tuple(HoldLine(*line) for line in lines or [(A, 1)])
    return Hold(command_id=hold_id, buyer_id=buyer, lines=wanted, hold_ms=hold_ms, coupon=coupon)


def extend(command_id: str, hold_id: str, hold_ms: int = 1000) -> Extend:
    return Extend(command_id=command_id, hold_id=hold_id, hold_ms=hold_ms)


def commit(command_id: str, hold_id: str) -> Commit:
    return Commit(command_id=command_id, hold_id=hold_id)


def release(command_id: str, hold_id: str) -> Release:
    return Release(command_id=command_id, hold_id=hold_id)


def restock(command_id: str, hold_id: str) -> Restock:
    return Restock(command_id=command_id, hold_id=hold_id)


def wait(wait_id: str, buyer: str = "ann", sku: str = A, quantity: int = 1, sale_id: str = "", hold_ms: int = 1000) -> Wait:
    return Wait(command_id=wait_id, buyer_id=buyer, line=HoldLine(sku, quantity, sale_id), hold_ms=hold_ms)


def leave(command_id: str, wait_id: str) -> Leave:
    return Leave(command_id=command_id, wait_id=wait_id)


def item(sku: str = A, quantity_max: int = 3, per_buyer_max: int = 2, price_minor: int = 900) -> SaleItem:
    return SaleItem(sku, quantity_max, per_buyer_max, price_minor)


def open_sale(sale_id: str, *items: SaleItem, starts_in_ms: int = 0, lasts_ms: int = 100_000) -> OpenSale:
    offers = items or (item(),)
    return OpenSale(command_id=sale_id, items=offers, currency="EUR", starts_in_ms=starts_in_ms, lasts_ms=lasts_ms)


def close_sale(command_id: str, sale_id: str) -> CloseSale:
    return CloseSale(command_id=command_id, sale_id=sale_id)


def open_coupon(command_id: str, code: str = "TEN", uses_max: int = 3, per_buyer_max: int = 2) -> OpenCoupon:
    return OpenCoupon(command_id=command_id, code=code, uses_max=uses_max, per_buyer_max=per_buyer_max)


def close_coupon(command_id: str, code: str = "TEN") -> CloseCoupon:
    return CloseCoupon(command_id=command_id, code=code)


def pools_are_funded_and_emptied(twin: Twin) -> None:
    twin.call(fund("f0", A, -1), fund("f1", A, 0), fund("f2", A, 5, 2), fund("f3", B, 7))
    twin.call(fund("f4", A, -5), fund("f5", A, -1), fund("f6", A, 1, 9), fund("f7", A, 0, 4))
    twin.call(hold("h1"), fund("f8", A, -1))
    assert twin.call(fund("f9", B, -8), fund("fa", B, -7)) == (SoldOut(B, 7), twin.show.stored["fa"][1])


def stock_ends_exactly_at_zero(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 3), hold("h1", "ann", (A, 4)), hold("h2", "bob", (A, 2)), hold("h3", "eve", (A, 2)))
    twin.call(hold("h4", "eve", (A, 1)), hold("h5", "dan", (A, 1)), hold("h6", "dan", ("NONE", 1)), commit("c1", "h2"))
    twin.call(hold("h7", "zoe", (A, 1)))


def one_buyer_takes_no_more_than_the_limit(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 3), hold("h1", "ann", (A, 2)), hold("h2", "ann", (A, 2)), hold("h3", "ann", (A, 1)))
    twin.call(hold("h4", "ann"), commit("c1", "h1"), hold("h5", "ann"), release("r1", "h3"), hold("h6", "ann"))
    twin.call(hold("h7", "bob", (A, 3)), hold("h8", "bob"))


def several_lines_are_held_all_or_none(twin: Twin) -> None:
    twin.call(fund("f1", A, 5, 5), fund("f2", B, 1, 5))
    twin.call(hold("h1", "ann", (A, 1), (B, 2)), hold("h2", "ann", (B, 1), (A, 2)), hold("h3", "bob", (A, 1), (B, 1)))
    twin.call(hold("h4", "bob", (A, 1), ("NONE", 1)), hold("h5", "bob", (A, 3)))


def two_lines_of_one_sku_are_one_demand(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 9), fund("f2", B, 9, 3))
    twin.call(hold("h1", "ann", (A, 2), (A, 2)), hold("h2", "ann", (B, 2), (B, 2)), hold("h3", "ann", (A, 2), (B, 1), (A, 1)))
    twin.call(commit("c1", "h3"))


def a_hold_ends_once(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), *(hold(f"h{i}") for i in range(4)))
    twin.call(commit("c0", "h0"), commit("c1", "h0"), release("r1", "h0"), extend("x1", "h0"))
    twin.call(release("r2", "h1"), release("r3", "h1"), commit("c2", "h1"), extend("x2", "h1"))
    twin.tick(1000)
    twin.call(commit("c3", "h2"), release("r4", "h2"), extend("x3", "h3"))
    twin.call(commit("c4", "none"), release("r5", "none"), extend("x4", "none"))


def a_hold_lasts_to_its_last_millisecond(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 9), hold("h1", hold_ms=1000), hold("h2", hold_ms=1000), hold("h3", hold_ms=1001))
    twin.tick(999)
    twin.call(commit("c1", "h1"), hold("h4", "bob"))
    twin.tick(1)
    twin.call(hold("h5", "bob"), hold("h6", "bob"))
    twin.call(commit("c2", "h3"), commit("c3", "h2"))


def overdue_units_are_free_for_the_next_buyer(twin: Twin) -> None:
    twin.call(fund("f1", A, 2, 2), fund("f2", B, 2, 2), hold("h1", "ann", (A, 2), (B, 1)))
    twin.call(hold("h2", "bob"))
    twin.tick(5000)
    twin.call(hold("h3", "ann", (A, 2), (B, 2)))


def an_empty_call_sweeps_and_makes_no_show(twin: Twin) -> None:
    twin.call()
    twin.call(fund("f1", A, 2, 2), hold("h1"), hold("h2"))
    twin.tick(1000)
    twin.call()
    twin.call()


def an_extension_works_once_and_never_shortens(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), *(hold(f"h{i}") for i in range(4)))
    twin.tick(500)
    twin.call(extend("x1", "h0", 500), extend("x2", "h1", 499), extend("x3", "h2", 501))
    twin.call(extend("x4", "h0", 900), extend("x5", "h2", 900), extend("x6", "h0", 950))
    twin.tick(500)
    twin.call(commit("c1", "h2"), commit("c2", "h0"))
    twin.tick(400)
    twin.call(commit("c3", "h0"))


def a_backlog_of_overdue_holds_is_bounded_but_sells_nothing_twice(twin: Twin) -> None:
    many = [hold(f"h{i:03}", f"buyer{i}") for i in range(104)]
    twin.call(fund("f1", A, 104, 1), *many)
    twin.tick(1000)
    twin.call(commit("c1", "h103"), release("r1", "h102"), extend("x1", "h101"))
    twin.compare()
    twin.call(commit("c2", "h100"), hold("new", "zoe"))


def a_known_id_gets_its_first_outcome(twin: Twin) -> None:
    twin.call(fund("f1", A, 2, 1), hold("h1", "ann"), hold("h1", "ann"), hold("h1", "bob"), hold("h2", "ann"))
    twin.call(fund("f1", A, 2, 1), fund("f1", A, 3, 1), fund("f2", A, 5, 5), hold("h2", "ann"), commit("h1", "h1"))
    twin.call(commit("c1", "h1"), commit("c1", "h1"), commit("c1", "h2"), release("c1", "h1"))
    twin.tick(5000)
    twin.call(hold("h1", "ann"), commit("c1", "h1"), release("r1", "h1"), release("r1", "h1"))


def an_id_stays_used_up_when_its_outcome_is_forgotten(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), hold("h1"), hold("h2"), commit("c1", "h1"))
    for command_id in ("h1", "h2", "c1"):
        twin.forget(command_id)
    twin.call(hold("h1"), hold("h2", "bob"), commit("c1", "h1"))


def another_life_of_the_show_is_refused(twin: Twin) -> None:
    twin.call(fund("f1"))
    twin.call(hold("h1"), known_epoch=twin.epoch)
    twin.call(hold("h2"), hold("h1"), known_epoch="of-yore")
    twin.call(hold("h2"))


def a_fenced_show_decides_nothing(twin: Twin) -> None:
    twin.call(fund("f1"), hold("h1", hold_ms=500), hold("h2"))
    twin.tick(600)
    twin.fence("audit")
    twin.call(hold("h3"), hold("h1", hold_ms=500), commit("c1", "h2"))
    twin.compare()
    twin.call()
    twin.fence("")
    twin.call(hold("h3"), commit("c1", "h2"))


def the_record_in_sql_must_keep_up(twin: Twin) -> None:
    twin.call(fund("f1"))
    twin.project(1 - LAG_MAX)
    twin.call(fund("f2"))
    assert twin.call(fund("f3"), hold("h1"), fund("f1")) == (Behind(LAG_MAX + 1), Behind(LAG_MAX + 1), Funded())
    twin.project(2)
    twin.call(hold("h1"))


def a_sold_hold_is_restocked_once(twin: Twin) -> None:
    twin.call(fund("f1", A, 4, 3), *(hold(f"h{i}", hold_ms=1000) for i in range(3)), commit("c1", "h0"), release("r1", "h1"))
    twin.call(restock("s1", "h0"), restock("s2", "h0"), restock("s3", "h1"), restock("s4", "h2"), restock("s5", "none"))
    twin.call(commit("c2", "h0"), release("r2", "h0"), hold("h4", "ann", (A, 2)))
    twin.tick(1000)
    twin.call(restock("s6", "h2"), hold("h5", "bob", (A, 3)), commit("c3", "h5"), hold("h6", "bob"))
    twin.forget("s1")
    twin.call(restock("s1", "h0"))


def an_overdue_hold_is_not_restocked(twin: Twin) -> None:
    many = [hold(f"h{i:03}", f"buyer{i}") for i in range(101)]
    twin.call(fund("f1", A, 101, 1), *many)
    twin.tick(1000)
    assert twin.call(restock("s1", "h100")) == (HoldGone("expired"),)


def a_sale_sells_within_its_time(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), fund("f2", B, 9, 9), open_sale("s1", item(A, 9, 9), starts_in_ms=100, lasts_ms=200))
    twin.call(hold("h1", "ann", (A, 1, "s1")), hold("h2", "ann", (A, 1, "none")), hold("h3"))
    twin.tick(99)
    assert twin.call(hold("h4", "ann", (A, 1, "s1")))[0] == SaleNotOpen("s1", "announced", twin.now_ms + 1)
    twin.tick(1)
    twin.call(hold("h5", "ann", (A, 1, "s1")), hold("h6", "ann", (B, 1, "s1")))
    twin.tick(199)
    twin.call(hold("h7", "ann", (A, 1, "s1")))
    twin.compare()
    twin.tick(1)
    twin.call(hold("h8", "ann", (A, 1, "s1")), hold("h9", "ann", (A, 1)), commit("c1", "h7"), close_sale("x1", "s1"))


def a_sale_has_limits_of_its_own(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 3), fund("f2", B, 1, 9), open_sale("s1", item(A, 4, 2), item(B, 5, 5)))
    twin.call(hold("h1", "ann", (A, 3, "s1")), hold("h2", "ann", (A, 2, "s1")), hold("h3", "ann", (A, 1, "s1")))
    twin.call(hold("h4", "ann", (A, 2)), hold("h5", "ann", (A, 1)), hold("h6", "bob", (A, 1, "s1"), (A, 2)))
    twin.call(hold("h7", "eve", (A, 2, "s1")), hold("h8", "eve", (A, 1, "s1")), hold("h9", "dan", (A, 1, "s1")))
    assert twin.call(hold("ha", "dan", (B, 2, "s1")))[0] == SoldOut(B, 1)
    twin.call(hold("hb", "dan", (B, 1, "s1"), (B, 1)), hold("hc", "dan", (B, 1, "s1")))
    twin.call(commit("c1", "h2"), commit("c2", "hc"), hold("hd", "ann", (A, 1, "s1")))


def lines_at_two_prices_are_one_demand_on_the_pool(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 9), fund("f2", B, 9, 3), open_sale("s1", item(A, 9, 9), item(B, 9, 9)), open_sale("s2"))
    twin.call(hold("h1", "ann", (A, 2, "s1"), (A, 2)), hold("h2", "ann", (B, 2), (B, 2, "s1")))
    twin.call(hold("h3", "ann", (A, 1), (A, 1, "s1"), (A, 1, "s2")), hold("h4", "ann", (B, 1, "s1"), (B, 1), (B, 1, "s1")))
    twin.call(commit("c1", "h3"), release("r1", "h4"))


def a_sale_gets_its_units_back(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), open_sale("s1", item(A, 3, 3)))
    twin.call(*(hold(f"h{i}", "ann", (A, 1, "s1"), hold_ms=1000 + i) for i in range(3)), hold("h3", "bob", (A, 1, "s1")))
    twin.call(release("r1", "h0"), commit("c1", "h1"), hold("h4", "bob", (A, 2, "s1")), hold("h5", "bob", (A, 1, "s1")))
    twin.call(restock("b1", "h1"), hold("h6", "bob", (A, 1, "s1"), hold_ms=9000))
    twin.tick(1002)
    twin.call(hold("h7", "eve", (A, 3, "s1")), hold("h8", "eve", (A, 2, "s1")))
    twin.call(close_sale("x1", "s1"), release("r2", "h6"), release("r3", "h8"))


def a_sale_is_closed_once(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), open_sale("s1"), open_sale("s2", starts_in_ms=50), open_sale("s3", item(), item("NONE")))
    twin.call(hold("h1", "ann", (A, 1, "s1")), close_sale("x1", "s1"), close_sale("x2", "s1"), close_sale("x3", "none"))
    twin.call(hold("h2", "ann", (A, 1, "s1")), commit("c1", "h1"), close_sale("x4", "s2"), hold("h3", "ann", (A, 1, "s2")))
    twin.tick(200_000)
    twin.call(hold("h4", "ann", (A, 1, "s1")))


def a_sale_that_the_sweep_left_over_sells_nothing(twin: Twin) -> None:
    many = [hold(f"h{i:03}", f"buyer{i}") for i in range(100)]
    twin.call(fund("f1", A, 101, 2), fund("f2", B, 1, 1), *many, open_sale("s1", item(B, 9, 9), lasts_ms=1001))
    twin.call(open_sale("s2", item(B, 9, 9), lasts_ms=1001), hold("k1", "bob", (B, 1)), wait("w1", "eve", B, 1, "s1"))
    twin.tick(1001)
    twin.call(hold("new", "zoe", (B, 1, "s1")), close_sale("x1", "s1"), close_sale("x2", "s1"), release("r1", "k1"))
    twin.compare()
    twin.call()


def somebody_in_line_for_a_sale_that_the_sweep_left_over_is_not_served(twin: Twin) -> None:
    many = [hold(f"h{i:03}", f"buyer{i}") for i in range(100)]
    twin.call(fund("f1", A, 101, 2), fund("f2", B, 1, 1), *many, open_sale("s1", item(B, 9, 9), lasts_ms=1001))
    twin.call(hold("k1", "bob", (B, 1), hold_ms=9000), wait("w1", "eve", B, 1, "s1"))
    twin.tick(1001)
    twin.call(release("r1", "k1"))
    twin.compare()
    twin.call()


def a_snapshot_forgets_the_oldest_that_ended(twin: Twin) -> None:
    sales = [f"s{number:02}" for number in range(ENDED_MAX + 2)]
    twin.call(fund("f1"), *(open_sale(sale_id) for sale_id in sales), open_coupon("o1"), open_coupon("o2", "MORE"))
    twin.call(*(close_sale(f"x-{sale_id}", sale_id) for sale_id in sales[1:]), close_coupon("o3"))


def the_id_of_a_thing_stays_used_up(twin: Twin) -> None:
    twin.call(fund("f1", A, 1, 9), open_sale("s1", item(A, 9, 9)), hold("h1"), wait("w1", "bob"))
    for ident in ("s1", "h1", "w1"):
        twin.forget(ident)
    conflicts = twin.call(*(open_sale(ident) for ident in ("s1", "h1", "w1")))
    assert set(conflicts) == {IdempotencyConflict()}
    for ident in ("s1", "h1", "w1"):
        twin.forget(ident)
    assert set(twin.call(*(hold(ident) for ident in ("s1", "h1", "w1")))) == {IdempotencyConflict()}
    for ident in ("s1", "h1", "w1"):
        twin.forget(ident)
    assert set(twin.call(*(wait(ident) for ident in ("s1", "h1", "w1")))) == {IdempotencyConflict()}


def a_coupon_is_used_so_often(twin: Twin) -> None:
    twin.call(fund("f1", A, 99, 99), hold("h0", coupon="TEN"), open_coupon("o1", "TEN", 3, 2), hold("h1", coupon="TEN"))
    twin.call(
        hold("h2", coupon="TEN"), hold("h3", coupon="TEN"), hold("h4", "bob", coupon="TEN"), hold("h5", "bob", coupon="TEN")
    )
    twin.call(hold("h6", "bob"), open_coupon("o2", "TEN", 4, 1), hold("h7", "bob", coupon="TEN"), hold("h8", "eve", coupon="TEN"))
    assert twin.call(hold("h9", "dan", (A, 1000), coupon="TEN"))[0] != CouponRefused("TEN", "used_up")
    assert twin.call(hold("ha", "dan", coupon="TEN"))[0] == CouponRefused("TEN", "used_up")


def a_coupon_gets_its_use_back(twin: Twin) -> None:
    twin.call(fund("f1", A, 99, 99), open_coupon("o1", "TEN", 2, 2))
    twin.call(hold("h1", coupon="TEN"), hold("h2", coupon="TEN", hold_ms=500), hold("h3", coupon="TEN"), release("r1", "h1"))
    twin.call(hold("h4", coupon="TEN"), hold("h5", "bob", coupon="TEN"))
    twin.tick(500)
    twin.call(hold("h6", "bob", coupon="TEN"), commit("c1", "h6"), commit("c2", "h4"), hold("h7", "eve", coupon="TEN"))
    twin.call(restock("b1", "h6"), hold("h8", "eve", coupon="TEN"), hold("h9", "bob", coupon="TEN"))


def a_closed_coupon_takes_no_more(twin: Twin) -> None:
    twin.call(fund("f1", A, 99, 99), close_coupon("o0"), open_coupon("o1"), hold("h1", coupon="TEN"), close_coupon("o2"))
    twin.call(hold("h2", coupon="TEN"), close_coupon("o3"), release("r1", "h1"), hold("h3", coupon="TEN"))
    twin.call(open_coupon("o4"), hold("h4", coupon="TEN"))


def the_line_is_served_when_units_become_free(twin: Twin) -> None:
    twin.call(fund("f1", A, 4, 9), *(hold(f"h{i}", "ann", hold_ms=1000 + i) for i in range(4)))
    assert twin.call(*(wait(f"w{i}", f"b{i}", hold_ms=5000) for i in range(5))) == tuple(Waiting(i) for i in range(1, 6))
    twin.call(release("r1", "h0"), hold("k1", "eve"), commit("c1", "h1"))
    twin.tick(1002)
    twin.call(hold("k2", "eve"))
    twin.call(restock("b1", "h1"), hold("k3", "eve"))
    twin.compare()
    twin.call(fund("f2", A, 2, 9), hold("k4", "eve"), wait("w9", "zoe"), hold("k5", "eve"))
    twin.tick(5000)
    twin.call(commit("c2", "w9"), commit("c3", "w0"))


def who_waits_longest_and_fits_is_served(twin: Twin) -> None:
    twin.call(fund("f1", A, 6, 9), *(hold(f"h{i}", "ann") for i in range(6)))
    twin.call(
        wait("w0", "b0", A, 3), wait("w1", "b1", A, 2), wait("w2", "b2", A, 3), wait("w3", "b3", A, 1), wait("w4", "b4", A, 2)
    )
    twin.call(wait("w5", "b5", A, 1), release("r0", "h0"))
    twin.compare()
    twin.call(release("r1", "h1"), release("r2", "h2"))
    twin.call(fund("f2", A, 1, 9), fund("f3", A, 3, 9), fund("f4", A, 5, 9))


def the_line_of_a_sku_has_its_own_order(twin: Twin) -> None:
    twin.call(fund("f1", A, 1, 9), fund("f2", B, 1, 9), fund("f3", "Zж", 1, 9), hold("h1", "ann", ("Zж", 1), (B, 1), (A, 1)))
    twin.call(wait("w1", "b1", "Zж"), wait("w2", "b2", A), wait("w3", "b3", B), wait("w4", "b4", A))
    twin.call(release("r1", "h1"))


def somebody_leaves_the_line(twin: Twin) -> None:
    twin.call(fund("f1", A, 1, 9), hold("h1"), *(wait(f"w{i}", f"b{i}") for i in range(4)), wait("w5", "b5", A, 2))
    twin.call(leave("l1", "w1"), leave("l2", "w1"), leave("l3", "none"), leave("l4", "w0"))
    twin.compare()
    twin.call(release("r1", "h1"), leave("l5", "w2"), leave("l6", "w5"))
    twin.compare()
    twin.call(leave("l7", "w3"), release("r2", "w2"))


def waiting_that_cannot_help_is_refused(twin: Twin) -> None:
    twin.call(fund("f1", A, 2, 2), open_sale("s1", item(A, 1, 1), lasts_ms=500), open_sale("s2", starts_in_ms=100))
    twin.call(wait("w1", "ann", "NONE"), wait("w2", "ann", A, 3), wait("w3", "ann", A, 1, "none"), wait("w4", "ann", A, 2, "s1"))
    twin.call(wait("w5", "ann", A, 1, "s1"), wait("w6", "bob", A, 1, "s1"), wait("w7", "bob", A, 1, "s2"), hold("h1", "bob"))
    twin.tick(500)
    twin.call(wait("w8", "eve", A, 1, "s1"))


def who_has_bought_meanwhile_leaves_the_line(twin: Twin) -> None:
    twin.call(fund("f1", A, 2, 2), fund("f2", B, 1, 1), open_sale("s1", item(A, 1, 1)), hold("h1", "ann", (A, 2)))
    twin.call(wait("w1", "bob", A, 2), wait("w2", "bob", A, 1), wait("w3", "eve", A, 1), release("r1", "h1"))
    twin.call(wait("w4", "bob", A, 1), wait("w5", "dan", A, 1), wait("w6", "dan", A, 1), wait("w7", "zoe", A, 1, "s1"))
    twin.call(fund("f3", A, 3, 1))


def a_line_for_a_sale_waits_for_its_units_and_ends_with_it(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), fund("f2", B, 1, 9), open_sale("s1", item(A, 1, 1), item(B, 9, 9), lasts_ms=3000))
    twin.call(hold("h1", "ann", (A, 1, "s1"), hold_ms=500), hold("h2", "ann", (B, 1)))
    twin.call(wait("w1", "bob", A, 1, "s1"), wait("w2", "eve", A, 1, "s1"), wait("w3", "dan", B, 1, "s1"), wait("w4", "dan", B))
    twin.call(hold("h3", "zoe"), release("r0", "h3"))
    twin.tick(500)
    twin.call()
    twin.compare()
    twin.call(close_sale("x1", "s1"))
    twin.compare()
    twin.call(release("r1", "h2"))


def the_line_for_a_sale_leaves_at_its_time(twin: Twin) -> None:
    twin.call(fund("f1", A, 1, 9), open_sale("s1", item(A, 9, 9), lasts_ms=500), hold("h1", "ann"))
    twin.call(wait("w1", "bob", A, 1, "s1"), wait("w2", "eve", A, 1, "s1"), wait("w3", "dan", A, 1))
    twin.tick(500)
    twin.call()
    twin.compare()
    twin.call(release("r1", "h1"))


def a_line_has_an_end(twin: Twin) -> None:
    twin.call(fund("f1", A, 1, 9), hold("h1"), *(wait(f"w{i}", f"b{i}") for i in range(499)))
    assert twin.call(wait("w499", "b499"), wait("w500", "b500")) == (Waiting(500), LineFull())
    twin.call(leave("l1", "w7"), wait("w501", "b501", A, 2), wait("w502", "b502"))


def a_line_has_so_many_different_wishes(twin: Twin) -> None:
    twin.call(fund("f1", A, 1, 99), hold("h1"), *(wait(f"w{i}", f"b{i}", A, i) for i in range(2, 21)))
    twin.call(wait("w21", "b21", A, 21), wait("w22", "b22", A, 22), wait("w23", "b23", A, 20))


def a_long_line_is_served_in_several_calls(twin: Twin) -> None:
    twin.call(fund("f1", A, 1, 9), fund("f2", B, 1, 9), hold("h1", "ann", (A, 1), (B, 1)))
    twin.call(*(wait(f"w{i:03}", f"b{i}", A if i < 102 else B) for i in range(105)))
    twin.call(fund("f3", A, 500, 9), fund("f4", B, 500, 9))
    twin.compare()
    twin.fence("audit")
    twin.call()
    twin.compare()
    twin.fence("")
    twin.call()


def a_script_that_fails_half_way_fences_the_show(twin: Twin) -> None:
    twin.call(fund("f1"), hold("h1"))
    twin.client.set(key(twin.show_id, "log"), "not a stream")
    answer = twin.run(hold("h2"), hold("h3"))
    assert [type(outcome) for outcome in answer.outcomes] == [Fenced, Fenced], answer
    assert answer.outcomes[0] == answer.outcomes[1]
    assert b"WRONGTYPE" in twin.client.hget(key(twin.show_id, "meta"), "fence")
    assert not twin.client.exists(key(twin.show_id, "cmd:h2"))
    twin.client.delete(key(twin.show_id, "log"))
    assert [type(outcome) for outcome in twin.run(hold("h4")).outcomes] == [Fenced]


def a_sweep_that_fails_fences_the_show(twin: Twin) -> None:
    twin.call(fund("f1"))
    twin.client.set(key(twin.show_id, "due"), "not a sorted set")
    answer = twin.run(hold("h2"))
    assert [type(outcome) for outcome in answer.outcomes] == [Fenced], answer
    assert b"WRONGTYPE" in twin.client.hget(key(twin.show_id, "meta"), "fence")
    assert answer.swept == 0


def a_line_that_fails_fences_the_show(twin: Twin) -> None:
    twin.call(fund("f1"))
    twin.client.set(key(twin.show_id, "freed"), "not a sorted set")
    twin.run()
    assert b"WRONGTYPE" in twin.client.hget(key(twin.show_id, "meta"), "fence")
    assert [type(outcome) for outcome in twin.run(hold("h2")).outcomes] == [Fenced]


def what_never_reached_the_log_is_not_counted(twin: Twin) -> None:
    twin.call(fund("f1"), hold("h1"))
    twin.client.set(key(twin.show_id, "log"), "not a stream")
    assert twin.run(hold("h2")).seq == 2
    assert twin.client.hget(key(twin.show_id, "meta"), "seq") == b"2"


def the_time_is_the_servers(twin: Twin) -> None:
    twin.client.hset(key(twin.show_id, "meta"), "last_ms", 0)
    before_s, before_us = twin.client.time()
    now_ms = twin.run(fund("f1")).now_ms
    after_s, after_us = twin.client.time()
    assert before_s * 1000 + before_us // 1000 <= now_ms <= after_s * 1000 + after_us // 1000
    assert int(twin.client.hget(key(twin.show_id, "meta"), "last_ms")) == now_ms


AGREEING: tuple[Callable[[Twin], None], ...] = (
    pools_are_funded_and_emptied,
    stock_ends_exactly_at_zero,
    one_buyer_takes_no_more_than_the_limit,
    several_lines_are_held_all_or_none,
    two_lines_of_one_sku_are_one_demand,
    a_hold_ends_once,
    a_hold_lasts_to_its_last_millisecond,
    overdue_units_are_free_for_the_next_buyer,
    an_empty_call_sweeps_and_makes_no_show,
    an_extension_works_once_and_never_shortens,
    a_backlog_of_overdue_holds_is_bounded_but_sells_nothing_twice,
    a_known_id_gets_its_first_outcome,
    an_id_stays_used_up_when_its_outcome_is_forgotten,
    another_life_of_the_show_is_refused,
    a_fenced_show_decides_nothing,
    the_record_in_sql_must_keep_up,
    a_sold_hold_is_restocked_once,
    an_overdue_hold_is_not_restocked,
    a_sale_sells_within_its_time,
    a_sale_has_limits_of_its_own,
    lines_at_two_prices_are_one_demand_on_the_pool,
    a_sale_gets_its_units_back,
    a_sale_is_closed_once,
    a_sale_that_the_sweep_left_over_sells_nothing,
    somebody_in_line_for_a_sale_that_the_sweep_left_over_is_not_served,
    a_snapshot_forgets_the_oldest_that_ended,
    the_id_of_a_thing_stays_used_up,
    a_coupon_is_used_so_often,
    a_coupon_gets_its_use_back,
    a_closed_coupon_takes_no_more,
    the_line_is_served_when_units_become_free,
    who_waits_longest_and_fits_is_served,
    the_line_of_a_sku_has_its_own_order,
    somebody_leaves_the_line,
    waiting_that_cannot_help_is_refused,
    who_has_bought_meanwhile_leaves_the_line,
    a_line_for_a_sale_waits_for_its_units_and_ends_with_it,
    the_line_for_a_sale_leaves_at_its_time,
    a_line_has_an_end,
    a_line_has_so_many_different_wishes,
    a_long_line_is_served_in_several_calls,
)
"""Histories that both sides go through; everything kept is compared at the end."""

SCRIPT_ONLY: tuple[Callable[[Twin], None], ...] = (
    a_script_that_fails_half_way_fences_the_show,
    a_sweep_that_fails_fences_the_show,
    a_line_that_fails_fences_the_show,
    what_never_reached_the_log_is_not_counted,
    the_time_is_the_servers,
)
"""Histories that only the script knows: the rules have no half-written state and no clock."""
