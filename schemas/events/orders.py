"""Facts of the module `orders`."""

from typing import ClassVar, Literal

import msgspec

from schemas.base import Event
from schemas.money import Amounts, Money

OrderKind = Literal["sale", "lot", "giveaway"]
"""How the buyer came to it: by buying, by winning an auction, by luck."""


class OrderPlaced(Event, frozen=True, tag="orders.order_placed.v1"):
    """Units are held for the buyer until `hold_expires_at_ms`; the order waits for a payment."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    buyer_id: str
    total: Money
    hold_expires_at_ms: int
    seller_id: str = ""
    hold_id: str = ""
    kind: OrderKind = "sale"
    charge_saved: bool = False
    """The buyer has agreed before (by bidding): charge their saved card at once, without them."""


class OrderConfirmed(Event, frozen=True, tag="orders.order_confirmed.v1"):
    """The money is authorised and the units are committed to the buyer: the payment may be captured. What costs nothing has no
    payment: `payment_id` is empty."""

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
    payment_id: str = ""
    seller_id: str = ""
    hold_id: str = ""
    kind: OrderKind = "sale"
    coupon: str = ""
    amounts: Amounts | None = None


class OrderCancelled(Event, frozen=True, tag="orders.order_cancelled.v1"):
    """The order is dead; `reason` is `hold_expired`, `sold_out`, `buyer` or `shop`. An authorised payment must be voided. With
    `restock` its units were sold and are on sale again."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    reason: str
    payment_id: str | None = None
    hold_id: str = ""
    kind: OrderKind = "sale"
    restock: bool = False


class OrderShipped(Event, frozen=True, tag="orders.order_shipped.v1"):
    """The shop has handed the goods over to a carrier."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    buyer_id: str
    carrier: str
    tracking: str
    shipped_at_ms: int


class OrderDelivered(Event, frozen=True, tag="orders.order_delivered.v1"):
    """The buyer has the goods; the return window begins."""

    SUBJECT: ClassVar[str] = "order_id"
    order_id: str
    show_id: str
    buyer_id: str
    delivered_at_ms: int


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    """Units that come back."""

    sku: str
    quantity: int


class GoodsReturned(Event, frozen=True, tag="orders.goods_returned.v1"):
    """Sold units are in the warehouse again (`restock`), or came back and cannot be sold."""

    SUBJECT: ClassVar[str] = "order_id"
    return_id: str
    order_id: str
    show_id: str
    lines: list[ReturnLine]
    restock: bool


class RefundRequested(Event, frozen=True, tag="orders.refund_requested.v1"):
    """The shop gives money back: all that was paid, or a part of it. The provider has not been asked yet, its key is
    `refund_id`."""

    SUBJECT: ClassVar[str] = "order_id"
    refund_id: str
    order_id: str
    show_id: str
    seller_id: str
    payment_id: str
    amounts: Amounts
    reason: str
