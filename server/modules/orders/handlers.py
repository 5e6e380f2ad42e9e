"""What an order does when something happens to its hold or its payment, and its answers.

Each handler reads, asks the ledger while no lock is held, then locks the order, decides again on what it finds, and writes.
"""

from collections.abc import Callable

from schemas.events.ledger import HoldExpired
from schemas.events.orders import OrderCancelled
from schemas.events.payments import PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentRequested, PaymentVoided
from schemas.http.orders import OrderView
from schemas.requests.orders import GetOrder
from server.kernel.config import Settings
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import (
    Committed,
    Extended,
    Held,
    HoldGone,
    HoldLine,
    LimitReached,
    Released,
    SoldOut,
    UnknownSku,
)
from server.modules.orders import rules, store
from server.modules.orders.channel import save
from server.modules.orders.rules import TOO_EARLY, Attempt, Order, Settled, Transition


class OutOfOrder(Exception):
    """An earlier fact of the same payment was not handled yet: the bus brings this one again, then keeps it as a dead letter."""


Step = Callable[[Order, Attempt | None], Transition]


async def payment_requested(event: PaymentRequested, ctx: Context) -> None:
    """A payment begins: the hold is extended once, and the order waits for the outcome."""
    order, attempt = await _read(ctx, event.order_id, event.payment_id)
    expires_at_ms = None
    if order.view.state == "placed" and attempt is None:
        expires_at_ms = await _extend(ctx, order, event.payment_id)
    await _apply(ctx, event.order_id, event.payment_id, lambda o, a: rules.payment_requested(o, a, expires_at_ms, ctx.now_ms))


async def payment_authorised(event: PaymentAuthorised, ctx: Context) -> None:
    """The money is there: commit the units, or hold them anew when the hold has ended; without units the order dies."""
    order, attempt = await _read(ctx, event.order_id, event.payment_id)
    wanted = rules.wants_commit(order, attempt)
    if wanted == TOO_EARLY:
        raise OutOfOrder(event.payment_id)
    settled = await _commit(ctx, order, event.payment_id) if wanted else None
    await _apply(
        ctx,
        event.order_id,
        event.payment_id,
        lambda o, a: rules.payment_authorised(o, a, event.payment_id, settled, ctx.now_ms),
    )


async def payment_failed(event: PaymentFailed, ctx: Context) -> None:
    """The provider declined."""
    await _apply(ctx, event.order_id, event.payment_id, lambda o, a: rules.payment_failed(o, a, event.reason, ctx.now_ms))


async def payment_captured(event: PaymentCaptured, ctx: Context) -> None:
    """The order is paid."""
    await _apply(
        ctx, event.order_id, event.payment_id, lambda o, a: rules.payment_captured(o, a, event.captured_at_ms, ctx.now_ms)
    )


async def payment_voided(event: PaymentVoided, ctx: Context) -> None:
    """The buyer is not charged."""
    await _apply(ctx, event.order_id, event.payment_id, lambda o, a: rules.payment_voided(o, a, ctx.now_ms))


async def hold_expired(event: HoldExpired, ctx: Context) -> None:
    """Nobody paid in time. A hold without an order is one whose buyer left between the hold and the order."""
    order = await store.order_of_hold(ctx.store, event.hold_id)
    change = None if order is None else rules.hold_expired(order, event.at_ms, ctx.now_ms)
    if change is not None:
        await save(ctx, change)


async def release_units(event: OrderCancelled, ctx: Context) -> None:
    """A dead order keeps no units. Most holds have ended by then; that is no fault."""
    command_id = rules.derived_id(event.order_id, "release")
    outcome = await ctx.port(Ledger).release(event.show_id, command_id, event.order_id)
    if not isinstance(outcome, Released | HoldGone):
        raise AssertionError(f"a derived id was used for something else: {outcome}")


async def get_order(request: GetOrder, ctx: Context) -> OrderView | None:
    """The order."""
    async with ctx.reading() as connection:
        found = await store.order(connection, request.order_id)
    return None if found is None else found.view


async def _read(ctx: Context, order_id: str, payment_id: str) -> tuple[Order, Attempt | None]:
    async with ctx.reading() as connection:
        order = await store.order(connection, order_id)
        attempt = await store.attempt(connection, payment_id)
    if order is None:
        raise AssertionError(f"payment {payment_id} of an order that was never placed: {order_id}")
    return order, attempt


async def _apply(ctx: Context, order_id: str, payment_id: str, step: Step) -> None:
    """Lock the order, decide, write."""
    order = await store.order(ctx.store, order_id, lock=True)
    if order is None:
        raise AssertionError(f"payment {payment_id} of an order that was never placed: {order_id}")
    change = step(order, await store.attempt(ctx.store, payment_id))
    if change == TOO_EARLY:
        raise OutOfOrder(payment_id)
    if change is not None:
        await save(ctx, change, payment_id)


async def _extend(ctx: Context, order: Order, payment_id: str) -> int | None:
    """The new end of the hold, or None when it has ended: then the authorised payment decides what to do."""
    hold_ms = ctx.port(Settings).hold_duration_ms
    command_id = rules.derived_id(payment_id, "extend")
    outcome = await ctx.port(Ledger).extend(order.view.show_id, command_id, order.hold_id, hold_ms)
    match outcome:
        case Extended(expires_at_ms=expires_at_ms):
            return expires_at_ms
        case HoldGone():
            return None
        case _:
            raise AssertionError(f"a derived id was used for something else: {outcome}")


async def _commit(ctx: Context, order: Order, payment_id: str) -> Settled:
    """Commit the order's hold or, when it has ended, one new hold. All ids follow from the payment, so that a repetition
    after a crash gets the same answers."""
    ledger = ctx.port(Ledger)
    show_id = order.view.show_id
    outcome = await ledger.commit(show_id, rules.derived_id(payment_id, "commit"), order.hold_id)
    if isinstance(outcome, Committed):
        return Settled(order.hold_id)
    if not isinstance(outcome, HoldGone):
        raise AssertionError(f"a derived id was used for something else: {outcome}")
    hold_id = rules.derived_id(payment_id, "hold")
    lines = [HoldLine(line.sku, line.quantity) for line in order.view.lines]
    held = await ledger.hold(show_id, hold_id, order.view.buyer_id, lines, ctx.port(Settings).hold_duration_ms)
    match held:
        case Held():
            pass
        case SoldOut() | UnknownSku():
            return Settled(None, "sold_out")
        case LimitReached():
            return Settled(None, "hold_expired")
        case _:
            raise AssertionError(f"a derived id was used for something else: {held}")
    outcome = await ledger.commit(show_id, rules.derived_id(payment_id, "commit again"), hold_id)
    match outcome:
        case Committed():
            return Settled(hold_id)
        case HoldGone():
            return Settled(None, "hold_expired")
        case _:
            raise AssertionError(f"a derived id was used for something else: {outcome}")
