"""Money back: parts add up to the whole, in any split and any order, and never exceed it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import (
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    ORDER_NOT_REFUNDABLE,
    REFUND_TOO_LARGE,
    WRONG_CURRENCY,
    Refusal,
    WireError,
)
from schemas.events.orders import RefundRequested
from schemas.http.orders import LinePart, PlaceOrder, RefundOrder
from schemas.money import Amounts
from server.ledger.rules import Held
from server.modules.orders import rules
from server.modules.orders.rules import Cart, Change, Order, Who
from tests.modules.orders.test_pricing import a_cart, coupon, eur, line, option

NOW_MS = 1_000


def a_paid_order(*prices: tuple[int, int], percent: int = 0, shipping: int = 0, rate: int = 2_000, **fields: object) -> Order:
    """A paid order of (price, quantity), with a coupon and a delivery."""
    cart: Cart | Refusal = a_cart(*prices, tax_rate_bp=rate)
    if percent:
        assert isinstance(cart, Cart)
        cart = rules.with_coupon(cart, "SPRING", coupon(percent=percent), [], new_buyer=True)
    if shipping:
        assert isinstance(cart, Cart)
        cart = rules.with_shipping(cart, None, [option("post", shipping, tax=rate)], "DE")
    assert isinstance(cart, Cart)
    body = PlaceOrder(order_id="ord_" + "1" * 32, show_id="shw_" + "1" * 32, lines=[line("S0", 1)])
    order = rules.placed(body, cart, Who("gst_1", "Bea", "acc_1"), Held(body.order_id, 500, 1), 100).order
    paid = {"state": "confirmed", "payment": "captured", "confirmed_at_ms": 1, "paid_at_ms": 1, "payment_id": "pay_1"}
    return msgspec.structs.replace(order, view=msgspec.structs.replace(order.view, **{**paid, **fields}))


def a_refund(number: int, **fields: object) -> RefundOrder:
    return msgspec.convert({"refund_id": f"rfd_{number:032x}", "reason": "late", **fields}, RefundOrder)


def give(order: Order, body: RefundOrder) -> Change | Refusal:
    wish = rules.wanted(order, body, rules.digest(body))
    return wish if isinstance(wish, Refusal) else rules.refund(order, wish, NOW_MS)


def fields_of(amounts: Sequence[Amounts]) -> dict[str, int]:
    names = ("subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor")
    return {name: sum(getattr(each, name) for each in amounts) for name in names}


STEPS = st.lists(st.tuples(st.sampled_from(["units", "amount", "shipping"]), st.integers(0, 4), st.integers(1, 100)), max_size=12)


@given(
    prices=st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 6)), min_size=1, max_size=5),
    percent=st.integers(0, 100),
    shipping=st.integers(0, 999),
    rate=st.sampled_from([0, 700, 1_900, 2_000, 10_000]),
    steps=STEPS,
)
def test_parts_add_up_to_the_whole_in_any_split_and_order(
    prices: list[tuple[int, int]], percent: int, shipping: int, rate: int, steps: list[tuple[str, int, int]]
) -> None:
    order = a_paid_order(*prices, percent=percent, shipping=shipping, rate=rate)
    for number, (kind, place, size) in enumerate(steps):
        match kind:
            case "units":
                body = a_refund(number, lines=[{"position": place % len(prices), "quantity": 1 + size % 3}])
            case "amount":
                body = a_refund(number, amount=size)
            case _:
                body = a_refund(number, shipping=True)
        change = give(order, body)
        if isinstance(change, Refusal):
            assert change.error == REFUND_TOO_LARGE
            continue
        order = change.order
        _check(order)
    if left := rules.left_minor(order.view):
        units = [
            {"position": place, "quantity": each.quantity - each.refunded}
            for place, each in enumerate(order.view.lines)
            if each.quantity > each.refunded
        ]
        if units:
            change = give(order, a_refund(98, lines=units, shipping=True))
            order = change.order if isinstance(change, Change) else order
        if left := rules.left_minor(order.view):
            change = give(order, a_refund(99, amount=left))
            assert isinstance(change, Change)
            order = change.order
        _check(order)
    assert rules.left_minor(order.view) == 0
    given_back = fields_of([each.amounts for each in order.view.refunds])
    whole = fields_of([order.amounts])
    assert given_back["total_minor"] == whole["total_minor"]
    assert given_back["tax_minor"] == whole["tax_minor"]
    assert given_back["shipping_minor"] == whole["shipping_minor"]
    free = sum(each.total.amount_minor for each in order.view.lines if each.total.amount_minor == each.discount_minor)
    assert whole["subtotal_minor"] - given_back["subtotal_minor"] == whole["discount_minor"] - given_back["discount_minor"]
    assert 0 <= whole["subtotal_minor"] - given_back["subtotal_minor"] <= free


def _check(order: Order) -> None:
    refunded = order.view.refunded
    assert refunded is not None
    assert refunded.total_minor <= order.amounts.total_minor
    assert refunded.total_minor + rules.left_minor(order.view) == order.amounts.total_minor
    for each in (refunded, *(made.amounts for made in order.view.refunds)):
        assert each.subtotal_minor - each.discount_minor + each.shipping_minor == each.total_minor
        assert 0 <= each.tax_minor <= each.total_minor
        assert each.discount_minor >= 0
    for each_line in order.view.lines:
        assert 0 <= each_line.refunded <= each_line.quantity
        assert 0 <= each_line.refunded_minor <= each_line.total.amount_minor - each_line.discount_minor


@given(st.permutations([0, 1, 2, 3]), st.integers(1, 100), st.integers(0, 100))
def test_failed_refunds_give_back_what_they_took(order_of_failure: list[int], price: int, percent: int) -> None:
    order = a_paid_order((price, 2), (price * 3, 2), percent=percent)
    made = []
    for number in range(4):
        change = give(order, a_refund(number, lines=[{"position": number % 2, "quantity": 1}]))
        if isinstance(change, Change):
            order = change.order
            made.append(f"rfd_{number:032x}")
    for number in order_of_failure:
        if f"rfd_{number:032x}" in made:
            failed = rules.refund_failed(order, f"rfd_{number:032x}", "closed", NOW_MS)
            assert failed is not None
            order = failed.order
            assert rules.refund_failed(order, f"rfd_{number:032x}", "closed", NOW_MS) is None
            _check(order)
    assert all((each.refunded, each.refunded_minor) == (0, 0) for each in order.view.lines)
    assert rules.left_minor(order.view) == order.amounts.total_minor


def test_three_units_for_a_hundred_are_33_33_34() -> None:
    order = a_paid_order((100, 3), percent=67)  # 300 - 201 = 99, with 20 % tax within
    totals = []
    for number in range(3):
        change = give(order, a_refund(number, lines=[{"position": 0, "quantity": 1}]))
        assert isinstance(change, Change)
        order = change.order
        totals.append(change.order.view.refunds[-1].amounts.total_minor)
    assert totals == [33, 33, 33]
    assert fields_of([each.amounts for each in order.view.refunds]) == fields_of([order.amounts])


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"lines": [{"position": 0, "quantity": 3}]}, REFUND_TOO_LARGE),
        ({"lines": [{"position": 0, "quantity": 1}, {"position": 0, "quantity": 2}]}, REFUND_TOO_LARGE),
        ({"lines": [{"position": 7, "quantity": 1}]}, INVALID_FIELD),
        ({"amount": 2_501}, REFUND_TOO_LARGE),
        ({"amount": 1, "currency": "USD"}, WRONG_CURRENCY),
        ({"amount": 1, "shipping": True}, INVALID_FIELD),
        ({}, INVALID_FIELD),
    ],
)
def test_a_refund_that_cannot_be_is_refused(fields: dict[str, object], error: WireError) -> None:
    refusal = give(a_paid_order((1_000, 2), shipping=500), a_refund(1, **fields))
    assert isinstance(refusal, Refusal)
    assert refusal.error == error


@pytest.mark.parametrize(
    "fields", [{"payment": "authorised"}, {"payment": "none"}, {"dispute": "open"}, {"dispute": "lost"}, {"payment": "voided"}]
)
def test_what_was_not_captured_or_is_disputed_is_not_refunded(fields: dict[str, Any]) -> None:
    refusal = give(a_paid_order((1_000, 1), **fields), a_refund(1, amount=1))
    assert isinstance(refusal, Refusal)
    assert refusal.error == ORDER_NOT_REFUNDABLE


def test_a_repeated_refund_is_one_and_another_content_is_a_conflict() -> None:
    body = a_refund(1, amount=100)
    change = give(a_paid_order((1_000, 1)), body)
    assert isinstance(change, Change)
    assert rules.repeated(change.order, body.refund_id, rules.digest(body)) is True
    other = rules.repeated(change.order, body.refund_id, rules.digest(a_refund(1, amount=101)))
    assert isinstance(other, Refusal)
    assert other.error == IDEMPOTENCY_CONFLICT


def test_money_that_is_all_back_makes_the_payment_refunded() -> None:
    change = give(a_paid_order((1_000, 1)), a_refund(1, amount=1_000))
    assert isinstance(change, Change)
    assert isinstance(change.event, RefundRequested)
    assert change.order.view.payment == "captured"
    done = rules.refund_done(change.order, f"rfd_{1:032x}", 5, NOW_MS)
    assert done is not None
    assert (done.order.view.payment, done.order.view.refunds[0].state) == ("refunded", "done")
    assert done.params == {"refund": f"rfd_{1:032x}", "amount_minor": "1000", "currency": done.order.amounts.currency}
    assert rules.refund_done(done.order, f"rfd_{1:032x}", 5, NOW_MS) is None


def test_a_refund_that_failed_and_happened_after_all_counts_again() -> None:
    change = give(a_paid_order((1_000, 1)), a_refund(1, lines=[{"position": 0, "quantity": 1}]))
    assert isinstance(change, Change)
    failed = rules.refund_failed(change.order, f"rfd_{1:032x}", "closed", NOW_MS)
    assert failed is not None
    done = rules.refund_done(failed.order, f"rfd_{1:032x}", 5, NOW_MS)
    assert done is not None
    assert (done.order.view.lines[0].refunded, rules.left_minor(done.order.view)) == (1, 0)


def test_a_lot_of_several_units_is_paid_back_by_the_unit() -> None:
    order = a_paid_order((1_000, 3), rate=0)
    lot = msgspec.structs.replace(order.view.lines[0], unit_price=eur(333), total=eur(1_000), tax_minor=0)
    amounts = Amounts(currency="EUR", subtotal_minor=1_000, discount_minor=0, shipping_minor=0, tax_minor=0, total_minor=1_000)
    view = msgspec.structs.replace(order.view, lines=[lot], amounts=amounts, total=eur(1_000))
    order = msgspec.structs.replace(order, view=view)
    totals = []
    for number in range(3):
        change = give(order, a_refund(number, lines=[msgspec.to_builtins(LinePart(position=0, quantity=1))]))
        assert isinstance(change, Change)
        order = change.order
        totals.append(order.view.refunds[-1].amounts.total_minor)
    assert (sum(totals), max(totals) - min(totals)) == (1_000, 1)
