"""Decisions of a payment, its refunds, its disputes, and saved cards. Pure.

A payment goes `created → requires_action | unknown → authorised → captured → refunded | disputed`, or `failed`, `voided`. A
transition returns the `Change` to write, or `None` when the news is old. What the provider left open is asked for again with the
same key, ever more slowly, until it is known; never under a new key.
"""

from typing import Any, Literal, NamedTuple

import msgspec

from schemas.base import Event
from schemas.errors import HOLD_EXPIRED, ORDER_NOT_PAYABLE, PAYMENT_IN_PROGRESS, WireError
from schemas.events.orders import RefundRequested
from schemas.events.payments import (
    DisputeClosed,
    DisputeOpened,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
)
from schemas.http.orders import OrderView
from schemas.http.payments import CardView, PaymentView, SaveCard
from schemas.ids import derived_id
from schemas.money import Amounts, Money

ASK_FIRST_MS = 1_000
ASK_MAX_MS = 60_000
"""Pauses between two questions to a provider about the same payment: doubled each time."""
FORGOTTEN_MS = 60_000
"""A payment that nobody has begun to work on after so long has lost its event: the provider is asked directly."""
ACTION_MAX_MS = 15 * 60_000
"""A buyer who has not confirmed with their bank after so long has given up: the payment is given back, so that no order waits for
ever, and no late click charges for an order that is long over."""
CAPTURE_WARNING_MS = 12 * 3_600_000
"""An authorisation that is still not captured so long before its end needs a person: every flow captures within seconds. It is
not authorised anew by itself, since the buyer has agreed to one charge, and a second hold on the card needs their bank again."""

REASON_LENGTH_MAX = 60
"""Of a provider's short name for why not; what is longer is prose, and cut."""

OPEN = ("created", "requires_action", "unknown")
"""States in which the provider has not decided yet."""
DEAD = ("failed", "voided")
"""States in which we must not have the buyer's money."""

Wanted = Literal["capture", "void", "return"]
"""`return`: the provider has money that it should not have; it is voided or, when it was captured, refunded."""


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
    reference: str = ""
    action_url: str | None = None
    return_path: str = ""
    off_session: bool = False
    save_card: bool = False
    capture_before_ms: int | None = None
    captured_minor: int = 0
    refunding_minor: int = 0
    refunded_minor: int = 0


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money that goes back to the buyer: `requested → unknown → refunded | failed`."""

    refund_id: str
    payment_id: str
    seller_id: str
    amounts: Amounts
    state: str
    created_at_ms: int
    changed_at_ms: int
    reason: str | None = None
    reference: str = ""
    asked: int = 0
    ask_at_ms: int | None = None

    @property
    def amount(self) -> Money:
        return Money(amount_minor=self.amounts.total_minor, currency=self.amounts.currency)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A saved card. `given` is the token that its owner's page had, `method` the one that may be charged later."""

    card_id: str
    owner_id: str
    provider: str
    given: str
    method: str
    label: str
    state: str
    is_default: bool
    action_url: str | None
    return_path: str
    saved_at_ms: int


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A chargeback: `open → won | lost`."""

    dispute_id: str
    payment_id: str
    amount: Money
    reason: str
    state: Literal["open", "won", "lost"]
    opened_at_ms: int
    closed_at_ms: int | None


class Refusal(NamedTuple):
    """Why not, and what to do instead."""

    error: WireError
    detail: str


class Change(NamedTuple):
    """A payment's new state and the fact that follows."""

    payment: Payment
    event: Event | None = None


class RefundChange(NamedTuple):
    """A refund's new state, what it does to its payment, and the fact that follows."""

    refund: Refund
    payment: Payment
    event: Event | None = None


class DisputeChange(NamedTuple):
    """A dispute's new state, what it does to its payment, and the facts that follow."""

    dispute: Dispute
    payment: Payment
    events: tuple[Event, ...]


class Wish(NamedTuple):
    """What somebody wants to pay with: a provider's token, and how."""

    payment_id: str
    provider: str
    method: str
    save_card: bool = False
    return_path: str = ""
    off_session: bool = False


SANDBOX, SANDBOX_CARD = "sandbox", "tok_visa"
"""What every order of a rehearsal is paid with."""


def rehearsed_charge(order_id: str) -> Wish:
    """How a winner pays in a rehearsal: whatever card they have, it is not touched."""
    return Wish(saved_payment_id(order_id), SANDBOX, SANDBOX_CARD, off_session=True)


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


def created(wish: Wish, order_id: str, show_id: str, buyer_id: str, amount: Money, now_ms: int) -> Change:
    """A new attempt; the provider hears of it from a worker."""
    payment = Payment(
        payment_id=wish.payment_id,
        order_id=order_id,
        show_id=show_id,
        buyer_id=buyer_id,
        provider=wish.provider,
        method=wish.method,
        amount=amount,
        state="created",
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        ask_at_ms=now_ms + FORGOTTEN_MS,
        return_path=wish.return_path,
        off_session=wish.off_session,
        save_card=wish.save_card,
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


def is_repetition(payment: Payment, wish: Wish, order_id: str, buyer_id: str) -> bool:
    """Whether the payment was made by this command, sent again."""
    given = (buyer_id, order_id, wish.provider, wish.method, wish.save_card)
    return given == (payment.buyer_id, payment.order_id, payment.provider, payment.method, payment.save_card)


def saved_payment_id(order_id: str) -> str:
    """Id of the payment by which an order is charged to the saved card: one per order, whoever repeats it."""
    return derived_id(order_id, "charge saved", "pay")


def return_key(payment_id: str) -> str:
    """Key of the refund by which money that we should not have goes back."""
    return derived_id(payment_id, "return", "rfd")


def referred(payment: Payment, reference: str) -> Payment:
    """The payment with the provider's own id. It stays once it is known; only that of a page for the card gives way, when the
    card was entered there, to that of the payment, by which disputes are told."""
    if not reference or (payment.reference and (payment.method or payment.state not in OPEN)):
        return payment
    return msgspec.structs.replace(payment, reference=reference)


def authorised(payment: Payment, now_ms: int, amount: Money | None = None, capture_before_ms: int | None = None) -> Change | None:
    """The provider keeps the amount for us. Another amount than we asked for, or one for a payment that is over, goes back."""
    if payment.state in DEAD:
        return _to_return(payment, now_ms)
    if payment.state not in OPEN:
        return None
    if amount is not None and amount != payment.amount:
        return _not_what_we_asked_for(payment, now_ms)
    event = PaymentAuthorised(
        payment_id=payment.payment_id, order_id=payment.order_id, show_id=payment.show_id, amount=payment.amount
    )
    decided = _decided(payment, now_ms, state="authorised", reason=None, action_url=None, capture_before_ms=capture_before_ms)
    return Change(decided, event)


def declined(payment: Payment, reason: str, now_ms: int) -> Change | None:
    """The provider says no. A capture or void that it refuses stays wanted: the money has to be cleared up with it."""
    reason = reason[:REASON_LENGTH_MAX]
    if payment.state == "authorised" and payment.wanted:
        return Change(_ask_later(payment, now_ms, reason=reason))
    if payment.state in DEAD and payment.wanted:
        return Change(_decided(payment, now_ms))
    if payment.state not in OPEN:
        return None
    return _failed(payment, reason, now_ms)


def action_required(payment: Payment, url: str, now_ms: int) -> Change | None:
    """The buyer must confirm something with the provider. Who leaves us waiting too long is not waited for any more."""
    if payment.state in DEAD and payment.wanted:
        return Change(_ask_later(payment, now_ms))
    if payment.state not in OPEN:
        return None
    if action_overdue(payment, now_ms):
        return given_up(payment, now_ms)
    changed = _ask_later(payment, now_ms, state="requires_action", action_url=url)
    if payment.action_url == url:
        return Change(changed)
    event = PaymentActionRequired(payment_id=payment.payment_id, order_id=payment.order_id, show_id=payment.show_id, url=url)
    return Change(changed, event)


def action_overdue(payment: Payment, now_ms: int) -> bool:
    """Whether the buyer has left us waiting for their bank too long."""
    return payment.state == "requires_action" and payment.created_at_ms + ACTION_MAX_MS <= now_ms


def given_up(payment: Payment, now_ms: int) -> Change:
    """The order need not wait for this payment any more, though its page may still be open at a provider that cannot close it. It
    is watched until it has ended there, and what somebody pays late goes back."""
    failed = _failed(payment, "cancelled", now_ms)
    return failed._replace(payment=msgspec.structs.replace(failed.payment, wanted="return", ask_at_ms=now_ms))


def not_known(payment: Payment, now_ms: int) -> Change | None:
    """No answer in time: the question stays open."""
    if payment.state == "requires_action":
        return Change(_ask_later(payment, now_ms))
    if payment.state in OPEN:
        return Change(_ask_later(payment, now_ms, state="unknown"))
    return Change(_ask_later(payment, now_ms)) if payment.wanted else None


def wanted(payment: Payment, what: Wanted, now_ms: int) -> Payment:
    """The order is decided: the authorisation is to be captured or given back."""
    return msgspec.structs.replace(payment, wanted=what, asked=0, changed_at_ms=now_ms)


def captured(
    payment: Payment, captured_at_ms: int, now_ms: int, amount: Money | None = None, fee: Money | None = None
) -> Change | None:
    """The money is ours. Where it should not be, it goes back."""
    if payment.state in OPEN:
        # Somebody has captured by hand before the order was confirmed: the order decides, then we ask and learn it again.
        return authorised(payment, now_ms, amount)
    if payment.state in DEAD or (payment.state == "authorised" and payment.wanted in ("void", "return")):
        return _to_return(payment, now_ms)
    if payment.state != "authorised":
        return None
    amount = amount or payment.amount
    event = PaymentCaptured(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        show_id=payment.show_id,
        amount=amount,
        captured_at_ms=captured_at_ms,
        provider=payment.provider,
        fee=fee,
    )
    decided = _decided(payment, now_ms, state="captured", reason=None, captured_minor=amount.amount_minor)
    return Change(decided, event)


def voided(payment: Payment, now_ms: int) -> Change | None:
    """The authorisation is given back: because we wanted it, or because it was not captured in time."""
    if payment.state in OPEN:
        return _failed(payment, "cancelled", now_ms)
    if payment.state in DEAD and payment.wanted:
        return Change(_decided(payment, now_ms))
    if payment.state != "authorised":
        return None
    event = PaymentVoided(payment_id=payment.payment_id, order_id=payment.order_id, show_id=payment.show_id)
    reason = "authorisation_lapsed" if payment.wanted == "capture" else payment.reason
    return Change(_decided(payment, now_ms, state="voided", reason=reason), event)


def refund_requested(event: RefundRequested, payment: Payment, now_ms: int) -> RefundChange:
    """A refund to be made, its amount kept back at once, so that two refunds cannot give more than was taken."""
    refund = Refund(
        refund_id=event.refund_id,
        payment_id=event.payment_id,
        seller_id=event.seller_id,
        amounts=event.amounts,
        state="requested",
        created_at_ms=now_ms,
        changed_at_ms=now_ms,
        ask_at_ms=now_ms,
    )
    reason = _not_refundable(payment, refund.amount)
    if reason is not None:
        failed = msgspec.structs.replace(refund, state="failed", reason=reason, ask_at_ms=None)
        return RefundChange(failed, payment, _refund_failed(failed, payment))
    reserved = payment.refunding_minor + refund.amount.amount_minor
    return RefundChange(refund, msgspec.structs.replace(payment, refunding_minor=reserved, changed_at_ms=now_ms))


def refunded(refund: Refund, payment: Payment, refunded_at_ms: int, reference: str, now_ms: int) -> RefundChange | None:
    """The buyer has the money back."""
    if refund.state in ("refunded", "failed"):
        return None
    done = msgspec.structs.replace(
        refund, state="refunded", reason=None, reference=reference or refund.reference, ask_at_ms=None, changed_at_ms=now_ms
    )
    event = PaymentRefunded(
        refund_id=refund.refund_id,
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        show_id=payment.show_id,
        seller_id=refund.seller_id,
        amounts=refund.amounts,
        refunded_at_ms=refunded_at_ms,
    )
    total = payment.refunded_minor + refund.amount.amount_minor
    state = "refunded" if total == payment.captured_minor and payment.state == "captured" else payment.state
    return RefundChange(done, msgspec.structs.replace(payment, refunded_minor=total, state=state, changed_at_ms=now_ms), event)


def refund_declined(refund: Refund, payment: Payment, reason: str, now_ms: int) -> RefundChange | None:
    """The provider will not: what was kept back for it is free for another refund."""
    if refund.state in ("refunded", "failed"):
        return None
    failed = msgspec.structs.replace(
        refund, state="failed", reason=reason[:REASON_LENGTH_MAX], ask_at_ms=None, changed_at_ms=now_ms
    )
    left = payment.refunding_minor - refund.amount.amount_minor
    freed = msgspec.structs.replace(payment, refunding_minor=left, changed_at_ms=now_ms)
    return RefundChange(failed, freed, _refund_failed(failed, payment))


def refund_not_known(refund: Refund, payment: Payment, reference: str, now_ms: int) -> RefundChange | None:
    """No answer in time: the question stays open."""
    if refund.state in ("refunded", "failed"):
        return None
    again = msgspec.structs.replace(
        refund,
        state="unknown",
        reference=reference or refund.reference,
        asked=refund.asked + 1,
        ask_at_ms=now_ms + pause_ms(refund.asked),
        changed_at_ms=now_ms,
    )
    return RefundChange(again, payment)


def disputed(known: Dispute | None, news: Dispute, payment: Payment, now_ms: int) -> DisputeChange | None:
    """What a chargeback's news means. The end may be told before the beginning; then both are told here."""
    if known is not None and (known.state != "open" or news.state == "open"):
        return None
    opened_at_ms = news.opened_at_ms if known is None else known.opened_at_ms
    dispute = msgspec.structs.replace(news, opened_at_ms=opened_at_ms)
    events: list[Event] = []
    if known is None:
        events.append(_dispute_opened(dispute, payment))
    if dispute.state != "open":
        events.append(_dispute_closed(dispute, payment, dispute.closed_at_ms or now_ms))
    state = payment.state
    if state in ("captured", "refunded", "disputed"):
        undisputed = "refunded" if payment.refunded_minor == payment.captured_minor else "captured"
        state = undisputed if dispute.state == "won" else "disputed"
    return DisputeChange(dispute, msgspec.structs.replace(payment, state=state, changed_at_ms=now_ms), tuple(events))


def receipt_lines(order: OrderView) -> tuple[tuple[str, int, int], ...]:
    """Title, quantity and gross total of what was bought, for a fiscal receipt. They add up to the order's total exactly, so what
    a coupon takes off is spread over the lines, and what does not divide goes to the last one."""
    goods_minor = sum(line.total.amount_minor for line in order.lines)
    if not goods_minor:
        return ()
    left_minor, lines = order.total.amount_minor, []
    for line in order.lines[:-1]:
        share_minor = line.total.amount_minor * order.total.amount_minor // goods_minor
        left_minor -= share_minor
        lines.append((line.title, line.quantity, share_minor))
    return (*lines, (order.lines[-1].title, order.lines[-1].quantity, left_minor))


def payment_view(payment: Payment) -> PaymentView:
    """The payment as its buyer sees it."""
    currency = payment.amount.currency
    return PaymentView(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        state=payment.state,
        amount=payment.amount,
        reason=payment.reason,
        provider=payment.provider,
        action_url=payment.action_url if payment.state == "requires_action" else None,
        captured=Money(amount_minor=payment.captured_minor, currency=currency) if payment.captured_minor else None,
        refunded=Money(amount_minor=payment.refunded_minor, currency=currency) if payment.refunded_minor else None,
    )


def card_view(card: Card) -> CardView:
    """The card as its owner sees it."""
    return CardView(
        card_id=card.card_id,
        provider=card.provider,
        label=card.label,
        is_default=card.is_default,
        state=card.state,
        action_url=card.action_url,
        saved_at_ms=card.saved_at_ms,
    )


def card_of(
    body: SaveCard, owner_id: str, return_path: str, now_ms: int, method: str = "", label: str = "", action_url: str | None = None
) -> Card:
    """A card as the provider keeps it, or, with `action_url`, one whose owner must confirm first."""
    return Card(
        card_id=body.card_id,
        owner_id=owner_id,
        provider=body.provider,
        given=body.method or "",
        method=method,
        label=label,
        state="ready" if action_url is None else "requires_action",
        is_default=False,
        action_url=action_url,
        return_path=return_path,
        saved_at_ms=now_ms,
    )


def failed_card_view(card: Card) -> CardView:
    """A card that its owner did not confirm; it is forgotten."""
    return msgspec.structs.replace(card_view(card), state="failed", action_url=None)


def pause_ms(asked: int) -> int:
    """How long to wait before the provider is asked again, after `asked` questions without an answer."""
    return int(min(ASK_FIRST_MS << min(asked, 16), ASK_MAX_MS))


def _not_refundable(payment: Payment, amount: Money) -> str | None:
    if payment.state == "disputed":
        return "disputed"
    if payment.state not in ("captured", "refunded"):
        return "nothing_captured"
    if amount.currency != payment.amount.currency:
        return "wrong_currency"
    if amount.amount_minor <= 0 or payment.refunding_minor + amount.amount_minor > payment.captured_minor:
        return "more_than_captured"
    return None


def _failed(payment: Payment, reason: str, now_ms: int, **fields: Any) -> Change:
    event = PaymentFailed(payment_id=payment.payment_id, order_id=payment.order_id, show_id=payment.show_id, reason=reason)
    return Change(_decided(payment, now_ms, state="failed", reason=reason, action_url=None, **fields), event)


def _not_what_we_asked_for(payment: Payment, now_ms: int) -> Change:
    """The provider keeps another amount: that is no payment of this order."""
    failed = _failed(payment, "amount_differs", now_ms)
    return failed._replace(payment=msgspec.structs.replace(failed.payment, wanted="return", ask_at_ms=now_ms))


def _to_return(payment: Payment, now_ms: int) -> Change:
    """Money that we should not have is asked about until it is back."""
    if payment.wanted == "return":
        return Change(_ask_later(payment, now_ms))
    return Change(msgspec.structs.replace(payment, wanted="return", asked=0, ask_at_ms=now_ms, changed_at_ms=now_ms))


def _refund_failed(refund: Refund, payment: Payment) -> RefundFailed:
    return RefundFailed(
        refund_id=refund.refund_id,
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        show_id=payment.show_id,
        reason=refund.reason or "",
    )


def _dispute_opened(dispute: Dispute, payment: Payment) -> DisputeOpened:
    return DisputeOpened(
        dispute_id=dispute.dispute_id,
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        show_id=payment.show_id,
        amount=dispute.amount,
        reason=dispute.reason,
        opened_at_ms=dispute.opened_at_ms,
    )


def _dispute_closed(dispute: Dispute, payment: Payment, closed_at_ms: int) -> DisputeClosed:
    return DisputeClosed(
        dispute_id=dispute.dispute_id,
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        show_id=payment.show_id,
        amount=dispute.amount,
        won=dispute.state == "won",
        closed_at_ms=closed_at_ms,
    )


def _ask_later(payment: Payment, now_ms: int, **fields: Any) -> Payment:
    again = {"asked": payment.asked + 1, "ask_at_ms": now_ms + pause_ms(payment.asked), "changed_at_ms": now_ms}
    return msgspec.structs.replace(payment, **{**again, **fields})


def _decided(payment: Payment, now_ms: int, **fields: Any) -> Payment:
    return msgspec.structs.replace(payment, asked=0, ask_at_ms=None, wanted=None, changed_at_ms=now_ms, **fields)
