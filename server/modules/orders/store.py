"""Every query of the module `orders`."""

from collections import defaultdict
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.http.orders import LineView, OrderView
from schemas.money import Money
from server.kernel.module import Store
from server.modules.orders.rules import SALES_MAX, Attempt, Order
from server.modules.orders.tables import ATTEMPTS, LINES, ORDERS

LIST_MAX = 50
"""A buyer's orders in one list."""
OVERDUE_MAX = 100
"""Overdue orders of one round; the next one comes soon."""

NEWEST = (ORDERS.c.placed_at_ms.desc(), ORDERS.c.order_id.desc())


async def order(store: Store, order_id: str, *, lock: bool = False) -> Order | None:
    """An order. `lock` keeps others from changing it until the transaction ends (in SQLite every write transaction does)."""
    return await _one(store, ORDERS.c.order_id == order_id, lock)


async def order_of_hold(store: Store, hold_id: str) -> Order | None:
    """The order whose units a hold keeps, locked."""
    return await _one(store, ORDERS.c.hold_id == hold_id, True)


async def orders_of(store: Store, buyer_id: str) -> list[OrderView]:
    """A buyer's last orders, newest first."""
    query = select(ORDERS).where(ORDERS.c.buyer_id == buyer_id).order_by(*NEWEST).limit(LIST_MAX)
    return [found.view for found in await _orders(store, query)]


async def last_of_show(store: Store, show_id: str) -> list[Order]:
    """The orders of a show that changed last, the newest change first."""
    query = select(ORDERS).where(ORDERS.c.show_id == show_id)
    return await _orders(store, query.order_by(ORDERS.c.changed_at_ms.desc(), ORDERS.c.order_id.desc()).limit(SALES_MAX))


async def overdue(store: Store, before_ms: int) -> list[str]:
    """Orders that still wait although their hold ended before `before_ms` and no payment is under way."""
    late = (ORDERS.c.state == "placed") & (ORDERS.c.payment != "in_progress") & (ORDERS.c.hold_expires_at_ms < before_ms)
    query = select(ORDERS.c.order_id).where(late).order_by(ORDERS.c.hold_expires_at_ms).limit(OVERDUE_MAX)
    return [row.order_id for row in await store.execute(query)]


async def insert_order(store: Store, made: Order) -> bool:
    """Store a new order with its lines; False when there is one with this id already."""
    done = await store.execute(insert(ORDERS).values(_row(made)).on_conflict_do_nothing())
    if done.rowcount:
        await store.execute(insert(LINES), [_line_row(made, place, line) for place, line in enumerate(made.view.lines)])
    return bool(done.rowcount)


async def update_order(store: Store, changed: Order) -> None:
    """Write an order that was read with a lock. Its lines never change."""
    await store.execute(update(ORDERS).where(ORDERS.c.order_id == changed.view.order_id).values(_row(changed)))


async def attempt(store: Store, payment_id: str) -> Attempt | None:
    """How far a payment is, as far as the order has heard."""
    return cast(Attempt | None, await store.scalar(select(ATTEMPTS.c.state).where(ATTEMPTS.c.payment_id == payment_id)))


async def set_attempt(store: Store, order_id: str, payment_id: str, state: Attempt) -> None:
    """Note how far a payment is."""
    row = {"payment_id": payment_id, "order_id": order_id, "state": state}
    statement = insert(ATTEMPTS).values(row).on_conflict_do_update(index_elements=["payment_id"], set_={"state": state})
    await store.execute(statement)


async def _one(store: Store, which: Any, lock: bool) -> Order | None:
    query = select(ORDERS).where(which)
    found = await _orders(store, query.with_for_update() if lock else query)
    return found[0] if found else None


async def _orders(store: Store, query: Any) -> list[Order]:
    rows = list(await store.execute(query))
    wanted = [row.order_id for row in rows]
    lines: dict[str, list[Any]] = defaultdict(list)
    for row in await store.execute(select(LINES).where(LINES.c.order_id.in_(wanted)).order_by(LINES.c.position)):
        lines[row.order_id].append(row)
    return [_order(row, lines[row.order_id]) for row in rows]


def _order(row: Any, lines: list[Any]) -> Order:
    view = OrderView(
        order_id=row.order_id,
        show_id=row.show_id,
        buyer_id=row.buyer_id,
        buyer_name=row.buyer_name,
        state=row.state,
        payment=row.payment,
        reason=row.reason,
        lines=[_line(line, row.currency) for line in lines],
        total=Money(amount_minor=row.total_minor, currency=row.currency),
        placed_at_ms=row.placed_at_ms,
        hold_expires_at_ms=row.hold_expires_at_ms,
        version=row.version,
    )
    return Order(view=view, hold_id=row.hold_id, changed_at_ms=row.changed_at_ms)


def _line(row: Any, currency: str) -> LineView:
    return LineView(
        sku=row.sku,
        title=row.title,
        label=row.label,
        image_url=row.image_url,
        quantity=row.quantity,
        unit_price=Money(amount_minor=row.unit_minor, currency=currency),
        total=Money(amount_minor=row.unit_minor * row.quantity, currency=currency),
    )


def _row(order: Order) -> dict[str, Any]:
    view = order.view
    return {
        "order_id": view.order_id,
        "show_id": view.show_id,
        "buyer_id": view.buyer_id,
        "buyer_name": view.buyer_name,
        "state": view.state,
        "payment": view.payment,
        "reason": view.reason,
        "total_minor": view.total.amount_minor,
        "currency": view.total.currency,
        "placed_at_ms": view.placed_at_ms,
        "changed_at_ms": order.changed_at_ms,
        "hold_expires_at_ms": view.hold_expires_at_ms,
        "hold_id": order.hold_id,
        "version": view.version,
    }


def _line_row(order: Order, position: int, line: LineView) -> dict[str, Any]:
    return {
        "order_id": order.view.order_id,
        "position": position,
        "sku": line.sku,
        "title": line.title,
        "label": line.label,
        "image_url": line.image_url,
        "quantity": line.quantity,
        "unit_minor": line.unit_price.amount_minor,
    }
