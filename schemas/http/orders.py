"""Bodies of `/api/orders/…`, and what the channels `order:<order_id>` and `sales:<show_id>` carry."""

from typing import Annotated, Literal

from msgspec import Meta, field

from schemas.base import Body, View
from schemas.http.catalog import Quantity
from schemas.ids import END, AddressId, CouponCode, OrderId, RefundId, ReturnId, SaleId, ShowId, Sku, WaitId
from schemas.money import AMOUNT_MINOR_MAX, Amounts, Currency, Money

LINES_MAX = 20
ADDRESSES_MAX = 20
OPTIONS_MAX = 20
COUNTRIES_MAX = 250
BUNDLE_MAX = 50
"""Orders that one parcel carries."""

Country = Annotated[str, Meta(pattern="^[A-Z]{2}" + END, description="ISO 3166-1 alpha-2 code")]
ShippingId = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}" + END, description="A way of delivery of the shop")]
Words = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Short = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
Position = Annotated[int, Meta(ge=0, lt=LINES_MAX)]


class NewLine(Body, frozen=True):
    """One line of a cart. `unit_price` is what the buyer saw: another price now is an error, not a surprise. `sale_id` names the
    flash sale whose price it is."""

    sku: Sku
    quantity: Quantity
    unit_price: Money
    sale_id: SaleId | None = None


class PlaceOrder(Body, frozen=True):
    """Hold the units and make the order, all lines or none. `order_id` is also the hold's id and the idempotency key.

    `hold_id` names units that are held for the buyer already, because they stood in line for them. `address_id` and `shipping`
    are needed where the shop has ways of delivery; without `address_id` it goes to the buyer's usual address.
    """

    order_id: OrderId
    show_id: ShowId
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=LINES_MAX)]
    coupon: CouponCode | None = None
    address_id: AddressId | None = None
    shipping: ShippingId | None = None
    hold_id: WaitId | None = None


class QuoteOrder(Body, frozen=True):
    """What a cart would cost, with nothing held. `country` decides about delivery when there is no address yet."""

    show_id: ShowId
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=LINES_MAX)]
    coupon: CouponCode | None = None
    address_id: AddressId | None = None
    country: Country | None = None
    shipping: ShippingId | None = None


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


class AddressListView(View, frozen=True):
    """One's own addresses, newest first; orders go to `default_id` when nothing else is chosen."""

    addresses: list[AddressView]
    default_id: str | None


class SaveAddress(Body, frozen=True):
    """A new address. The client makes the id."""

    address_id: AddressId
    name: Short
    country: Country
    city: Short
    street: Words
    postal_code: Annotated[str, Meta(max_length=16)] = ""
    region: Annotated[str, Meta(max_length=80)] = ""
    phone: Annotated[str, Meta(max_length=30)] = ""
    default: bool = True


class ChangeAddress(Body, frozen=True):
    """New values of an address; what is left out stays. Orders that were placed keep the old ones."""

    name: Short | None = None
    country: Country | None = None
    city: Short | None = None
    street: Words | None = None
    postal_code: Annotated[str, Meta(max_length=16)] | None = None
    region: Annotated[str, Meta(max_length=80)] | None = None
    phone: Annotated[str, Meta(max_length=30)] | None = None
    default: Literal[True] | None = None


class SaveShipping(Body, frozen=True):
    """A way of delivery, new or changed. No countries means everywhere; `free_from` is the value of the goods from which it costs
    nothing; `tax_rate_bp` is the tax within the price, in hundredths of a percent."""

    option_id: ShippingId
    name_en: Short
    name_ru: Short
    price: Money
    countries: Annotated[list[Country], Meta(max_length=COUNTRIES_MAX)] = field(default_factory=list)
    free_from: Money | None = None
    tax_rate_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0


class ShippingView(View, frozen=True):
    """A way of delivery; in a quote `price` is what it costs for this cart."""

    option_id: str
    name_en: str
    name_ru: str
    price: Money
    countries: list[str]
    free_from: Money | None
    tax_rate_bp: int


class ShippingListView(View, frozen=True):
    """Ways of delivery, the cheapest first."""

    options: list[ShippingView]


class LineView(View, frozen=True):
    """One line of an order. `total` is before the line's share of the discount, `tax_minor` the tax within what is paid for it.
    `refunded` units were paid back, with `refunded_minor` (which goodwill can raise without units); `returning` are on their way
    back."""

    sku: str
    title: str
    label: str
    image_url: str | None
    quantity: int
    unit_price: Money
    total: Money
    sale_id: str | None = None
    discount_minor: int = 0
    tax_minor: int = 0
    tax_rate_bp: int = 0
    refunded: int = 0
    refunded_minor: int = 0
    returning: int = 0


class QuoteView(View, frozen=True):
    """What a cart costs now. `options` are the ways of delivery to the address or country, each with its price for this cart;
    `shipping` is the chosen one."""

    lines: list[LineView]
    amounts: Amounts
    options: list[ShippingView]
    shipping: str | None
    country: str | None
    needs_address: bool


class RefundView(View, frozen=True):
    """Money on its way back to the buyer: `state` is `requested`, `done` or `failed`."""

    refund_id: str
    state: str
    amounts: Amounts
    reason: str
    requested_at_ms: int
    decided_at_ms: int | None


class ReturnedLine(View, frozen=True):
    """Units of the line at `position` that come back."""

    position: int
    quantity: int


class ReturnView(View, frozen=True):
    """Goods on their way back: `state` is `requested`, `accepted`, `refused` or `received`."""

    return_id: str
    state: str
    lines: list[ReturnedLine]
    reason: str
    note: str
    requested_at_ms: int
    decided_at_ms: int | None


class OrderView(View, frozen=True):
    """An order as its buyer sees it.

    `state` is `placed`, `confirmed`, `fulfilled`, `cancelled` or `returned`; `payment` is `none`, `in_progress`, `failed`,
    `authorised`, `captured`, `refunded` or `voided`; `fulfilment` is `none`, `packed`, `shipped` or `delivered`; `reason` says
    why an order was cancelled or a payment failed. At `action_url` the buyer confirms the payment with their bank. `dispute` is
    `open`, `won` (by the shop) or `lost`. `version` only grows.
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
    kind: str = "sale"
    seller_id: str = ""
    hold_id: str = ""
    amounts: Amounts | None = None
    coupon: str | None = None
    address: AddressView | None = None
    shipping: ShippingView | None = None
    shipping_tax_minor: int = 0
    fulfilment: str = "none"
    carrier: str = ""
    tracking: str = ""
    shipped_at_ms: int | None = None
    delivered_at_ms: int | None = None
    confirmed_at_ms: int | None = None
    paid_at_ms: int | None = None
    payment_id: str | None = None
    action_url: str | None = None
    refunded: Amounts | None = None
    refunds: list[RefundView] = field(default_factory=list)
    returns: list[ReturnView] = field(default_factory=list)
    dispute: str | None = None


class OrderListView(View, frozen=True):
    """Orders, newest first. `next` is the `before` of the query for older ones."""

    orders: list[OrderView]
    next: str | None = None


class SaleView(View, frozen=True):
    """One order in the studio: publication of the channel `sales:<show_id>`, sent at every change of the order."""

    order_id: str
    buyer_name: str
    state: str
    payment: str
    total: Money
    units: int
    at_ms: int
    version: int
    kind: str = "sale"
    fulfilment: str = "none"
    refunded_minor: int = 0
    returning: bool = False
    dispute: str | None = None


class SalesState(View, frozen=True):
    """Snapshot of the channel `sales:<show_id>`: the latest state of the last orders, newest first."""

    sales: list[SaleView]


class PackOrders(Body, frozen=True):
    """These orders lie in their parcel."""

    order_ids: Annotated[list[OrderId], Meta(min_length=1, max_length=BUNDLE_MAX)]


class ShipOrders(Body, frozen=True):
    """One parcel with the goods of these orders, which go to the same buyer and address, is with the carrier."""

    order_ids: Annotated[list[OrderId], Meta(min_length=1, max_length=BUNDLE_MAX)]
    carrier: Short
    tracking: Annotated[str, Meta(max_length=80)] = ""


class DeliverOrders(Body, frozen=True):
    """The buyer has the goods of these orders."""

    order_ids: Annotated[list[OrderId], Meta(min_length=1, max_length=BUNDLE_MAX)]


class WithdrawOrder(Body, frozen=True):
    """The shop cannot or will not send the goods: they are on sale again, and the buyer gets everything back."""

    reason: Words


class LinePart(Body, frozen=True):
    """So many units of the line at `position`, which counts from 0."""

    position: Position
    quantity: Quantity


class RefundOrder(Body, frozen=True):
    """Money back, without goods back: for units of lines, for the delivery, or an amount. The id makes a retry harmless."""

    refund_id: RefundId
    reason: Words
    lines: Annotated[list[LinePart], Meta(max_length=LINES_MAX)] = field(default_factory=list)
    shipping: bool = False
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MINOR_MAX)] | None = None
    currency: Currency | None = None


class SendTo(Body, frozen=True):
    """Send an order to another of one's own addresses."""

    address_id: AddressId


class RequestReturn(Body, frozen=True):
    """The buyer wants to send units back. The id makes a retry harmless."""

    return_id: ReturnId
    lines: Annotated[list[LinePart], Meta(min_length=1, max_length=LINES_MAX)]
    reason: Words


class DecideReturn(Body, frozen=True):
    """The shop accepts or refuses a return; `note` tells the buyer where to send it, or why not."""

    accept: bool
    note: Annotated[str, Meta(max_length=200)] = ""


class ReceiveReturn(Body, frozen=True):
    """The goods are back: the buyer gets their money; `restock` when they can be sold again. `shipping` pays the delivery back
    too."""

    restock: bool
    shipping: bool = False


class ParcelView(View, frozen=True):
    """Paid orders of one buyer to one address, which travel together."""

    buyer_id: str
    buyer_name: str
    address: AddressView | None
    orders: list[OrderView]


class ParcelListView(View, frozen=True):
    """What is to be sent, who waits longest first."""

    parcels: list[ParcelView]


class PackingLine(View, frozen=True):
    """What goes into a parcel."""

    title: str
    label: str
    sku: str
    image_url: str | None
    quantity: int


class PackingOrder(View, frozen=True):
    """An order as a packer sees it: `fulfilment` is `none` or `packed`. No amounts."""

    order_id: str
    confirmed_at_ms: int | None
    fulfilment: str
    lines: list[PackingLine]


class PackingWay(View, frozen=True):
    """The way of delivery that the buyer chose."""

    name_en: str
    name_ru: str


class PackingParcel(View, frozen=True):
    """Orders of one buyer to one address, which travel together."""

    buyer_name: str
    address: AddressView | None
    way: PackingWay | None
    orders: list[PackingOrder]


class PackingView(View, frozen=True):
    """What is to be sent, who waits longest first: of the whole shop for a packer, of one's own shows for a host."""

    parcels: list[PackingParcel]


class TaxView(View, frozen=True):
    """Tax of one rate within what was paid."""

    rate_bp: int
    gross_minor: int
    tax_minor: int


class ReceiptView(View, frozen=True):
    """What the buyer paid for and got back; all of it in minor units of `amounts.currency`."""

    order: OrderView
    show_title: str
    seller_name: str
    amounts: Amounts
    taxes: list[TaxView]
    refunded: Amounts
    kept_minor: int


class HistoryEntry(View, frozen=True):
    """One thing that happened to an order. `source` is `order` or `ledger`; `what` is a short name that pages put into words;
    `why` is a reason in short. `actor_id` is empty when the server did it by itself."""

    at_ms: int
    source: str
    what: str
    actor_id: str
    actor_name: str
    why: str
    refused: bool
    params: dict[str, str]


class HistoryView(View, frozen=True):
    """The whole truth about an order, oldest first. The ledger's part is complete up to `seq` of its log."""

    order: OrderView
    entries: list[HistoryEntry]
    ledger_seq: int
