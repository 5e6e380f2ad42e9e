"""Timed work of the module `books`: the audit."""

import msgspec

from server.kernel.log import get_logger
from server.kernel.metrics import gauge
from server.kernel.module import Context
from server.modules.books import rules, store
from server.modules.books.rules import Booked
from server.modules.books.store import Audit

PROBLEMS = gauge("books_audit_problems", "What the last audit of the books found wrong")

log = get_logger(__name__)


async def audit(ctx: Context) -> None:
    """Compare the next orders with the facts that their entries were made of; once a day from the beginning."""
    async with ctx.reading() as connection:
        newest = await store.newest_audit(connection)
        if newest is None or newest.view.ended_at_ms is not None:
            due = newest is None or ctx.now_ms - newest.view.started_at_ms >= rules.AUDIT_EVERY_MS
            order_ids, booked = [], []
        else:
            due = False
            order_ids = await store.orders_after(connection, newest.cursor)
            booked = await store.of_orders(connection, order_ids) if order_ids else []
    if due:
        await store.begin_audit(ctx.store, rules.new_audit_id(ctx.now_ms), ctx.now_ms)
    elif newest is not None and newest.view.ended_at_ms is None:
        await store.save_audit(ctx.store, _further(newest, order_ids, booked, ctx.now_ms))


def _further(before: Audit, order_ids: list[str], booked: list[Booked], now_ms: int) -> Audit:
    found: list[str] = []
    for order_id in order_ids:
        found += rules.problems([each for each in booked if each.transfer.order_id == order_id], now_ms)
    for text in found:
        log.error("the books are wrong", problem=text)
    view = before.view
    over = len(order_ids) < rules.AUDIT_ORDERS_MAX
    after = msgspec.structs.replace(
        view,
        ended_at_ms=now_ms if over else None,
        orders=view.orders + len(order_ids),
        transfers=view.transfers + len(booked),
        problems=[*view.problems, *found][: rules.PROBLEMS_MAX],
    )
    if over:
        PROBLEMS.set(len(after.problems))
    return Audit(after, order_ids[-1] if order_ids else before.cursor)
