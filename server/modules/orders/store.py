"""Every query of the module `orders`."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from schemas.http.orders import (
    ADDRESSES_MAX,
    AddressView,
    ChangeAddress,
    HistoryEntry,
    LineView,
    OrderView,
    RefundView,
    ReturnView,
    SaveAddress,
    SaveShipping,
    ShippingView,
)
from schemas.ids import REHEARSAL_PREFIX
from schemas.money import Amounts, Money
from server.kernel.module import Actor, Store
from server.modules.orders.rules import SALES_MAX, Attempt, Change, Given, Order, Part, digest, nothing
from server.modules.orders.tables import ADDRESSES, ATTEMPTS, CHANGES, LINES, ORDERS, REFUNDS, RETURNS, SHIPPING
from server.store.rows import rows_of

LIST_MAX = 50
"""Orders in one list."""
OVERDUE_MAX = 100
"""Overdue orders of one round; the next one comes soon."""
TO_SEND_MAX = 200
"""Orders among which the studio looks for parcels, who waits longest first; the rest follows once these are sent."""
CHANGES_MAX = 500
"""Changes of one order in its history; there are a dozen."""

NEWEST = (ORDERS.c.placed_at_ms.desc(), ORDERS.c.order_id.desc())
RETURNING_LINES = select(LINES.c.order_id).where(LINES.c.coming_back > 0)
REFUNDING = select(REFUNDS.c.order_id).where(REFUNDS.c.state == "requested")
REHEARSED = ORDERS.c.show_id.startswith(REHEARSAL_PREFIX, autoescape=True)
PAYING = ("in_progress", "authorised")
PAID = (ORDERS.c.payment == "captured") | (ORDERS.c.total_minor == 0)
FILTERS: dict[str, Any] = {
    "all": ORDERS.c.order_id.is_not(None),
    "unpaid": ORDERS.c.state == "placed",
    "to_send": (ORDERS.c.state == "confirmed") & PAID,
    "sent": ORDERS.c.state == "fulfilled",
    "returns": ORDERS.c.order_id.in_(RETURNING_LINES),
    "refunded": ORDERS.c.refunded_minor > 0,
    "disputed": ORDERS.c.dispute.is_not(None),
    "cancelled": ORDERS.c.state == "cancelled",
}
"""What a host looks for."""

NEW_ORDERS = insert(ORDERS).on_conflict_do_nothing().returning(ORDERS.c.order_id)

SAME = (
    *("order_id", "show_id", "buyer_id", "buyer_name", "state", "payment", "reason", "placed_at_ms", "hold_expires_at_ms"),
    *("version", "kind", "seller_id", "hold_id", "coupon", "shipping_tax_minor", "fulfilment", "carrier", "tracking"),
    *("shipped_at_ms", "delivered_at_ms", "confirmed_at_ms", "paid_at_ms", "payment_id", "action_url", "dispute"),
)
"""Columns that are fields of the view under the same name."""


async def order(store: Store, order_id: str, *, lock: bool = False) -> Order | None:
    """An order. `lock` keeps others from changing it until the transaction ends (in SQLite every write transaction does)."""
    return await _one(store, ORDERS.c.order_id == order_id, lock)


async def orders(store: Store, order_ids: Sequence[str]) -> list[Order]:
    """Several orders, locked, in the order of their ids, so that two who want the same ones never wait for each other."""
    query = select(ORDERS).where(ORDERS.c.order_id.in_(sorted(set(order_ids)))).order_by(ORDERS.c.order_id)
    return await _orders(store, query.with_for_update())


async def order_of_hold(store: Store, hold_id: str) -> Order | None:
    """The order whose units a hold keeps, locked."""
    return await _one(store, ORDERS.c.hold_id == hold_id, True)


async def orders_of(store: Store, buyer_id: str) -> list[OrderView]:
    """A buyer's last orders, newest first."""
    query = select(ORDERS).where(ORDERS.c.buyer_id == buyer_id).order_by(*NEWEST).limit(LIST_MAX)
    return [found.view for found in await _orders(store, query)]


async def page_of_show(store: Store, show_id: str, which: str, before: str | None) -> list[OrderView]:
    """Orders of a show that a filter lets through, newest first, older than the order `before`."""
    query = select(ORDERS).where(ORDERS.c.show_id == show_id, FILTERS[which])
    if before is not None:
        place = select(ORDERS.c.placed_at_ms).where(ORDERS.c.order_id == before, ORDERS.c.show_id == show_id).scalar_subquery()
        older = (ORDERS.c.placed_at_ms < place) | ((ORDERS.c.placed_at_ms == place) & (ORDERS.c.order_id < before))
        query = query.where(older)
    return [found.view for found in await _orders(store, query.order_by(*NEWEST).limit(LIST_MAX + 1))]


async def to_send(store: Store, show_id: str) -> list[OrderView]:
    """Paid orders of a show whose goods are still here, who waits longest first."""
    query = select(ORDERS).where(ORDERS.c.show_id == show_id, FILTERS["to_send"])
    found = await _orders(store, query.order_by(ORDERS.c.confirmed_at_ms, ORDERS.c.order_id).limit(TO_SEND_MAX))
    return [each.view for each in found]


async def to_pack(store: Store, seller_id: str | None) -> list[OrderView]:
    """Paid orders whose goods are still here, of one seller or of the whole shop, who waits longest first; no rehearsal's."""
    query = select(ORDERS).where(FILTERS["to_send"], ~REHEARSED)
    if seller_id is not None:
        query = query.where(ORDERS.c.seller_id == seller_id)
    found = await _orders(store, query.order_by(ORDERS.c.confirmed_at_ms, ORDERS.c.order_id).limit(TO_SEND_MAX))
    return [each.view for each in found]


async def last_of_show(store: Store, show_id: str) -> list[Order]:
    """The orders of a show that changed last, the newest change first."""
    query = select(ORDERS).where(ORDERS.c.show_id == show_id)
    return await _orders(store, query.order_by(ORDERS.c.changed_at_ms.desc(), ORDERS.c.order_id.desc()).limit(SALES_MAX))


async def overdue(store: Store, before_ms: int) -> list[str]:
    """Orders that still wait although their hold ended before `before_ms` and no payment is under way."""
    late = (ORDERS.c.state == "placed") & (ORDERS.c.payment != "in_progress") & (ORDERS.c.hold_expires_at_ms < before_ms)
    query = select(ORDERS.c.order_id).where(late).order_by(ORDERS.c.hold_expires_at_ms).limit(OVERDUE_MAX)
    return [row.order_id for row in await store.execute(query)]


async def arrived_silently(store: Store, before_ms: int) -> list[str]:
    """Orders that were sent before `before_ms` and of which nobody has heard since."""
    late = (ORDERS.c.fulfilment == "shipped") & (ORDERS.c.shipped_at_ms < before_ms)
    query = select(ORDERS.c.order_id).where(late).order_by(ORDERS.c.shipped_at_ms).limit(OVERDUE_MAX)
    return [row.order_id for row in await store.execute(query)]


async def has_bought(store: Store, buyer_id: str, seller_id: str) -> bool:
    """Whether somebody has ever paid for an order of this seller; in a rehearsal nobody pays."""
    paid = (ORDERS.c.buyer_id == buyer_id) & (ORDERS.c.seller_id == seller_id) & ORDERS.c.paid_at_ms.is_not(None) & ~REHEARSED
    return await store.scalar(select(ORDERS.c.order_id).where(paid).limit(1)) is not None


async def bundled(store: Store, buyer_id: str, show_id: str, address: AddressView | None) -> list[str]:
    """Ways of delivery by which a paid parcel of the same show waits for the same buyer and address."""
    here = (ORDERS.c.buyer_id == buyer_id) & (ORDERS.c.show_id == show_id) & (ORDERS.c.place == place_digest(address))
    query = select(ORDERS.c.shipping).where(here, FILTERS["to_send"], ORDERS.c.shipping_minor > 0)
    return [row.shipping["option_id"] for row in await store.execute(query)]


class Placing(NamedTuple):
    """Who is about to place which order, and where it shall go."""

    order_id: str
    show_id: str
    buyer_id: str
    address_id: str | None


class Known(NamedTuple):
    """What is known before an order is placed: the order, when it is placed already, and what `address` and `bundled` say."""

    order: Order | None
    address: AddressView | None
    options: list[ShippingView]
    bundled: list[str]


async def before_placing(store: Store, crowd: Sequence[Placing]) -> dict[Placing, Known]:
    """The same few queries for one buyer and for a hundred who press the button at the same time."""
    placed = {
        each.view.order_id: each for each in await _orders(store, select(ORDERS).where(_among(ORDERS.c.order_id, crowd, 0)))
    }
    options = await shipping_options(store)
    theirs: dict[str, list[AddressView]] = defaultdict(list)
    # A shop that delivers nothing asks nobody where to.
    asked = crowd if options else [each for each in crowd if each.address_id is not None]
    if asked:
        query = select(ADDRESSES).where(_among(ADDRESSES.c.actor_id, asked, 2))
        for row in await store.execute(query.order_by(ADDRESSES.c.chosen_at_ms.desc(), ADDRESSES.c.address_id.desc())):
            theirs[row.actor_id].append(_address(row))
    waiting: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    if theirs:
        parcels = select(ORDERS.c.buyer_id, ORDERS.c.show_id, ORDERS.c.place, ORDERS.c.shipping).where(
            _among(ORDERS.c.buyer_id, asked, 2), FILTERS["to_send"], ORDERS.c.shipping_minor > 0
        )
        for row in await store.execute(parcels):
            waiting[row.buyer_id, row.show_id, row.place].append(row.shipping["option_id"])
    found = {}
    for each in crowd:
        address = next((one for one in theirs[each.buyer_id] if each.address_id in (None, one.address_id)), None)
        bundled = waiting[each.buyer_id, each.show_id, place_digest(address)] if address else []
        found[each] = Known(placed.get(each.order_id), address, options, bundled)
    return found


def _among(column: Any, crowd: Sequence[Placing], field: int) -> Any:
    return column.in_(sorted({str(each[field]) for each in crowd}))


async def insert_orders(store: Store, made: Sequence[Order]) -> set[str]:
    """Store new orders with their lines; returns the ids of those that are new. Another has the id, or the hold, of the rest."""
    # The rows are parameters and not parts of the statement, which is then built and compiled once.
    done = await store.execute(NEW_ORDERS, [_row(each) for each in made])
    fresh = {row.order_id for row in done}
    lines = [
        _line_row(each, place, line) for each in made if each.view.order_id in fresh for place, line in enumerate(each.view.lines)
    ]
    if lines:
        await store.execute(insert(LINES), lines)
    return fresh


async def update_order(store: Store, before: Order, changed: Order) -> None:
    """Write an order that was read with a lock, with what is different of its lines, refunds and returns."""
    order_id = changed.view.order_id
    await store.execute(update(ORDERS).where(ORDERS.c.order_id == order_id).values(_row(changed)))
    for position, (old, line) in enumerate(zip(before.view.lines, changed.view.lines, strict=True)):
        if old != line:
            place = (LINES.c.order_id == order_id) & (LINES.c.position == position)
            fresh = {"refunded": line.refunded, "refunded_minor": line.refunded_minor, "coming_back": line.returning}
            await store.execute(update(LINES).where(place).values(fresh))
    for refund in changed.view.refunds:
        if refund not in before.view.refunds:
            await _upsert(store, REFUNDS, "refund_id", _refund_row(changed, refund))
    for back in changed.view.returns:
        if back not in before.view.returns:
            await _upsert(store, RETURNS, "return_id", {"order_id": order_id, **msgspec.to_builtins(back)})


async def insert_changes(store: Store, made: Sequence[tuple[Change, Actor]]) -> None:
    """Note changes for ever: who, when, what, why."""
    rows = [
        {
            "order_id": change.order.view.order_id,
            "version": change.order.view.version,
            "at_ms": change.order.changed_at_ms,
            "what": change.what,
            "actor_id": "" if actor.kind == "system" else actor.id,
            "actor_name": "" if actor.kind == "system" else actor.name,
            "why": change.why[:200],
            "params": dict(change.params),
        }
        for change, actor in made
    ]
    await store.execute(insert(CHANGES), rows)


async def changes(store: Store, order_id: str) -> list[HistoryEntry]:
    """All that was noted of an order, oldest first."""
    query = select(CHANGES).where(CHANGES.c.order_id == order_id).order_by(CHANGES.c.version).limit(CHANGES_MAX)
    fields = ("at_ms", "what", "actor_id", "actor_name", "why", "params")
    return [
        HistoryEntry(source="order", refused=False, **{name: getattr(row, name) for name in fields})
        for row in await store.execute(query)
    ]


async def attempt(store: Store, payment_id: str) -> Attempt | None:
    """How far a payment is, as far as the order has heard."""
    return cast(Attempt | None, await store.scalar(select(ATTEMPTS.c.state).where(ATTEMPTS.c.payment_id == payment_id)))


async def set_attempt(store: Store, order_id: str, payment_id: str, state: Attempt) -> None:
    """Note how far a payment is."""
    row = {"payment_id": payment_id, "order_id": order_id, "state": state}
    statement = insert(ATTEMPTS).values(row).on_conflict_do_update(index_elements=["payment_id"], set_={"state": state})
    await store.execute(statement)


async def addresses(store: Store, actor_id: str) -> list[AddressView]:
    """Somebody's addresses, the usual one first."""
    query = select(ADDRESSES).where(ADDRESSES.c.actor_id == actor_id)
    rows = await store.execute(
        query.order_by(ADDRESSES.c.chosen_at_ms.desc(), ADDRESSES.c.address_id.desc()).limit(ADDRESSES_MAX)
    )
    return [_address(row) for row in rows]


async def address(store: Store, actor_id: str, address_id: str | None) -> AddressView | None:
    """One of somebody's addresses, or the usual one."""
    found = await addresses(store, actor_id)
    return next((each for each in found if address_id in (None, each.address_id)), None)


async def insert_address(store: Store, actor_id: str, body: SaveAddress, now_ms: int) -> bool:
    """Store a new address; False when there is one with this id, anybody's."""
    row = {name: value for name, value in msgspec.structs.asdict(body).items() if name != "default"}
    # An address that is not to be the usual one stands behind all others.
    row |= {"actor_id": actor_id, "saved_at_ms": now_ms, "chosen_at_ms": now_ms if body.default else 0}
    done = await store.execute(insert(ADDRESSES).values(row).on_conflict_do_nothing())
    return bool(done.rowcount)


async def count_addresses(store: Store, actor_id: str) -> int:
    """How many somebody has."""
    return int(await store.scalar(select(func.count()).select_from(ADDRESSES).where(ADDRESSES.c.actor_id == actor_id)) or 0)


async def change_address(store: Store, actor_id: str, address_id: str, body: ChangeAddress, now_ms: int) -> bool:
    """Change somebody's own address; False when they have none with this id."""
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
    if given.pop("default", None):
        given["chosen_at_ms"] = now_ms
    own = (ADDRESSES.c.actor_id == actor_id) & (ADDRESSES.c.address_id == address_id)
    if not given:
        return await store.scalar(select(ADDRESSES.c.address_id).where(own)) is not None
    return bool((await store.execute(update(ADDRESSES).where(own).values(given))).rowcount)


async def delete_address(store: Store, actor_id: str, address_id: str) -> None:
    """Forget somebody's own address; orders keep what they were told."""
    own = (ADDRESSES.c.actor_id == actor_id) & (ADDRESSES.c.address_id == address_id)
    await store.execute(delete(ADDRESSES).where(own))


async def shipping_options(store: Store) -> list[ShippingView]:
    """The shop's ways of delivery, the cheapest first."""
    rows = await store.execute(select(SHIPPING).order_by(SHIPPING.c.price_minor, SHIPPING.c.option_id))
    return [_shipping(row) for row in rows]


async def save_shipping(store: Store, body: SaveShipping) -> None:
    """Store a way of delivery, new or changed."""
    row = {
        "option_id": body.option_id,
        "name_en": body.name_en,
        "name_ru": body.name_ru,
        "countries": sorted(set(body.countries)),
        "price_minor": body.price.amount_minor,
        "free_from_minor": body.free_from.amount_minor if body.free_from else None,
        "currency": body.price.currency,
        "tax_rate_bp": body.tax_rate_bp,
    }
    await _upsert(store, SHIPPING, "option_id", row)


async def delete_shipping(store: Store, option_id: str) -> None:
    """Offer a way of delivery no more."""
    await store.execute(delete(SHIPPING).where(SHIPPING.c.option_id == option_id))


def place_digest(there: AddressView | None) -> str:
    """Tells one address from another, whatever they are called."""
    return "" if there is None else digest(msgspec.structs.replace(there, address_id="", phone=""))


async def _upsert(store: Store, table: Any, key: str, row: dict[str, Any]) -> None:
    more = {name: value for name, value in row.items() if name != key}
    await store.execute(insert(table).values(row).on_conflict_do_update(index_elements=[key], set_=more))


async def _one(store: Store, which: Any, lock: bool) -> Order | None:
    query = select(ORDERS).where(which)
    found = await _orders(store, query.with_for_update() if lock else query)
    return found[0] if found else None


async def _orders(store: Store, query: Any) -> list[Order]:
    rows = list(await store.execute(query))
    lines = await _by_order(store, LINES, [row.order_id for row in rows], LINES.c.position)
    # Most orders have neither; those that never had money or goods back are not looked up at all.
    sure = [row.order_id for row in rows if row.confirmed_at_ms is not None]
    refunds = await _by_order(store, REFUNDS, sure, REFUNDS.c.requested_at_ms, REFUNDS.c.refund_id)
    returns = await _by_order(store, RETURNS, sure, RETURNS.c.requested_at_ms, RETURNS.c.return_id)
    return [_order(row, lines[row.order_id], refunds[row.order_id], returns[row.order_id]) for row in rows]


async def _by_order(store: Store, table: Any, order_ids: Sequence[str], *places: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    if order_ids:
        for row in await store.execute(select(table).where(table.c.order_id.in_(order_ids)).order_by(*places)):
            found[row.order_id].append(row)
    return found


def _order(row: Any, lines: list[Any], refunds: list[Any], returns: list[Any]) -> Order:
    amounts = Amounts(currency=row.currency, **{name: getattr(row, name) for name in _AMOUNTS})
    made = [_refund(refund, row.currency) for refund in refunds]
    view = OrderView(
        lines=[_line(line, row.currency) for line in lines],
        total=Money(amount_minor=row.total_minor, currency=row.currency),
        amounts=amounts,
        address=None if row.address is None else msgspec.convert(row.address, AddressView),
        shipping=None if row.shipping is None else msgspec.convert(row.shipping, ShippingView),
        refunds=made,
        refunded=_sum([refund for refund in made if refund.state != "failed"], row.currency),
        returns=[_return(back) for back in returns],
        **{name: getattr(row, name) for name in SAME},
    )
    parts = {
        refund.refund_id: Given(tuple(msgspec.convert(part, Part) for part in refund.parts), refund.request) for refund in refunds
    }
    return Order(view=view, changed_at_ms=row.changed_at_ms, request=row.request, owed=row.owed, parts=parts)


_AMOUNTS = ("subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor")


def _sum(refunds: Sequence[RefundView], currency: str) -> Amounts:
    if not refunds:
        return nothing(currency)
    sums = {name: sum(getattr(refund.amounts, name) for refund in refunds) for name in _AMOUNTS}
    return Amounts(currency=currency, **sums)


def _line(row: Any, currency: str) -> LineView:
    return LineView(
        sku=row.sku,
        title=row.title,
        label=row.label,
        image_url=row.image_url,
        quantity=row.quantity,
        unit_price=Money(amount_minor=row.unit_minor, currency=currency),
        total=Money(amount_minor=row.total_minor, currency=currency),
        sale_id=row.sale_id,
        discount_minor=row.discount_minor,
        tax_minor=row.tax_minor,
        tax_rate_bp=row.tax_rate_bp,
        refunded=row.refunded,
        refunded_minor=row.refunded_minor,
        returning=row.coming_back,
    )


def _refund(row: Any, currency: str) -> RefundView:
    amounts = Amounts(currency=currency, **{name: getattr(row, name) for name in _AMOUNTS})
    fields = ("refund_id", "state", "reason", "requested_at_ms", "decided_at_ms")
    return RefundView(amounts=amounts, **{name: getattr(row, name) for name in fields})


def _return(row: Any) -> ReturnView:
    fields = {name: getattr(row, name) for name in ReturnView.__struct_fields__}
    return msgspec.convert(fields, ReturnView)


def _address(row: Any) -> AddressView:
    return AddressView(**{name: getattr(row, name) for name in AddressView.__struct_fields__})


def _shipping(row: Any) -> ShippingView:
    free_from = None
    if row.free_from_minor is not None:
        free_from = Money(amount_minor=row.free_from_minor, currency=row.currency)
    return ShippingView(
        option_id=row.option_id,
        name_en=row.name_en,
        name_ru=row.name_ru,
        price=Money(amount_minor=row.price_minor, currency=row.currency),
        countries=row.countries,
        free_from=free_from,
        tax_rate_bp=row.tax_rate_bp,
    )


def _row(order: Order) -> dict[str, Any]:
    view = order.view
    amounts = order.amounts
    captured = view.payment in ("captured", "refunded")
    return {
        **{name: getattr(view, name) for name in SAME},
        **{name: getattr(amounts, name) for name in _AMOUNTS},
        "currency": amounts.currency,
        "captured_minor": amounts.total_minor if captured else 0,
        "refunded_minor": view.refunded.total_minor if view.refunded else 0,
        "address": None if view.address is None else msgspec.to_builtins(view.address),
        "shipping": None if view.shipping is None else msgspec.to_builtins(view.shipping),
        "place": place_digest(view.address),
        "request": order.request,
        "owed": order.owed,
        "changed_at_ms": order.changed_at_ms,
    }


def _line_row(order: Order, position: int, line: LineView) -> dict[str, Any]:
    return {
        "order_id": order.view.order_id,
        "position": position,
        "sku": line.sku,
        "title": line.title,
        "label": line.label,
        "image_url": line.image_url,
        "sale_id": line.sale_id,
        "quantity": line.quantity,
        "unit_minor": line.unit_price.amount_minor,
        "total_minor": line.total.amount_minor,
        "discount_minor": line.discount_minor,
        "tax_minor": line.tax_minor,
        "tax_rate_bp": line.tax_rate_bp,
        "refunded": line.refunded,
        "refunded_minor": line.refunded_minor,
        "coming_back": line.returning,
    }


def _refund_row(order: Order, refund: RefundView) -> dict[str, Any]:
    given = order.parts[refund.refund_id]
    fields = ("refund_id", "state", "reason", "requested_at_ms", "decided_at_ms")
    return {
        **{name: getattr(refund, name) for name in fields},
        **{name: getattr(refund.amounts, name) for name in _AMOUNTS},
        "order_id": order.view.order_id,
        "parts": msgspec.to_builtins(given.parts),
        "request": given.request,
    }


async def named_orders(store: Store, buyer_id: str) -> list[Order]:
    """Orders of somebody that still have a name, locked."""
    query = select(ORDERS).where(ORDERS.c.buyer_id == buyer_id, ORDERS.c.buyer_name != ERASED_NAME).order_by(ORDERS.c.order_id)
    return await _orders(store, query.with_for_update())


async def unfinished(store: Store, actor_id: str, *, sold: bool) -> list[OrderView]:
    """Orders that somebody bought, or sold, and that may not be over, the newest first."""
    whose = ORDERS.c.seller_id if sold else ORDERS.c.buyer_id
    open_ones = ORDERS.c.state.in_(("placed", "confirmed")) | (ORDERS.c.fulfilment == "shipped") | (ORDERS.c.dispute == "open")
    under_way = ORDERS.c.order_id.in_(RETURNING_LINES) | ORDERS.c.order_id.in_(REFUNDING) | ORDERS.c.payment.in_(PAYING)
    query = select(ORDERS).where(whose == actor_id, open_ones | under_way).order_by(*NEWEST).limit(LIST_MAX)
    return [found.view for found in await _orders(store, query)]


async def forget_person(store: Store, actor_id: str) -> None:
    """Somebody's addresses go, and their name from the history of orders, with what they wrote there."""
    await store.execute(delete(ADDRESSES).where(ADDRESSES.c.actor_id == actor_id))
    theirs = CHANGES.c.actor_id == actor_id
    await store.execute(update(CHANGES).where(theirs).values(actor_name=ERASED_NAME, why=""))
    over = select(ORDERS.c.order_id).where(ORDERS.c.buyer_id == actor_id, ORDERS.c.buyer_name == ERASED_NAME)
    await store.execute(update(CHANGES).where(CHANGES.c.order_id.in_(over)).values(params={}))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """What somebody bought, wrote to the shop about it, and where it goes."""
    own = select(ORDERS.c.order_id).where(ORDERS.c.buyer_id == actor_id)
    hidden = ("request", "place", "action_url", "version")
    return {
        "orders": await rows_of(store, ORDERS, ORDERS.c.buyer_id == actor_id, hidden),
        "lines": await rows_of(store, LINES, LINES.c.order_id.in_(own)),
        "refunds": await rows_of(store, REFUNDS, REFUNDS.c.order_id.in_(own), ("request", "parts")),
        "returns": await rows_of(store, RETURNS, RETURNS.c.order_id.in_(own)),
        "changes": await rows_of(store, CHANGES, CHANGES.c.order_id.in_(own), ("actor_id", "actor_name")),
        "addresses": await rows_of(store, ADDRESSES, ADDRESSES.c.actor_id == actor_id),
    }
