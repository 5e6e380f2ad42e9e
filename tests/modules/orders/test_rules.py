"""What carts cost, and what each fact does to an order."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import (
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LIMIT_REACHED,
    ORDER_NOT_CANCELLABLE,
    PAYMENT_IN_PROGRESS,
    PRICE_CHANGED,
    SOLD_OUT,
    UNKNOWN_SKU,
    Refusal,
    WireError,
)
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderPaid
from schemas.http.catalog import OfferView
from schemas.http.orders import NewLine, PlaceOrder, SaleView
from schemas.money import AMOUNT_MINOR_MAX, Money
from server.ledger.rules import Held, HoldLine, IdempotencyConflict, LimitReached, SoldOut, UnknownSku
from server.modules.orders import rules
from server.modules.orders.rules import TOO_EARLY, Cart, Change, Order, Settled, Who

EUR = Money(amount_minor=1_000, currency="EUR")
PAY = "pay_" + "1" * 32


def offer(sku: str, price: Money = EUR) -> OfferView:
    return OfferView(sku=sku, product_id="prd", title=f"The {sku}", label="M", image_url=None, price=price, per_buyer_max=5)


def line(sku: str, quantity: int = 1, price: Money = EUR) -> NewLine:
    return NewLine(sku=sku, quantity=quantity, unit_price=price)


def an_order(**fields: object) -> Order:
    body = PlaceOrder(order_id="ord_" + "1" * 32, show_id="shw_" + "1" * 32, lines=[line("A", 2)])
    cart = rules.price_cart(body.lines, [offer("A")])
    assert isinstance(cart, Cart)
    order = rules.placed(body, cart, Who("gst_1", "Bea", "acc_1"), Held(body.order_id, 500, 1), 100).order
    return msgspec.structs.replace(order, view=msgspec.structs.replace(order.view, **fields))


def changed(transition: object) -> Change:
    assert isinstance(transition, Change), transition
    return transition


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 1_000_000), st.integers(0, 10**6)), min_size=1, max_size=20))
def test_a_cart_costs_the_sum_of_its_lines_and_demands_the_sum_per_sku(lines: list[tuple[str, int, int]]) -> None:
    prices = {sku: Money(amount_minor=minor, currency="EUR") for sku, _, minor in lines}
    cart = rules.price_cart(
        [line(sku, quantity, prices[sku]) for sku, quantity, _ in lines], [offer(sku, price) for sku, price in prices.items()]
    )
    total = sum(quantity * prices[sku].amount_minor for sku, quantity, _ in lines)
    if isinstance(cart, Refusal):
        assert cart.error == INVALID_FIELD
        assert total > AMOUNT_MINOR_MAX
        return
    assert cart.total.amount_minor == total == sum(view.total.amount_minor for view in cart.lines)
    assert len({wish.sku for wish in cart.demand}) == len(cart.demand)
    for wish in cart.demand:
        assert wish.quantity == sum(quantity for sku, quantity, _ in lines if sku == wish.sku)


def test_two_lines_of_one_sku_are_demanded_together() -> None:
    cart = rules.price_cart([line("A", 2), line("B"), line("A", 3)], [offer("A"), offer("B")])
    assert isinstance(cart, Cart)
    assert cart.demand == (HoldLine("A", 5), HoldLine("B", 1))


@pytest.mark.parametrize(
    ("lines", "error", "extra"),
    [
        ([line("X")], UNKNOWN_SKU, {"sku": "X"}),
        (
            [line("A", price=Money(amount_minor=999, currency="EUR"))],
            PRICE_CHANGED,
            {"sku": "A", "amount_minor": 1_000, "currency": "EUR"},
        ),
        (
            [line("A", price=Money(amount_minor=1_000, currency="USD"))],
            PRICE_CHANGED,
            {"sku": "A", "amount_minor": 1_000, "currency": "EUR"},
        ),
        ([line("A"), line("U", price=Money(amount_minor=1, currency="USD"))], INVALID_FIELD, {}),
        ([line("M", 2, Money(amount_minor=AMOUNT_MINOR_MAX, currency="EUR"))], INVALID_FIELD, {}),
        ([line("M", 1, Money(amount_minor=AMOUNT_MINOR_MAX, currency="EUR")), line("A")], INVALID_FIELD, {}),
    ],
)
def test_a_cart_that_is_not_what_the_show_sells_is_refused(lines: list[NewLine], error: WireError, extra: object) -> None:
    most = Money(amount_minor=AMOUNT_MINOR_MAX, currency="EUR")
    offers = [offer("A"), offer("M", most), offer("U", Money(amount_minor=1, currency="USD"))]
    refusal = rules.price_cart(lines, offers)
    assert isinstance(refusal, Refusal)
    assert (refusal.error, dict(refusal.extra)) == (error, extra)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (SoldOut("A", 0), SOLD_OUT),
        (SoldOut("A", 2), SOLD_OUT),
        (LimitReached("A", 2), LIMIT_REACHED),
        (UnknownSku("A"), UNKNOWN_SKU),
        (IdempotencyConflict(), IDEMPOTENCY_CONFLICT),
    ],
)
def test_each_refusal_of_the_ledger_has_its_error(
    outcome: SoldOut | LimitReached | UnknownSku | IdempotencyConflict, error: WireError
) -> None:
    assert rules.refusal_of(outcome).error == error


def test_a_payment_that_begins_stops_the_clock_and_the_buyer() -> None:
    change = changed(rules.payment_requested(an_order(), None, 900, 200))
    assert (change.order.view.payment, change.order.view.hold_expires_at_ms) == ("in_progress", 900)
    assert isinstance(rules.cancelled_by_buyer(change.order, 300), Refusal)
    assert rules.hold_expired(change.order, 900, 1_000) is None


def test_a_payment_keeps_the_old_end_when_the_hold_is_gone() -> None:
    assert changed(rules.payment_requested(an_order(), None, None, 200)).order.view.hold_expires_at_ms == 500


def test_a_hold_that_ends_earlier_than_known_is_noted_while_a_payment_is_under_way() -> None:
    order = an_order(payment="in_progress", hold_expires_at_ms=900)
    assert changed(rules.hold_expired(order, 700, 701)).order.view.hold_expires_at_ms == 700


@pytest.mark.parametrize("state", ["confirmed", "cancelled"])
def test_a_decided_order_ignores_the_end_of_its_hold_and_new_payments(state: str) -> None:
    order = an_order(state=state)
    assert rules.hold_expired(order, 500, 501) is None
    assert rules.payment_requested(order, None, 900, 501) is None


def test_authorised_money_and_committed_units_confirm_the_order() -> None:
    change = changed(rules.payment_authorised(an_order(payment="in_progress"), "in_progress", PAY, Settled("hold"), 200))
    assert (change.order.view.state, change.order.view.payment, change.order.hold_id) == ("confirmed", "authorised", "hold")
    assert change.event == OrderConfirmed(order_id=change.order.view.order_id, show_id=change.order.view.show_id, payment_id=PAY)


@pytest.mark.parametrize("reason", ["sold_out", "hold_expired"])
def test_authorised_money_without_units_cancels_the_order_and_asks_for_the_money_back(reason: rules.CancelReason) -> None:
    change = changed(rules.payment_authorised(an_order(payment="in_progress"), "in_progress", PAY, Settled(None, reason), 200))
    assert (change.order.view.state, change.order.view.reason) == ("cancelled", reason)
    assert isinstance(change.event, OrderCancelled)
    assert (change.event.payment_id, change.event.reason) == (PAY, reason)


def test_money_for_a_dead_order_goes_back_and_the_order_stays_dead() -> None:
    change = changed(rules.payment_authorised(an_order(state="cancelled", reason="buyer"), None, PAY, None, 200))
    assert change.order.view.state == "cancelled"
    assert isinstance(change.event, OrderCancelled)
    assert (change.event.payment_id, change.event.reason) == (PAY, "buyer")


def test_a_failed_payment_leaves_the_order_open_until_its_hold_ends() -> None:
    order = an_order(payment="in_progress")
    early = changed(rules.payment_failed(order, "in_progress", "card_declined", 499))
    assert (early.order.view.state, early.order.view.reason, early.event) == ("placed", "card_declined", None)
    late = changed(rules.payment_failed(order, "in_progress", "card_declined", 500))
    assert (late.order.view.state, late.order.view.reason, late.attempt) == ("cancelled", "hold_expired", "failed")
    assert isinstance(late.event, OrderCancelled)
    assert late.event.payment_id is None


def test_facts_in_the_wrong_order_wait_for_the_earlier_one() -> None:
    order = an_order()
    assert rules.payment_failed(order, None, "x", 200) == TOO_EARLY
    assert rules.wants_commit(order, None) == TOO_EARLY
    assert rules.payment_authorised(order, None, PAY, Settled("h"), 200) == TOO_EARLY
    assert rules.payment_captured(order, "in_progress", 1, 200) == TOO_EARLY
    assert rules.payment_voided(order, None, 200) == TOO_EARLY
    assert rules.payment_requested(an_order(payment="in_progress"), None, None, 200) == TOO_EARLY


@pytest.mark.parametrize("attempt", ["in_progress", "failed", "authorised", "captured", "voided"])
def test_a_repeated_fact_changes_nothing(attempt: rules.Attempt) -> None:
    order = an_order(state="confirmed")
    assert rules.payment_requested(order, attempt, 900, 200) is None
    if attempt != "in_progress":
        assert rules.payment_failed(order, attempt, "x", 200) is None
        assert rules.payment_authorised(order, attempt, PAY, Settled("h"), 200) is None
    if attempt == "captured":
        assert rules.payment_captured(order, attempt, 1, 200) is None
    if attempt == "voided":
        assert rules.payment_voided(order, attempt, 200) is None


def test_a_captured_payment_pays_the_order() -> None:
    change = changed(rules.payment_captured(an_order(state="confirmed", payment="authorised"), "authorised", 199, 200))
    assert change.order.view.payment == "captured"
    assert isinstance(change.event, OrderPaid)
    assert (change.event.paid_at_ms, change.event.total) == (199, change.order.view.total)


@pytest.mark.parametrize(
    ("state", "payment", "error"),
    [
        ("confirmed", "captured", ORDER_NOT_CANCELLABLE),
        ("placed", "in_progress", PAYMENT_IN_PROGRESS),
    ],
)
def test_a_buyer_cannot_give_up_what_is_being_paid(state: str, payment: str, error: WireError) -> None:
    refusal = rules.cancelled_by_buyer(an_order(state=state, payment=payment), 200)
    assert isinstance(refusal, Refusal)
    assert refusal.error == error


@pytest.mark.parametrize("payment", ["none", "failed"])
def test_a_buyer_gives_an_unpaid_order_up_once(payment: str) -> None:
    change = rules.cancelled_by_buyer(an_order(payment=payment), 200)
    assert isinstance(change, Change)
    assert (change.order.view.state, change.order.view.reason) == ("cancelled", "buyer")
    assert rules.cancelled_by_buyer(change.order, 300) is None


FACTS = st.sampled_from(["requested", "authorised", "unavailable", "failed", "captured", "voided", "expired", "cancel"])


@given(st.lists(st.tuples(FACTS, st.integers(1, 3)), max_size=30), st.integers(100, 1_000))
def test_whatever_happens_an_order_keeps_its_promises(facts: list[tuple[str, int]], now_ms: int) -> None:
    """Any facts, of any payments, in any order and any number of times."""
    order = an_order()
    attempts: dict[int, rules.Attempt] = {}
    cancelled_with: list[int] = []
    for fact, payment in facts:
        now_ms += 7
        attempt = attempts.get(payment)
        transition = _happen(order, fact, attempt, payment, now_ms)
        if not isinstance(transition, Change):
            continue
        after = transition.order.view
        assert after.version > order.view.version
        assert transition.order.changed_at_ms > order.changed_at_ms
        # A decided order never changes its mind, and money is only taken for a confirmed one.
        assert order.view.state == "placed" or after.state == order.view.state
        assert after.payment != "captured" or after.state == "confirmed"
        if transition.attempt is not None:
            assert (attempt, transition.attempt) in STEPS
            attempts[payment] = transition.attempt
        if isinstance(transition.event, OrderCancelled) and transition.event.payment_id:
            assert after.state == "cancelled"
            cancelled_with.append(payment)
        order = transition.order
    # Every payment that was authorised for nothing is asked back, once.
    assert len(set(cancelled_with)) == len(cancelled_with)
    if order.view.state == "cancelled":
        assert {payment for payment, state in attempts.items() if state in ("authorised", "voided")} <= set(cancelled_with)


STEPS = {
    (None, "in_progress"),
    (None, "authorised"),
    ("in_progress", "failed"),
    ("in_progress", "authorised"),
    ("authorised", "captured"),
    ("authorised", "voided"),
}


def _happen(order: Order, fact: str, attempt: rules.Attempt | None, payment: int, now_ms: int) -> object:
    payment_id = f"pay_{payment}"
    match fact:
        case "requested":
            return rules.payment_requested(order, attempt, now_ms + 50, now_ms)
        case "authorised" | "unavailable":
            wanted = rules.wants_commit(order, attempt)
            if wanted == TOO_EARLY:
                return TOO_EARLY
            settled = Settled("hold") if fact == "authorised" else Settled(None, "sold_out")
            return rules.payment_authorised(order, attempt, payment_id, settled if wanted else None, now_ms)
        case "failed":
            return rules.payment_failed(order, attempt, "card_declined", now_ms)
        case "captured":
            # `payments` captures what `orders` has confirmed.
            return rules.payment_captured(order, attempt, now_ms, now_ms) if order.view.state == "confirmed" else None
        case "voided":
            return rules.payment_voided(order, attempt, now_ms) if order.view.state == "cancelled" else None
        case "expired":
            return rules.hold_expired(order, now_ms, now_ms)
        case _:
            return rules.cancelled_by_buyer(order, now_ms)


def sale(order: int, version: int) -> SaleView:
    """Two changes share each moment."""
    return SaleView(
        order_id=f"ord_{order}",
        buyer_name="Bea",
        state="placed",
        payment="none",
        total=EUR,
        units=1,
        at_ms=version // 2,
        version=version,
    )


@given(st.lists(st.tuples(st.integers(1, 150), st.integers(1, 10**6)), max_size=300, unique=True))
def test_the_list_of_sales_is_the_same_however_often_and_in_which_order_it_hears(news: list[tuple[int, int]]) -> None:
    newest: dict[int, int] = {}
    for order, version in news:
        newest[order] = max(version, newest.get(order, 0))
    expected = sorted(((version // 2, f"ord_{order}", version) for order, version in newest.items()), reverse=True)
    state: list[SaleView] = []
    for order, version in sorted(news, key=lambda item: item[1]):
        state = rules.with_sale(state, sale(order, version))
    assert [(item.at_ms, item.order_id, item.version) for item in state] == expected[: rules.SALES_MAX]
    again = state
    for order, version in sorted(news, key=lambda item: item[1])[-rules.SALES_MAX :]:
        again = rules.with_sale(again, sale(order, version))
    assert again == state


def test_the_second_change_of_a_moment_counts_and_the_first_never_after_it() -> None:
    first, second = sale(1, 2), sale(1, 3)
    assert first.at_ms == second.at_ms
    assert rules.with_sale([first], second) == [second]
    assert rules.with_sale([second], first) == [second]
