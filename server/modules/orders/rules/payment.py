"""What the facts about its hold and its payments mean for an order: `placed → confirmed | cancelled`. Pure.

A transition returns the `Change` to write, `None` when the fact is old news, and `TOO_EARLY` when an earlier fact of the same
payment is still on its way.
"""

from typing import NamedTuple

from schemas.errors import (
    COUPON_INVALID,
    HOLD_EXPIRED,
    IDEMPOTENCY_CONFLICT,
    LIMIT_REACHED,
    ORDER_NOT_CANCELLABLE,
    PAYMENT_IN_PROGRESS,
    SALE_NOT_OPEN,
    SOLD_OUT,
    UNKNOWN_SKU,
    Refusal,
)
from schemas.events.orders import OrderConfirmed, OrderPaid
from server.ledger.rules import (
    AnyOutcome,
    CouponRefused,
    Held,
    IdempotencyConflict,
    LimitReached,
    SaleNotOpen,
    SoldOut,
    UnknownSku,
)
from server.modules.orders.rules.order import (
    TOO_EARLY,
    Attempt,
    CancelReason,
    Change,
    Order,
    TooEarly,
    Transition,
    cancelled,
    cancelled_event,
    changed,
    kind_of,
)


class Settled(NamedTuple):
    """What the ledger said when the units were to be committed: the hold that it committed, or why there is none."""

    hold_id: str | None
    reason: CancelReason | None = None


def refusal_of(outcome: AnyOutcome) -> Refusal:
    """What a buyer is told when the ledger did not hold the units."""
    match outcome:
        case SoldOut(sku=sku, available=available):
            return Refusal(SOLD_OUT, f"Only {available} left." if available else "", {"sku": sku, "available": available})
        case LimitReached(sku=sku, per_buyer_max=most):
            return Refusal(LIMIT_REACHED, f"One person may buy at most {most}.", {"sku": sku, "per_buyer_max": most})
        case UnknownSku(sku=sku):
            return Refusal(UNKNOWN_SKU, "", {"sku": sku})
        case SaleNotOpen(sale_id=sale_id, state=state, starts_at_ms=starts_at_ms):
            detail = "It has not begun yet." if state == "announced" else "It is over; order at the usual price."
            return Refusal(SALE_NOT_OPEN, detail, {"sale_id": sale_id, "state": state, "starts_at_ms": starts_at_ms})
        case CouponRefused(code=code, reason=reason):
            return Refusal(COUPON_INVALID, "Order without the code.", {"code": code, "reason": reason})
        case IdempotencyConflict():
            return Refusal(IDEMPOTENCY_CONFLICT, "An order with this id exists; make a new id for a new order.")
        case _:
            raise AssertionError(f"no answer to a hold: {outcome}")


def hold_over(held: Held, now_ms: int) -> Refusal | None:
    """A request repeated after its hold ran out gets the old answer of the ledger: too late to make an order of it."""
    late = held.expires_at_ms <= now_ms
    return Refusal(HOLD_EXPIRED, "Order again with a new id.") if late else None


def cancelled_by_buyer(order: Order, now_ms: int) -> Change | Refusal | None:
    """The buyer gives the order up, which only works before a payment; None when it is dead already."""
    if order.view.state == "cancelled":
        return None
    if order.view.state != "placed":
        return Refusal(ORDER_NOT_CANCELLABLE, "This order is confirmed; ask the shop to return it.")
    if order.view.payment == "in_progress":
        return Refusal(PAYMENT_IN_PROGRESS, "Wait until the payment is decided.")
    if order.owed:
        return Refusal(ORDER_NOT_CANCELLABLE, "You have won this lot: the bid was a promise to pay.")
    return cancelled(order, "buyer", now_ms)


def hold_expired(order: Order, at_ms: int, now_ms: int) -> Change | None:
    """Nobody paid in time. While a payment is under way the order waits for it: it may still get its units back."""
    if order.view.state != "placed":
        return None
    if order.view.payment != "in_progress":
        return cancelled(order, "hold_expired", now_ms)
    if order.view.hold_expires_at_ms <= at_ms:
        return None
    return Change(changed(order, now_ms, hold_expires_at_ms=at_ms), what="hold_ended")


def payment_requested(order: Order, attempt: Attempt | None, expires_at_ms: int | None, now_ms: int) -> Transition:
    """A payment begins: until it is decided, neither the clock nor the buyer can cancel the order.

    A cancelled order ignores it: should the provider agree, `payment_authorised` gives the money back.
    """
    if attempt is not None or order.view.state != "placed":
        return None
    if order.view.payment == "in_progress":
        return TOO_EARLY
    expires_at_ms = order.view.hold_expires_at_ms if expires_at_ms is None else expires_at_ms
    begun = changed(order, now_ms, payment="in_progress", reason=None, action_url=None, hold_expires_at_ms=expires_at_ms)
    return Change(begun, "in_progress", what="payment_requested")


def action_required(order: Order, attempt: Attempt | None, url: str, now_ms: int) -> Transition:
    """The buyer's bank wants to hear from the buyer."""
    if attempt is None:
        return TOO_EARLY if order.view.state == "placed" else None
    if attempt != "in_progress" or order.view.state != "placed" or order.view.action_url == url:
        return None
    return Change(changed(order, now_ms, action_url=url), attempt, what="action_required")


def payment_failed(order: Order, attempt: Attempt | None, reason: str, now_ms: int) -> Transition:
    """The provider declined: the order may be paid another way while its hold lasts, else it ends here."""
    if attempt is None:
        return TOO_EARLY if order.view.state == "placed" else None
    if attempt != "in_progress":
        return None
    failed = changed(order, now_ms, payment="failed", reason=reason, action_url=None)
    if now_ms < order.view.hold_expires_at_ms:
        return Change(failed, "failed", what="payment_failed", why=reason)
    return cancelled(failed, "hold_expired", now_ms)._replace(attempt="failed")


def wants_commit(order: Order, attempt: Attempt | None) -> bool | TooEarly:
    """Whether an authorised payment makes the order's units due."""
    if order.view.state != "placed":
        return False
    return attempt == "in_progress" or TOO_EARLY


def payment_authorised(
    order: Order, attempt: Attempt | None, payment_id: str, settled: Settled | None, now_ms: int
) -> Transition:
    """The money is there. `settled` is the ledger's answer, or None when the order was dead before it could be asked."""
    if attempt not in (None, "in_progress"):
        return None
    if order.view.state == "cancelled":
        paid = changed(order, now_ms, payment="authorised", action_url=None)
        return Change(paid, "authorised", (cancelled_event(order, payment_id),), "paid_too_late", order.view.reason or "")
    if settled is None or attempt is None:
        return TOO_EARLY
    paid = changed(order, now_ms, payment="authorised", reason=None, action_url=None, payment_id=payment_id)
    return confirmed(paid, payment_id, settled, now_ms)._replace(attempt="authorised")


def confirmed_for_nothing(order: Order, settled: Settled, now_ms: int) -> Change | None:
    """An order that costs nothing needs no payment, only its units."""
    if order.view.state != "placed":
        return None
    return confirmed(order, None, settled, now_ms)


def confirmed(order: Order, payment_id: str | None, settled: Settled, now_ms: int) -> Change:
    """The units are the buyer's, or the order is dead for the lack of them."""
    if settled.hold_id is None:
        return cancelled(order, settled.reason or "sold_out", now_ms, payment_id)
    sure = changed(order, now_ms, state="confirmed", hold_id=settled.hold_id, confirmed_at_ms=now_ms)
    params = {"hold_id": settled.hold_id}
    return Change(sure, events=(confirmed_event(sure, payment_id),), what="confirmed", params=params)


def confirmed_event(order: Order, payment_id: str | None) -> OrderConfirmed:
    """The fact of a sure order; what costs nothing has no payment."""
    return OrderConfirmed(order_id=order.view.order_id, show_id=order.view.show_id, payment_id=payment_id or "")


def payment_captured(order: Order, attempt: Attempt | None, captured_at_ms: int, now_ms: int) -> Transition:
    """The money is the shop's."""
    if attempt == "captured":
        return None
    if attempt != "authorised":
        return TOO_EARLY
    view = order.view
    event = OrderPaid(
        order_id=view.order_id,
        show_id=view.show_id,
        buyer_id=view.buyer_id,
        total=view.total,
        paid_at_ms=captured_at_ms,
        payment_id=view.payment_id or "",
        seller_id=view.seller_id,
        hold_id=view.hold_id,
        kind=kind_of(order),
        coupon=view.coupon or "",
        amounts=order.amounts,
    )
    paid = changed(order, now_ms, payment="captured", paid_at_ms=captured_at_ms)
    return Change(paid, "captured", (event,), "paid")


def payment_voided(order: Order, attempt: Attempt | None, now_ms: int) -> Transition:
    """The money went back to the buyer."""
    if attempt == "voided":
        return None
    if attempt != "authorised":
        return TOO_EARLY
    return Change(changed(order, now_ms, payment="voided"), "voided", what="voided")
