"""Timed work of the module `orders`."""

from server.kernel.module import Context
from server.modules.orders import rules, store
from server.modules.orders.channel import save
from server.modules.orders.rules import Change

GRACE_MS = 60_000
"""After the end of a hold: normally the ledger's own event cancels the order within a second."""


async def cancel_overdue(ctx: Context) -> None:
    """Cancel unpaid orders whose hold is over but whose expiry was never heard of, for instance because the order was written
    after it, or because the ledger's memory was lost."""
    async with ctx.reading() as connection:
        late = await store.overdue(connection, ctx.now_ms - GRACE_MS)
    for order_id in late:
        order = await store.order(ctx.store, order_id, lock=True)
        assert order is not None, order_id
        change = rules.hold_expired(order, order.view.hold_expires_at_ms, ctx.now_ms)
        if change is not None:
            await save(ctx, order, change)


async def arrive_silently(ctx: Context) -> None:
    """Count parcels as delivered of which nobody has heard for long, so that the return window ends some day."""
    async with ctx.reading() as connection:
        late = await store.arrived_silently(connection, ctx.now_ms - rules.ARRIVES_WITHIN_MS)
    for order_id in late:
        order = await store.order(ctx.store, order_id, lock=True)
        assert order is not None, order_id
        change = rules.delivered(order, ctx.now_ms)
        if isinstance(change, Change):
            await save(ctx, order, change)
