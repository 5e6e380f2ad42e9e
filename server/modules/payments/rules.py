"""Decisions of a payment: `created → requires_action | unknown → authorised → captured | voided`, or `failed`. Pure.

A transition returns the `Change` to write, or `None` when the news is old. What the provider left open (`unknown`, or a wanted
capture or void) is asked for again with the same key, ever more slowly, until it is known; never under a new key.
"""

from typing import Any, Literal, NamedTuple

import msgspec

from schemas.base import Event
from schemas.errors import HOLD_EXPIRED, ORDER_NOT_PAYABLE, PAYMENT_IN_PROGRESS, WireError
from schemas.events.payments import PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentRequested, PaymentVoided
from schemas.http.orders import OrderView
from schemas.http.payments import PaymentView, PayOrder
from schemas.money import Money

ASK_FIRST_MS = 1_000
ASK_MAX_MS = 60_000
"""Pauses between two questions to a provider about the same payment: doubled each time."""
FORGOTTEN_MS = 60_000
"""A payment that nobody has begun to work on after so long has lost its event: the provider is asked directly."""

REASON_LENGTH_MAX = 60
"""Of a provider's short name for why not; what is longer is prose, and cut."""

OPEN = ("created", "requires_action", "unknown")
"""States in which the provider has not decided yet."""

Wanted = Literal["capture", "void"]


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to pay an order. `ask_at_ms` is when the provider is to be asked again, if at all."""

    payment_id: str
    order_id: str
    show_id: str
    buyer_id: str
    provider: str
    method: str
    amount: Money
    state: str
    created_at_ms: int
    changed_at_ms: int
    reason: str | None = None
    wanted: Wanted | None = None
    asked: int = 0
    ask_at_ms: int | None = None


class Refusal(NamedTuple):
    """Why not, and what to do instead."""

    error: WireError
    detail: str


class Change(NamedTuple):
    """A payment's new state and the fact that follows."""

    payment: Payment
    event: Event | None = None


def check_payable(order: OrderView, now_ms: int) -> Refusal | None:
    """Why an order takes no payment now, or None."""
    if order.state == "cancelled" and order.reason == "hold_expired":
        return Refusal(HOLD_EXPIRED, "The time to pay is over; order again.")
    if order.state != "placed":
        return Refusal(ORDER_NOT_PAYABLE, f"The order is {order.state}.")
    if order.payment == "in_progress":
        return Refusal(PAYMENT_IN_PROGRESS, "Wait for the payment that is under way.")
    if order.hold_expires_at_ms <= now_ms:
        return Refusal(HOLD_EXPIRED, "The time to pay is over; order again.")
    return None


def created(body: PayOrder, order: OrderView, now_ms: int) -> Change:
    """A new attempt; the provider hears of it from a worker."""
    payment = Payment(
        payment_id=body.payment_id,
        order_id=order.order_id,
        show_id=order.show_id,
        buyer_id=order.buyer_id,
        provider=body.provider,
        method=body.method,
        amount=order.total,
        state="created",
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        ask_at_ms=now_ms + FORGOTTEN_MS,
    )
    event = PaymentRequested(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        show_id=payment.show_id,
        provider=payment.provider,
        method=payment.method,
        amount=payment.amount,
    )
    return Change(payment, event)


def is_repetition(payment: Payment, body: PayOrder, buyer_id: str) -> bool:
    """Whether `body` is the command that made the payment, sent again."""
    given = (buyer_id, body.order_id, body.provider, body.method)
    return given == (payment.buyer_id, payment.order_id, payment.provider, payment.method)


def authorised(payment: Payment, now_ms: int) -> Change | None:
    """The provider keeps the amount for us."""
    if payment.state not in OPEN:
        return None
    event = PaymentAuthorised(
        payment_id=payment.payment_id, order_id=payment.order_id, show_id=payment.show_id, amount=payment.amount
    )
    return Change(_decided(payment, now_ms, state="authorised", reason=None), event)


def declined(payment: Payment, reason: str, now_ms: int) -> Change | None:
    """The provider says no. A capture or void that it refuses stays wanted: the money has to be cleared up with it."""
    reason = reason[:REASON_LENGTH_MAX]
    if payment.state == "authorised" and payment.wanted:
        return Change(_ask_later(payment, now_ms, reason=reason))
    if payment.state not in OPEN:
        return None
    event = PaymentFailed(payment_id=payment.payment_id, order_id=payment.order_id, show_id=payment.show_id, reason=reason)
    return Change(_decided(payment, now_ms, state="failed", reason=reason), event)


def action_required(payment: Payment, now_ms: int) -> Change | None:
    """The buyer must confirm something with the provider."""
    return Change(_ask_later(payment, now_ms, state="requires_action")) if payment.state in OPEN else None


def not_known(payment: Payment, now_ms: int) -> Change | None:
    """No answer in time: the question stays open."""
    if payment.state in OPEN:
        return Change(_ask_later(payment, now_ms, state="unknown"))
    return Change(_ask_later(payment, now_ms)) if payment.wanted else None


def wanted(payment: Payment, what: Wanted, now_ms: int) -> Payment:
    """The order is decided: the authorisation is to be captured or given back."""
    return msgspec.structs.replace(payment, wanted=what, asked=0, changed_at_ms=now_ms)


def captured(payment: Payment, captured_at_ms: int, now_ms: int) -> Change | None:
    """The money is ours."""
    if payment.state != "authorised":
        return None
    event = PaymentCaptured(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        show_id=payment.show_id,
        amount=payment.amount,
        captured_at_ms=captured_at_ms,
    )
    return Change(_decided(payment, now_ms, state="captured"), event)


def voided(payment: Payment, now_ms: int) -> Change | None:
    """The authorisation is given back."""
    if payment.state != "authorised":
        return None
    event = PaymentVoided(payment_id=payment.payment_id, order_id=payment.order_id, show_id=payment.show_id)
    return Change(_decided(payment, now_ms, state="voided"), event)


def payment_view(payment: Payment) -> PaymentView:
    """The payment as its buyer sees it."""
    return PaymentView(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        state=payment.state,
        amount=payment.amount,
        reason=payment.reason,
    )


def pause_ms(asked: int) -> int:
    """How long to wait before the provider is asked again, after `asked` questions without an answer."""
    return int(min(ASK_FIRST_MS << min(asked, 16), ASK_MAX_MS))


def _ask_later(payment: Payment, now_ms: int, **fields: Any) -> Payment:
    again = {"asked": payment.asked + 1, "ask_at_ms": now_ms + pause_ms(payment.asked), "changed_at_ms": now_ms}
    return msgspec.structs.replace(payment, **{**again, **fields})


def _decided(payment: Payment, now_ms: int, **fields: Any) -> Payment:
    return msgspec.structs.replace(payment, asked=0, ask_at_ms=None, wanted=None, changed_at_ms=now_ms, **fields)
