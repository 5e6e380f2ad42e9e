"""Bodies of `/api/orders/…`, and what the channels `order:<order_id>` and `sales:<show_id>` carry."""

from typing import Annotated

from msgspec import Meta

from schemas.base import Body, View
from schemas.http.catalog import Quantity
from schemas.ids import OrderId, ShowId, Sku
from schemas.money import Money

LINES_MAX = 20


class NewLine(Body, frozen=True):
    """One line of a cart. `unit_price` is what the buyer saw: another price now is an error, not a surprise."""

    sku: Sku
    quantity: Quantity
    unit_price: Money


class PlaceOrder(Body, frozen=True):
    """Hold the units and make the order, all lines or none. `order_id` is also the hold's id and the idempotency key."""

    order_id: OrderId
    show_id: ShowId
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=LINES_MAX)]


class AddressView(View, frozen=True):
    """Where goods go."""

    address_id: str
    name: str
    country: str
    region: str
    city: str
    street: str
    postal_code: str
    phone: str


class LineView(View, frozen=True):
    """One line of an order."""

    sku: str
    title: str
    label: str
    image_url: str | None
    quantity: int
    unit_price: Money
    total: Money


class OrderView(View, frozen=True):
    """An order as its buyer sees it.

    `state` is `placed`, `confirmed` or `cancelled`; `payment` is `none`, `in_progress`, `failed`, `authorised`, `captured` or
    `voided`; `reason` says why an order was cancelled or a payment failed. `version` only grows.
    """

    order_id: str
    show_id: str
    buyer_id: str
    buyer_name: str
    state: str
    payment: str
    reason: str | None
    lines: list[LineView]
    total: Money
    placed_at_ms: int
    hold_expires_at_ms: int
    version: int


class OrderListView(View, frozen=True):
    """Orders, newest first."""

    orders: list[OrderView]


class SaleView(View, frozen=True):
    """One order in the studio: publication of the channel `sales:<show_id>`, sent at every change of the order."""

    order_id: str
    buyer_name: str
    state: str
    payment: str
    total: Money
    units: int
    at_ms: int


class SalesState(View, frozen=True):
    """Snapshot of the channel `sales:<show_id>`: the latest state of the last orders, newest first."""

    sales: list[SaleView]
