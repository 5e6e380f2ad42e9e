"""Facts of the module `orders`."""

from typing import ClassVar

from schemas.base import Event
from schemas.money import Money


class OrderPlaced(Event, frozen=True, tag="orders.order_placed.v1"):
    """Units are held for the buyer until `hold_expires_at_ms`; the order waits for a payment."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    buyer_id: str
    total: Money
    hold_expires_at_ms: int


class OrderConfirmed(Event, frozen=True, tag="orders.order_confirmed.v1"):
    """The money is authorised and the units are committed to the buyer: the payment may be captured."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    payment_id: str


class OrderPaid(Event, frozen=True, tag="orders.order_paid.v1"):
    """The payment is captured."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    buyer_id: str
    total: Money
    paid_at_ms: int


class OrderCancelled(Event, frozen=True, tag="orders.order_cancelled.v1"):
    """The order is dead; `reason` is `hold_expired`, `sold_out` or `buyer`. An authorised payment must be voided."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    reason: str
    payment_id: str | None = None
