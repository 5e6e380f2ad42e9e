"""How an order comes to be: placed by its buyer, or because they won an auction or a giveaway. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from schemas.errors import HOLD_EXPIRED, ORDER_NOT_CANCELLABLE, SHIPPING_UNAVAILABLE, Refusal
from schemas.events.ledger import AnyLedgerEvent, HoldCommitted, HoldExpired, HoldReleased, StockHeld
from schemas.events.orders import OrderPlaced
from schemas.http.catalog import OfferView
from schemas.http.orders import AddressView, OrderView, PlaceOrder, ShippingView
from schemas.money import Amounts, Money
from server.ledger.rules import Held, HoldLine
from server.modules.orders.rules.order import Change, Order, changed, digest, kind_of
from server.modules.orders.rules.payment import confirmed_event
from server.modules.orders.rules.pricing import Cart, line_view, with_shipping


class Who(NamedTuple):
    """Whose order it is and where it goes."""

    buyer_id: str
    buyer_name: str
    seller_id: str = ""
    address: AddressView | None = None


class Won(NamedTuple):
    """What an auction promises its winner."""

    show_id: str
    hold_id: str
    offer: OfferView
    quantity: int
    price: Money
    expires_at_ms: int
    owed: bool


def placed(body: PlaceOrder, cart: Cart, who: Who, held: Held, now_ms: int) -> Change:
    """A new order whose units are held."""
    view = _view(body.order_id, body.show_id, cart, who, now_ms)
    view = msgspec.structs.replace(view, hold_id=held.hold_id, hold_expires_at_ms=held.expires_at_ms)
    order = Order(view=view, changed_at_ms=now_ms, request=digest(body))
    return Change(order, events=(_placed_event(order),), what="placed")


def won(order_id: str, lot: Won, who: Who, options: list[ShippingView], now_ms: int) -> Change:
    """The order of a lot: the units are held already. It travels the cheapest way; without any the shop settles it."""
    unit = Money(amount_minor=lot.price.amount_minor // lot.quantity, currency=lot.price.currency)
    line = line_view(lot.offer, lot.quantity, unit, lot.price.amount_minor)
    cart = Cart([line], lot.price.currency, (HoldLine(lot.offer.sku, lot.quantity),))
    country = who.address.country if who.address else None
    sent = with_shipping(cart, None, options, country)
    view = _view(order_id, lot.show_id, cart if isinstance(sent, Refusal) else sent, who, now_ms)
    view = msgspec.structs.replace(view, kind="lot", hold_id=lot.hold_id, hold_expires_at_ms=lot.expires_at_ms)
    order = Order(view=view, changed_at_ms=now_ms, owed=lot.owed)
    return Change(order, events=(_placed_event(order),), what="placed", params={"lot": lot.hold_id})


def given(order_id: str, show_id: str, giveaway_id: str, offer: OfferView, who: Who, now_ms: int) -> Change:
    """The order of a won unit: it costs nothing and is sure at once, because the draw has sold the unit."""
    free = Money(amount_minor=0, currency=offer.price.currency)
    cart = Cart([line_view(offer, 1, free, 0)], free.currency, (HoldLine(offer.sku, 1),))
    view = _view(order_id, show_id, cart, who, now_ms)
    # Several winners share the giveaway, and a hold belongs to one order: the order's own id stands in for it.
    view = msgspec.structs.replace(
        view, kind="giveaway", hold_id=order_id, hold_expires_at_ms=now_ms, state="confirmed", confirmed_at_ms=now_ms
    )
    order = Order(view=view, changed_at_ms=now_ms)
    events = (_placed_event(order), confirmed_event(order, None))
    return Change(order, events=events, what="won", params={"giveaway": giveaway_id})


def is_repetition(order: Order, body: PlaceOrder, buyer_id: str) -> bool:
    """Whether `body` is the command that made the order, sent again."""
    if order.view.buyer_id != buyer_id or order.view.kind != "sale":
        return False
    if order.request:
        return order.request == digest(body)
    given_lines = [(line.sku, line.quantity, line.unit_price) for line in body.lines]
    known = [(line.sku, line.quantity, line.unit_price) for line in order.view.lines]
    return (order.view.show_id, known) == (body.show_id, given_lines)


def waited_hold(events: Iterable[AnyLedgerEvent], hold_id: str, buyer_id: str, cart: Cart, now_ms: int) -> Held | Refusal:
    """The hold of somebody who stood in line, when it is theirs, open, and of this cart."""
    held: StockHeld | None = None
    over = False
    for event in events:
        if isinstance(event, StockHeld) and event.hold_id == hold_id:
            held = event
        over = over or (isinstance(event, HoldExpired | HoldReleased | HoldCommitted) and event.hold_id == hold_id)
    if held is None or held.buyer_id != buyer_id:
        return Refusal(HOLD_EXPIRED, "Nothing is held for you under this id; order without it.")
    if over or held.expires_at_ms <= now_ms:
        return Refusal(HOLD_EXPIRED, "The time to order is over; stand in line again.")
    lines = {(line.sku, line.sale.sale_id if line.sale else ""): line.quantity for line in held.lines}
    if lines != {(line.sku, line.sale_id): line.quantity for line in cart.demand} or cart.coupon:
        return Refusal(HOLD_EXPIRED, "Something else is held for you; order exactly what you stood in line for, without a code.")
    return Held(hold_id, held.expires_at_ms, held.seq)


def moved(order: Order, address: AddressView, now_ms: int) -> Change | Refusal:
    """The goods go somewhere else. What the delivery costs stays as it was, so it must be offered there."""
    view = order.view
    if view.state not in ("placed", "confirmed") or view.fulfilment != "none":
        return Refusal(ORDER_NOT_CANCELLABLE, "The parcel is packed or the order is over; write to the shop.")
    if view.shipping is not None and view.shipping.countries and address.country not in view.shipping.countries:
        return Refusal(SHIPPING_UNAVAILABLE, f"The chosen delivery does not go to {address.country}.")
    return Change(changed(order, now_ms, address=address), what="moved")


def _view(order_id: str, show_id: str, cart: Cart, who: Who, now_ms: int) -> OrderView:
    amounts = cart.amounts
    return OrderView(
        order_id=order_id,
        show_id=show_id,
        buyer_id=who.buyer_id,
        buyer_name=who.buyer_name,
        state="placed",
        payment="none",
        reason=None,
        lines=cart.lines,
        total=cart.total,
        placed_at_ms=now_ms,
        hold_expires_at_ms=now_ms,
        version=1,
        seller_id=who.seller_id,
        amounts=amounts,
        coupon=cart.coupon,
        address=who.address,
        shipping=cart.shipping,
        shipping_tax_minor=cart.shipping_tax_minor,
        refunded=nothing(amounts.currency),
    )


def nothing(currency: str) -> Amounts:
    """No money at all."""
    return Amounts(currency=currency, subtotal_minor=0, discount_minor=0, shipping_minor=0, tax_minor=0, total_minor=0)


def _placed_event(order: Order) -> OrderPlaced:
    view = order.view
    return OrderPlaced(
        order_id=view.order_id,
        show_id=view.show_id,
        buyer_id=view.buyer_id,
        total=view.total,
        hold_expires_at_ms=view.hold_expires_at_ms,
        seller_id=view.seller_id,
        hold_id=view.hold_id,
        kind=kind_of(order),
        charge_saved=order.owed,
    )
