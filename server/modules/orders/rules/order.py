"""What an order is, what a change of it is, and how others see it. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

import msgspec

from schemas.base import Event
from schemas.events.orders import OrderCancelled
from schemas.http.orders import OrderView, SaleView
from schemas.money import Amounts

Attempt = Literal["in_progress", "failed", "authorised", "captured", "voided"]
CancelReason = Literal["hold_expired", "sold_out", "buyer", "shop"]

SALES_MAX = 100
"""Orders that the studio's list shows; older ones are in the report."""


class Part(msgspec.Struct, frozen=True):
    """What a refund gives back of one line: so many units, and so much money; with it go so much of the line's value before the
    discount, and of its tax."""

    position: int
    units: int
    minor: int
    subtotal_minor: int = 0
    tax_minor: int = 0


class Given(msgspec.Struct, frozen=True):
    """What a refund gives back, and the digest of the body that asked for it."""

    parts: tuple[Part, ...]
    request: str = ""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order with what only the server needs. `request` is the digest of the body that made it; `owed` says that the buyer has
    promised to pay and cannot give it up; `parts` says of each refund what it gives back."""

    view: OrderView
    changed_at_ms: int
    request: str = ""
    owed: bool = False
    parts: dict[str, Given] = msgspec.field(default_factory=dict)

    @property
    def hold_id(self) -> str:
        """The hold that keeps the units: the first, or a later one when the payment came after its end."""
        return self.view.hold_id

    @property
    def amounts(self) -> Amounts:
        """What the order consists of."""
        assert self.view.amounts is not None, self.view.order_id
        return self.view.amounts


class Change(NamedTuple):
    """What happens to an order: its new state, how far its payment is, and the facts that follow. `what` is the word for it in
    the order's history, `why` its reason, `params` what else is worth knowing."""

    order: Order
    attempt: Attempt | None = None
    events: tuple[Event, ...] = ()
    what: str = ""
    why: str = ""
    params: Mapping[str, str] = MappingProxyType({})

    @property
    def event(self) -> Event | None:
        """The first fact that follows."""
        return self.events[0] if self.events else None


TOO_EARLY: Final = "too early"
TooEarly = Literal["too early"]
Transition = Change | TooEarly | None


def changed(order: Order, now_ms: int, **fields: Any) -> Order:
    """The order with some fields of its view changed, and the next version."""
    view = msgspec.structs.replace(order.view, version=order.view.version + 1, **fields)
    return msgspec.structs.replace(order, view=view, changed_at_ms=max(now_ms, order.changed_at_ms))


def cancelled(order: Order, reason: CancelReason, now_ms: int, payment_id: str | None = None) -> Change:
    """The order is dead. With `payment_id` a payment must be given back."""
    dead = changed(order, now_ms, state="cancelled", reason=reason, action_url=None)
    return Change(dead, events=(cancelled_event(dead, payment_id),), what="cancelled", why=reason)


def cancelled_event(order: Order, payment_id: str | None, *, restock: bool = False) -> OrderCancelled:
    """The fact of a dead order."""
    view = order.view
    return OrderCancelled(
        order_id=view.order_id,
        show_id=view.show_id,
        reason=view.reason or "",
        payment_id=payment_id,
        hold_id=view.hold_id,
        kind=kind_of(order),
        restock=restock,
    )


def kind_of(order: Order) -> Literal["sale", "lot", "giveaway"]:
    """How the buyer came to it."""
    kinds: dict[str, Literal["sale", "lot", "giveaway"]] = {"sale": "sale", "lot": "lot", "giveaway": "giveaway"}
    return kinds[order.view.kind]


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
        kind=view.kind,
        fulfilment=view.fulfilment,
        refunded_minor=view.refunded.total_minor if view.refunded else 0,
        returning=any(back.state in ("requested", "accepted") for back in view.returns),
        dispute=view.dispute,
    )


def with_sale(sales: Sequence[SaleView], sale: SaleView) -> list[SaleView]:
    """The studio's list after an order changed: the newest change first. News that is older than what the list has of the same
    order changes nothing: the database and the channel's log overlap."""
    known = {item.order_id: item for item in sales}
    if sale.order_id in known and known[sale.order_id].version >= sale.version:
        return list(sales)
    known[sale.order_id] = sale
    return sorted(known.values(), key=lambda item: (item.at_ms, item.order_id), reverse=True)[:SALES_MAX]


def digest(body: msgspec.Struct) -> str:
    """Tells the content of one request from that of another."""
    return hashlib.sha256(msgspec.json.encode(body)).hexdigest()
