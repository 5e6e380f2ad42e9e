"""Decisions of an order: what a cart costs, and what each fact about its hold and its payments means for it. Pure.

An order goes `placed → confirmed | cancelled`; its payment is an axis of its own. A transition returns the `Change` to write,
`None` when the fact is old news, and `TOO_EARLY` when an earlier fact of the same payment is still on its way.
"""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

import msgspec

from schemas.base import Event
from schemas.errors import (
    HOLD_EXPIRED,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LIMIT_REACHED,
    ORDER_NOT_CANCELLABLE,
    PAYMENT_IN_PROGRESS,
    PRICE_CHANGED,
    SOLD_OUT,
    UNKNOWN_SKU,
    WireError,
)
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderPaid, OrderPlaced
from schemas.http.catalog import OfferView
from schemas.http.orders import LineView, NewLine, OrderView, PlaceOrder, SaleView
from schemas.money import AMOUNT_MINOR_MAX, Money
from server.ledger.rules import Held, HoldLine, IdempotencyConflict, LimitReached, SoldOut, UnknownSku

Attempt = Literal["in_progress", "failed", "authorised", "captured", "voided"]
CancelReason = Literal["hold_expired", "sold_out", "buyer"]

SALES_MAX = 100
"""Orders that the studio's list shows; older ones are in the report."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order with what only the server needs."""

    view: OrderView
    hold_id: str
    changed_at_ms: int


class Cart(NamedTuple):
    """A cart whose prices are right."""

    lines: list[LineView]
    total: Money
    demand: tuple[HoldLine, ...]


class Refusal(NamedTuple):
    """Why not, and what to do instead."""

    error: WireError
    detail: str
    extra: Mapping[str, str | int | bool] = MappingProxyType({})


class Change(NamedTuple):
    """What a fact does to an order: its new state, how far its payment is, and the fact that follows."""

    order: Order
    attempt: Attempt | None = None
    event: Event | None = None


class Settled(NamedTuple):
    """What the ledger said when the units were to be committed: the hold that it committed, or why there is none."""

    hold_id: str | None
    reason: CancelReason | None = None


TOO_EARLY: Final = "too early"
TooEarly = Literal["too early"]
Transition = Change | TooEarly | None


def price_cart(lines: Sequence[NewLine], offers: Sequence[OfferView]) -> Cart | Refusal:
    """Price a cart by the offers of now. Demand is summed per SKU: two lines of one SKU must not pass a check one by one."""
    by_sku = {offer.sku: offer for offer in offers}
    demand: dict[str, int] = {}
    views = []
    for line in lines:
        offer = by_sku.get(line.sku)
        if refusal := _check_line(line, offer):
            return refusal
        assert offer is not None
        demand[line.sku] = demand.get(line.sku, 0) + line.quantity
        views.append(_line_view(line, offer))
    currencies = {view.unit_price.currency for view in views}
    if len(currencies) > 1:
        return Refusal(INVALID_FIELD, f"One order has one currency; this cart has {', '.join(sorted(currencies))}.")
    total_minor = sum(view.total.amount_minor for view in views)
    if total_minor > AMOUNT_MINOR_MAX:
        return Refusal(INVALID_FIELD, "The order is too large; split it.")
    total = Money(amount_minor=total_minor, currency=currencies.pop())
    return Cart(views, total, tuple(HoldLine(sku, quantity) for sku, quantity in demand.items()))


def placed(body: PlaceOrder, cart: Cart, buyer: tuple[str, str], held: Held, now_ms: int) -> Change:
    """A new order whose units are held. `buyer` is id and name."""
    view = OrderView(
        order_id=body.order_id,
        show_id=body.show_id,
        buyer_id=buyer[0],
        buyer_name=buyer[1],
        state="placed",
        payment="none",
        reason=None,
        lines=cart.lines,
        total=cart.total,
        placed_at_ms=now_ms,
        hold_expires_at_ms=held.expires_at_ms,
        version=1,
    )
    event = OrderPlaced(
        order_id=view.order_id,
        show_id=view.show_id,
        buyer_id=view.buyer_id,
        total=view.total,
        hold_expires_at_ms=view.hold_expires_at_ms,
    )
    return Change(Order(view=view, hold_id=held.hold_id, changed_at_ms=now_ms), event=event)


def refusal_of(outcome: SoldOut | LimitReached | UnknownSku | IdempotencyConflict) -> Refusal:
    """What a buyer is told when the ledger did not hold the units."""
    match outcome:
        case SoldOut(sku=sku, available=available):
            return Refusal(SOLD_OUT, f"Only {available} left." if available else "", {"sku": sku, "available": available})
        case LimitReached(sku=sku, per_buyer_max=most):
            return Refusal(LIMIT_REACHED, f"One person may buy at most {most}.", {"sku": sku, "per_buyer_max": most})
        case UnknownSku(sku=sku):
            return Refusal(UNKNOWN_SKU, "", {"sku": sku})
        case IdempotencyConflict():
            return Refusal(IDEMPOTENCY_CONFLICT, "An order with this id exists; make a new id for a new order.")


def is_repetition(order: Order, body: PlaceOrder, buyer_id: str) -> bool:
    """Whether `body` is the command that made the order, sent again."""
    given = [(line.sku, line.quantity, line.unit_price) for line in body.lines]
    known = [(line.sku, line.quantity, line.unit_price) for line in order.view.lines]
    return (order.view.buyer_id, order.view.show_id, known) == (buyer_id, body.show_id, given)


def cancelled_by_buyer(order: Order, now_ms: int) -> Change | Refusal | None:
    """The buyer gives the order up, which only works before a payment; None when it is dead already."""
    if order.view.state == "cancelled":
        return None
    if order.view.state != "placed":
        return Refusal(ORDER_NOT_CANCELLABLE, "This order is confirmed; ask the shop to return it.")
    if order.view.payment == "in_progress":
        return Refusal(PAYMENT_IN_PROGRESS, "Wait until the payment is decided.")
    return _cancelled(order, "buyer", now_ms)


def hold_expired(order: Order, at_ms: int, now_ms: int) -> Change | None:
    """Nobody paid in time. While a payment is under way the order waits for it: it may still get its units back."""
    if order.view.state != "placed":
        return None
    if order.view.payment != "in_progress":
        return _cancelled(order, "hold_expired", now_ms)
    if order.view.hold_expires_at_ms <= at_ms:
        return None
    return Change(_with(order, now_ms, hold_expires_at_ms=at_ms))


def payment_requested(order: Order, attempt: Attempt | None, expires_at_ms: int | None, now_ms: int) -> Transition:
    """A payment begins: until it is decided, neither the clock nor the buyer can cancel the order.

    A cancelled order ignores it: should the provider agree, `payment_authorised` gives the money back.
    """
    if attempt is not None or order.view.state != "placed":
        return None
    if order.view.payment == "in_progress":
        return TOO_EARLY
    expires_at_ms = order.view.hold_expires_at_ms if expires_at_ms is None else expires_at_ms
    changed = _with(order, now_ms, payment="in_progress", reason=None, hold_expires_at_ms=expires_at_ms)
    return Change(changed, "in_progress")


def payment_failed(order: Order, attempt: Attempt | None, reason: str, now_ms: int) -> Transition:
    """The provider declined: the order may be paid another way while its hold lasts, else it ends here."""
    if attempt is None:
        return TOO_EARLY if order.view.state == "placed" else None
    if attempt != "in_progress":
        return None
    failed = _with(order, now_ms, payment="failed", reason=reason)
    if now_ms < order.view.hold_expires_at_ms:
        return Change(failed, "failed")
    return _cancelled(failed, "hold_expired", now_ms)._replace(attempt="failed")


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
        return Change(_with(order, now_ms, payment="authorised"), "authorised", _cancelled_event(order, payment_id))
    if settled is None or attempt is None:
        return TOO_EARLY
    paid = _with(order, now_ms, payment="authorised", reason=None)
    if settled.hold_id is None:
        change = _cancelled(paid, settled.reason or "sold_out", now_ms)
        return Change(change.order, "authorised", _cancelled_event(change.order, payment_id))
    confirmed = msgspec.structs.replace(paid, view=_view(paid, state="confirmed"), hold_id=settled.hold_id)
    event = OrderConfirmed(order_id=order.view.order_id, show_id=order.view.show_id, payment_id=payment_id)
    return Change(confirmed, "authorised", event)


def payment_captured(order: Order, attempt: Attempt | None, captured_at_ms: int, now_ms: int) -> Transition:
    """The money is the shop's."""
    if attempt == "captured":
        return None
    if attempt != "authorised":
        return TOO_EARLY
    event = OrderPaid(
        order_id=order.view.order_id,
        show_id=order.view.show_id,
        buyer_id=order.view.buyer_id,
        total=order.view.total,
        paid_at_ms=captured_at_ms,
    )
    return Change(_with(order, now_ms, payment="captured"), "captured", event)


def payment_voided(order: Order, attempt: Attempt | None, now_ms: int) -> Transition:
    """The money went back to the buyer."""
    if attempt == "voided":
        return None
    if attempt != "authorised":
        return TOO_EARLY
    return Change(_with(order, now_ms, payment="voided"), "voided")


def sale_view(order: Order) -> SaleView:
    """The order as the studio lists it."""
    view = order.view
    return SaleView(
        order_id=view.order_id,
        buyer_name=view.buyer_name,
        state=view.state,
        payment=view.payment,
        total=view.total,
        units=sum(line.quantity for line in view.lines),
        at_ms=order.changed_at_ms,
        version=view.version,
    )


def with_sale(sales: Sequence[SaleView], sale: SaleView) -> list[SaleView]:
    """The studio's list after an order changed: the newest change first. News that is older than what the list has of the same
    order changes nothing: the database and the channel's log overlap."""
    known = {item.order_id: item for item in sales}
    if sale.order_id in known and known[sale.order_id].version >= sale.version:
        return list(sales)
    known[sale.order_id] = sale
    return sorted(known.values(), key=lambda item: (item.at_ms, item.order_id), reverse=True)[:SALES_MAX]


def derived_id(cause_id: str, purpose: str) -> str:
    """Id of a command that follows from another one: the same cause gives the same id, so a repetition is recognised."""
    return "cmd_" + hashlib.sha256(f"{cause_id}:{purpose}".encode()).hexdigest()[:32]


def hold_over(held: Held, now_ms: int) -> Refusal | None:
    """A request repeated after its hold ran out gets the old answer of the ledger: too late to make an order of it."""
    late = held.expires_at_ms <= now_ms
    return Refusal(HOLD_EXPIRED, "Order again with a new id.") if late else None


def _check_line(line: NewLine, offer: OfferView | None) -> Refusal | None:
    if offer is None:
        return Refusal(UNKNOWN_SKU, "", {"sku": line.sku})
    if offer.price != line.unit_price:
        price: dict[str, str | int | bool] = {
            "sku": line.sku,
            "amount_minor": offer.price.amount_minor,
            "currency": offer.price.currency,
        }
        return Refusal(PRICE_CHANGED, "", price)
    if line.quantity * offer.price.amount_minor > AMOUNT_MINOR_MAX:
        return Refusal(INVALID_FIELD, "The order is too large; split it.")
    return None


def _line_view(line: NewLine, offer: OfferView) -> LineView:
    return LineView(
        sku=offer.sku,
        title=offer.title,
        label=offer.label,
        image_url=offer.image_url,
        quantity=line.quantity,
        unit_price=offer.price,
        total=Money(amount_minor=line.quantity * offer.price.amount_minor, currency=offer.price.currency),
    )


def _cancelled(order: Order, reason: CancelReason, now_ms: int) -> Change:
    dead = _with(order, now_ms, state="cancelled", reason=reason)
    return Change(dead, event=_cancelled_event(dead, None))


def _cancelled_event(order: Order, payment_id: str | None) -> OrderCancelled:
    view = order.view
    return OrderCancelled(order_id=view.order_id, show_id=view.show_id, reason=view.reason or "", payment_id=payment_id)


def _with(order: Order, now_ms: int, **fields: Any) -> Order:
    """The order with some fields changed and the next version."""
    view = _view(order, version=order.view.version + 1, **fields)
    return msgspec.structs.replace(order, view=view, changed_at_ms=max(now_ms, order.changed_at_ms))


def _view(order: Order, **fields: Any) -> OrderView:
    return msgspec.structs.replace(order.view, **fields)
