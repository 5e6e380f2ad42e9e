"""What a provider's answers mean for a payment."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import HOLD_EXPIRED, ORDER_NOT_PAYABLE, PAYMENT_IN_PROGRESS, WireError
from schemas.events.payments import PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentVoided
from schemas.http.orders import OrderView
from schemas.money import Money
from server.modules.payments import rules
from server.modules.payments.rules import Change, Payment, Wish

AMOUNT = Money(amount_minor=500, currency="EUR")
NOW_MS = 1_000
WISH = Wish("pay_" + "1" * 32, "sandbox", "tok_visa")


def an_order(**fields: object) -> OrderView:
    order = OrderView(
        order_id="ord_" + "1" * 32,
        show_id="shw_" + "1" * 32,
        buyer_id="gst_1",
        buyer_name="Bea",
        state="placed",
        payment="none",
        reason=None,
        lines=[],
        total=AMOUNT,
        placed_at_ms=0,
        hold_expires_at_ms=2_000,
        version=1,
    )
    return msgspec.structs.replace(order, **fields)


def a_payment(**fields: object) -> Payment:
    order = an_order()
    made = rules.created(WISH, order.order_id, order.show_id, order.buyer_id, order.total, NOW_MS).payment
    return msgspec.structs.replace(made, **fields)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, None),
        ({"payment": "failed"}, None),
        ({"payment": "in_progress"}, PAYMENT_IN_PROGRESS),
        ({"state": "confirmed", "payment": "captured"}, ORDER_NOT_PAYABLE),
        ({"state": "cancelled", "reason": "buyer"}, ORDER_NOT_PAYABLE),
        ({"state": "cancelled", "reason": "hold_expired"}, HOLD_EXPIRED),
        ({"hold_expires_at_ms": NOW_MS}, HOLD_EXPIRED),
        ({"hold_expires_at_ms": NOW_MS + 1}, None),
    ],
)
def test_only_an_order_that_waits_for_money_can_be_paid(fields: dict[str, object], error: WireError | None) -> None:
    refusal = rules.check_payable(an_order(**fields), NOW_MS)
    assert (refusal.error if refusal else None) == error


@pytest.mark.parametrize("state", ["created", "unknown", "requires_action"])
def test_an_open_payment_takes_the_providers_decision(state: str) -> None:
    payment = a_payment(state=state)
    authorised, declined = rules.authorised(payment, 1_001), rules.declined(payment, "card_declined", 1_001)
    assert isinstance(authorised, Change)
    assert isinstance(authorised.event, PaymentAuthorised)
    assert (authorised.payment.state, authorised.payment.ask_at_ms) == ("authorised", None)
    assert isinstance(declined, Change)
    assert isinstance(declined.event, PaymentFailed)
    assert (declined.payment.state, declined.payment.reason) == ("failed", "card_declined")


def test_a_providers_prose_is_cut_to_what_the_table_keeps() -> None:
    change = rules.declined(a_payment(), "x" * 1_000, 1_001)
    assert isinstance(change, Change)
    assert change.payment.reason == "x" * 60


@pytest.mark.parametrize("state", ["authorised", "captured", "failed", "voided"])
def test_a_decided_payment_ignores_old_answers(state: str) -> None:
    payment = a_payment(state=state, ask_at_ms=None)
    assert rules.declined(payment, "late", 1_001) is None
    assert rules.not_known(payment, 1_001) is None
    assert rules.action_required(payment, "https://bank.example", 1_001) is None
    assert rules.authorised(a_payment(state=state), 1_001) is None or state in rules.DEAD


def test_only_an_authorised_payment_is_captured_or_voided() -> None:
    authorised = a_payment(state="authorised")
    captured, voided = rules.captured(authorised, 999, 1_001), rules.voided(authorised, 1_001)
    assert isinstance(captured, Change)
    assert isinstance(captured.event, PaymentCaptured)
    assert captured.event.captured_at_ms == 999
    assert isinstance(voided, Change)
    assert isinstance(voided.event, PaymentVoided)
    for state in ("captured", "refunded", "disputed"):
        assert rules.captured(a_payment(state=state), 999, 1_001) is None
    for state in ("captured", "refunded", "failed", "voided"):
        assert rules.voided(a_payment(state=state), 1_001) is None


def test_what_is_wanted_stays_wanted_until_the_provider_says_so() -> None:
    payment = rules.wanted(a_payment(state="authorised", ask_at_ms=None), "capture", 1_001)
    for change in (rules.not_known(payment, 1_001), rules.declined(payment, "try_later", 1_001)):
        assert isinstance(change, Change)
        assert (change.payment.state, change.payment.wanted, change.event) == ("authorised", "capture", None)
        assert change.payment.ask_at_ms == 2_001
    captured = rules.captured(payment, 5, 1_002)
    assert isinstance(captured, Change)
    assert (captured.payment.wanted, captured.payment.ask_at_ms) == (None, None)


@given(st.integers(0, 10_000))
def test_the_pauses_grow_up_to_a_minute(asked: int) -> None:
    assert rules.ASK_FIRST_MS <= rules.pause_ms(asked) <= rules.ASK_MAX_MS
    assert rules.pause_ms(asked) <= rules.pause_ms(asked + 1)


def test_the_same_command_is_recognised_by_all_of_its_content() -> None:
    payment = a_payment()
    assert rules.is_repetition(payment, WISH, payment.order_id, "gst_1")
    assert not rules.is_repetition(payment, WISH, payment.order_id, "gst_2")
    assert not rules.is_repetition(payment, WISH, "ord_" + "2" * 32, "gst_1")
    assert not rules.is_repetition(payment, WISH._replace(method="tok_slow"), payment.order_id, "gst_1")
    assert not rules.is_repetition(payment, WISH._replace(save_card=True), payment.order_id, "gst_1")


def test_a_page_gives_way_to_the_payment_that_was_made_there_and_nothing_else_does() -> None:
    page = rules.referred(a_payment(method=""), "cs_1")
    paid = rules.referred(page, "pi_1")
    assert (page.reference, paid.reference, rules.referred(paid, "").reference) == ("cs_1", "pi_1", "pi_1")
    known = msgspec.structs.replace(paid, state="authorised")
    assert rules.referred(known, "cs_1") == known, "an old answer about the page comes late"
    by_token = rules.referred(a_payment(), "pi_1")
    assert rules.referred(by_token, "pi_2") == by_token


def test_a_payment_that_was_given_up_is_watched_until_it_has_ended_and_gives_back_what_comes_late() -> None:
    waiting = a_payment(state="requires_action", action_url="https://pay.example")
    given_up = rules.given_up(waiting, NOW_MS)
    assert isinstance(given_up.event, PaymentFailed)
    assert (given_up.payment.state, given_up.payment.wanted, given_up.payment.ask_at_ms) == ("failed", "return", NOW_MS)
    still_open = rules.action_required(given_up.payment, "https://pay.example", NOW_MS)
    assert still_open is not None
    assert still_open.event is None
    assert still_open.payment.ask_at_ms == NOW_MS + rules.ASK_FIRST_MS
    late = rules.authorised(still_open.payment, NOW_MS, AMOUNT)
    assert late is not None
    assert (late.event, late.payment.state, late.payment.wanted) == (None, "failed", "return")
    ended = rules.voided(still_open.payment, NOW_MS)
    assert ended is not None
    assert (ended.payment.wanted, ended.payment.ask_at_ms) == (None, None)


def test_nobody_is_waited_for_longer_than_a_quarter_of_an_hour() -> None:
    waiting = a_payment(state="requires_action")
    soon, late = NOW_MS + rules.ACTION_MAX_MS - 1, NOW_MS + rules.ACTION_MAX_MS
    in_time = rules.action_required(waiting, "https://pay.example", soon)
    assert in_time is not None
    assert in_time.payment.state == "requires_action"
    assert rules.action_required(waiting, "https://pay.example", late) == rules.given_up(waiting, late)
