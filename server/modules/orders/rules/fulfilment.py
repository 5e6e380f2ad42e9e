"""From the paid order to the goods at the buyer's door, and back. Pure."""

from collections.abc import Sequence

import msgspec

from schemas.base import Event
from schemas.errors import (
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    NOT_IN_REHEARSAL,
    ORDER_NOT_CANCELLABLE,
    ORDER_NOT_SHIPPABLE,
    PAYMENT_IN_PROGRESS,
    RETURN_NOT_POSSIBLE,
    Refusal,
)
from schemas.events.orders import GoodsReturned, OrderDelivered, OrderShipped, ReturnLine
from schemas.http.orders import LinePart, OrderView, ParcelView, RequestReturn, ReturnedLine, ReturnView, ShipOrders
from schemas.ids import derived_id, is_rehearsal
from server.modules.orders.rules.order import Change, Order, cancelled_event, changed
from server.modules.orders.rules.refunds import Wanted, all_of_it, came_back, check_refundable, refund, shipping_left, unit_parts

DAY_MS = 24 * 3_600_000
RETURN_WINDOW_MS = 14 * DAY_MS
"""From the delivery on: what the law of the EU gives the buyer of a distance sale (2011/83/EU art. 9)."""
ARRIVES_WITHIN_MS = 14 * DAY_MS
"""A parcel of which nobody has heard since counts as delivered, so that the return window ends some day."""


def to_send(view: OrderView) -> bool:
    """Whether the goods are paid and still here."""
    if is_rehearsal(view.show_id):
        return False
    paid = view.payment == "captured" or view.total.amount_minor == 0
    return view.state == "confirmed" and paid and view.fulfilment in ("none", "packed")


def packed(order: Order, now_ms: int) -> Change | Refusal | None:
    """The goods lie in their parcel."""
    if order.view.fulfilment == "packed":
        return None
    if not to_send(order.view):
        return _not_sendable(order.view)
    return Change(changed(order, now_ms, fulfilment="packed"), what="packed")


def shipped(order: Order, body: ShipOrders, now_ms: int) -> Change | Refusal | None:
    """The parcel is with the carrier. Told again with another number, the number is mended."""
    view = order.view
    if view.fulfilment == "shipped":
        if (view.carrier, view.tracking) == (body.carrier, body.tracking):
            return None
        mended = changed(order, now_ms, carrier=body.carrier, tracking=body.tracking)
        return Change(mended, what="tracking_changed", params={"carrier": body.carrier, "tracking": body.tracking})
    if not to_send(view):
        return _not_sendable(view)
    sent = changed(
        order,
        now_ms,
        state="fulfilled",
        fulfilment="shipped",
        carrier=body.carrier,
        tracking=body.tracking,
        shipped_at_ms=now_ms,
    )
    event = OrderShipped(
        order_id=view.order_id,
        show_id=view.show_id,
        buyer_id=view.buyer_id,
        carrier=body.carrier,
        tracking=body.tracking,
        shipped_at_ms=now_ms,
    )
    return Change(sent, events=(event,), what="shipped", params={"carrier": body.carrier, "tracking": body.tracking})


def check_parcel(orders: Sequence[Order]) -> Refusal | None:
    """Why these orders cannot travel in one parcel, or None."""
    if len({order.view.buyer_id for order in orders}) > 1:
        return Refusal(INVALID_FIELD, "One parcel goes to one buyer; ship the others on their own.")
    if len({place_of(order.view) for order in orders}) > 1:
        return Refusal(INVALID_FIELD, "These orders go to different addresses; ship them on their own.")
    return None


def parcels(views: Sequence[OrderView]) -> list[ParcelView]:
    """Orders to be sent, by buyer and address, who waits longest first."""
    found: dict[tuple[str, tuple[str, ...]], list[OrderView]] = {}
    for view in sorted(views, key=lambda view: (view.confirmed_at_ms or 0, view.order_id)):
        found.setdefault((view.buyer_id, place_of(view)), []).append(view)
    return [
        ParcelView(buyer_id=buyer, buyer_name=orders[0].buyer_name, address=orders[0].address, orders=orders)
        for (buyer, _), orders in found.items()
    ]


def place_of(view: OrderView) -> tuple[str, ...]:
    """Where an order goes, whatever the address is called."""
    there = view.address
    if there is None:
        return ()
    return (there.name, there.country, there.region, there.city, there.street, there.postal_code)


def delivered(order: Order, now_ms: int) -> Change | Refusal | None:
    """The buyer has the goods."""
    view = order.view
    if view.fulfilment == "delivered":
        return None
    if view.fulfilment != "shipped":
        return Refusal(ORDER_NOT_SHIPPABLE, "It was not shipped yet.")
    event = OrderDelivered(order_id=view.order_id, show_id=view.show_id, buyer_id=view.buyer_id, delivered_at_ms=now_ms)
    return Change(changed(order, now_ms, fulfilment="delivered", delivered_at_ms=now_ms), events=(event,), what="delivered")


def withdrawn(order: Order, reason: str, now_ms: int) -> Change | Refusal | None:
    """The shop will not send the goods: they are on sale again, and the buyer gets everything back."""
    view = order.view
    if view.state == "cancelled":
        return None
    if view.state != "confirmed" or view.fulfilment not in ("none", "packed"):
        return Refusal(ORDER_NOT_CANCELLABLE, "Only a confirmed order that was not shipped can be withdrawn.")
    if view.payment == "authorised":
        return Refusal(PAYMENT_IN_PROGRESS, "Wait a moment: the payment is being captured.")
    if view.dispute == "open":
        return Refusal(ORDER_NOT_CANCELLABLE, "The buyer's bank has taken the money back; settle the dispute first.")
    dead = changed(order, now_ms, state="cancelled", reason="shop", fulfilment="none")
    restock = view.kind != "giveaway"
    events: list[Event] = [cancelled_event(dead, None, restock=restock)]
    if not restock:
        # The draw has sold the unit without a hold, so it goes back by way of the warehouse.
        events.append(_goods_back(dead, derived_id(view.order_id, "withdraw", "rtn")))
    change = Change(dead, events=tuple(events), what="withdrawn", why=reason)
    if check_refundable(dead.view):
        return change
    money = refund(dead, all_of_it(dead, derived_id(view.order_id, "withdraw", "rfd"), reason), now_ms)
    return change if isinstance(money, Refusal) else change._replace(order=money.order, events=(*events, *money.events))


def return_requested(order: Order, body: RequestReturn, now_ms: int) -> Change | Refusal | None:
    """The buyer wants to send units back, which is possible for a while after the delivery."""
    view = order.view
    if known := [each for each in view.returns if each.return_id == body.return_id]:
        return _repeated(known[0], body)
    if refusal := _not_returnable(view, now_ms):
        return refusal
    parts = unit_parts(view, body.lines)
    if isinstance(parts, Refusal):
        return Refusal(RETURN_NOT_POSSIBLE, parts.detail, parts.extra)
    made = ReturnView(
        return_id=body.return_id,
        state="requested",
        lines=[ReturnedLine(position=part.position, quantity=part.units) for part in parts],
        reason=body.reason,
        note="",
        requested_at_ms=now_ms,
        decided_at_ms=None,
    )
    after = _returning(order, made, +1, now_ms, [*view.returns, made])
    return Change(after, what="return_requested", why=body.reason, params={"return": body.return_id})


def return_decided(order: Order, return_id: str, *, accept: bool, note: str, now_ms: int) -> Change | Refusal | None:
    """The shop accepts or refuses a return."""
    known = _return_of(order, return_id)
    if known is None:
        return Refusal(RETURN_NOT_POSSIBLE, "This order has no such return.")
    state = "accepted" if accept else "refused"
    if known.state == state:
        return None
    if known.state != "requested":
        return Refusal(RETURN_NOT_POSSIBLE, f"This return is {known.state} already.")
    returns = [_moved_on(each, return_id, state, note, now_ms) for each in order.view.returns]
    after = _returning(order, known, 0 if accept else -1, now_ms, returns)
    return Change(after, what=f"return_{state}", why=note, params={"return": return_id})


def return_received(order: Order, return_id: str, *, restock: bool, shipping: bool, now_ms: int) -> Change | Refusal | None:
    """The goods are back: the buyer gets their money."""
    known = _return_of(order, return_id)
    if known is None or known.state == "refused":
        return Refusal(RETURN_NOT_POSSIBLE, "This order has no such return, or it was refused.")
    if known.state == "received":
        return None
    parts = unit_parts(
        order.view, [LinePart(position=one.position, quantity=one.quantity) for one in known.lines], returning=True
    )
    assert not isinstance(parts, Refusal), parts
    returns = [_moved_on(each, return_id, "received", each.note, now_ms) for each in order.view.returns]
    back = _returning(order, known, -1, now_ms, returns)
    goods = [ReturnLine(sku=order.view.lines[one.position].sku, quantity=one.quantity) for one in known.lines]
    event = GoodsReturned(
        return_id=return_id, order_id=order.view.order_id, show_id=order.view.show_id, lines=goods, restock=restock
    )
    change = Change(back, events=(event,), what="return_received", params={"return": return_id})
    delivery = shipping_left(back.view) if shipping else 0
    wish = Wanted(derived_id(return_id, "refund", "rfd"), known.reason, "", parts, delivery)
    money = check_refundable(back.view) or refund(back, wish, now_ms)
    if isinstance(money, Refusal):
        change = change._replace(order=came_back(back, parts, now_ms))
    else:
        change = change._replace(order=money.order, events=(event, *money.events))
    if all(line.refunded == line.quantity for line in change.order.view.lines):
        change = change._replace(order=changed(change.order, now_ms, state="returned"))
    return change


def _repeated(known: ReturnView, body: RequestReturn) -> Refusal | None:
    wanted: dict[int, int] = {}
    for line in body.lines:
        wanted[line.position] = wanted.get(line.position, 0) + line.quantity
    if (known.reason, {line.position: line.quantity for line in known.lines}) == (body.reason, wanted):
        return None
    return Refusal(IDEMPOTENCY_CONFLICT, "A return with this id exists; make a new id for a new return.")


def _not_returnable(view: OrderView, now_ms: int) -> Refusal | None:
    if view.kind == "giveaway":
        return Refusal(RETURN_NOT_POSSIBLE, "A prize is not sent back.")
    if view.fulfilment not in ("shipped", "delivered"):
        return Refusal(RETURN_NOT_POSSIBLE, "It was not shipped yet; ask the shop to withdraw the order.")
    if view.delivered_at_ms is not None and view.delivered_at_ms + RETURN_WINDOW_MS <= now_ms:
        days = RETURN_WINDOW_MS // DAY_MS
        return Refusal(RETURN_NOT_POSSIBLE, f"Goods can be sent back within {days} days of their delivery.", {"days": days})
    if view.dispute in ("open", "lost"):
        return Refusal(RETURN_NOT_POSSIBLE, "Your bank has taken the money back already; settle the dispute first.")
    return None


def _return_of(order: Order, return_id: str) -> ReturnView | None:
    return next((each for each in order.view.returns if each.return_id == return_id), None)


def _moved_on(each: ReturnView, return_id: str, state: str, note: str, now_ms: int) -> ReturnView:
    if each.return_id != return_id:
        return each
    return msgspec.structs.replace(each, state=state, note=note, decided_at_ms=now_ms)


def _returning(order: Order, back: ReturnView, sign: int, now_ms: int, returns: list[ReturnView]) -> Order:
    """The order with the units of a return on their way back (+1), or no longer (-1)."""
    lines = list(order.view.lines)
    for one in back.lines:
        line = lines[one.position]
        lines[one.position] = msgspec.structs.replace(line, returning=line.returning + sign * one.quantity)
    return changed(order, now_ms, lines=lines, returns=returns)


def _goods_back(order: Order, return_id: str) -> GoodsReturned:
    view = order.view
    goods = [ReturnLine(sku=line.sku, quantity=line.quantity) for line in view.lines]
    return GoodsReturned(return_id=return_id, order_id=view.order_id, show_id=view.show_id, lines=goods, restock=True)


def _not_sendable(view: OrderView) -> Refusal:
    if is_rehearsal(view.show_id):
        text = f"Order {view.order_id} was placed in a rehearsal: nothing of it is sent."
        return Refusal(NOT_IN_REHEARSAL, text, {"order_id": view.order_id})
    why = f"its payment is {view.payment}" if view.state == "confirmed" else f"it is {view.state}"
    return Refusal(ORDER_NOT_SHIPPABLE, f"Order {view.order_id} cannot be sent: {why}.", {"order_id": view.order_id})
