"""What an order does when something happens to its hold or its payment.

Each handler reads, asks the ledger while no lock is held, then locks the order, decides again on what it finds, and writes.
"""

from collections.abc import Callable

from schemas.events.ledger import HoldExpired
from schemas.events.orders import OrderPlaced
from schemas.events.payments import (
    DisputeClosed,
    DisputeOpened,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
)
from schemas.ids import derived_id
from server.kernel.config import Settings
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import (
    Committed,
    CouponRefused,
    Extended,
    Held,
    Hold,
    HoldGone,
    HoldLine,
    LimitReached,
    SaleNotOpen,
    SoldOut,
    UnknownSku,
)
from server.modules.orders import rules, store
from server.modules.orders.channel import save
from server.modules.orders.rules import TOO_EARLY, Attempt, Change, Order, Settled, Transition


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


async def action_required(event: PaymentActionRequired, ctx: Context) -> None:
    """The buyer confirms with their bank; the order says where."""
    await _apply(ctx, event.order_id, event.payment_id, lambda o, a: rules.action_required(o, a, event.url, ctx.now_ms))


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


async def confirm_for_nothing(event: OrderPlaced, ctx: Context) -> None:
    """What costs nothing (a coupon may pay for all of it) needs no payment: its units are the buyer's at once."""
    if event.total.amount_minor or event.kind != "sale":
        return
    async with ctx.reading() as connection:
        order = await store.order(connection, event.order_id)
    assert order is not None, event
    if order.view.state != "placed":
        return
    settled = await _commit(ctx, order, event.order_id)
    await _change(ctx, event.order_id, lambda o: rules.confirmed_for_nothing(o, settled, ctx.now_ms))


async def refunded(event: PaymentRefunded, ctx: Context) -> None:
    """The provider has given money back."""
    at_ms = event.refunded_at_ms
    await _change(ctx, event.order_id, lambda o: rules.refund_done(o, event.refund_id, at_ms, ctx.now_ms))


async def refund_failed(event: RefundFailed, ctx: Context) -> None:
    """The provider will not give it back: the host sees it and has to."""
    await _change(ctx, event.order_id, lambda o: rules.refund_failed(o, event.refund_id, event.reason, ctx.now_ms))


async def dispute_opened(event: DisputeOpened, ctx: Context) -> None:
    """The buyer's bank has taken the money back."""
    await _change(ctx, event.order_id, lambda o: rules.disputed(o, "open", ctx.now_ms, event.reason))


async def dispute_closed(event: DisputeClosed, ctx: Context) -> None:
    """The dispute is decided."""
    await _change(ctx, event.order_id, lambda o: rules.disputed(o, "won" if event.won else "lost", ctx.now_ms))


async def hold_expired(event: HoldExpired, ctx: Context) -> None:
    """Nobody paid in time. A hold without an order is one whose buyer left between the hold and the order."""
    order = await store.order_of_hold(ctx.store, event.hold_id)
    change = None if order is None else rules.hold_expired(order, event.at_ms, ctx.now_ms)
    if order is not None and change is not None:
        await save(ctx, order, change)


async def _change(ctx: Context, order_id: str, step: Callable[[Order], Change | None]) -> None:
    """Lock the order, decide, write."""
    order = await store.order(ctx.store, order_id, lock=True)
    if order is None:
        raise AssertionError(f"a fact about an order that was never placed: {order_id}")
    change = step(order)
    if change is not None:
        await save(ctx, order, change)


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
        await save(ctx, order, change, payment_id)


async def _extend(ctx: Context, order: Order, payment_id: str) -> int | None:
    """The new end of the hold, or None when it has ended: then the authorised payment decides what to do."""
    hold_ms = ctx.port(Settings).hold_duration_ms
    command_id = derived_id(payment_id, "extend")
    outcome = await ctx.port(Ledger).extend(order.view.show_id, command_id, order.hold_id, hold_ms)
    match outcome:
        case Extended(expires_at_ms=expires_at_ms):
            return expires_at_ms
        case HoldGone():
            return None
        case _:
            raise AssertionError(f"a derived id was used for something else: {outcome}")


async def _commit(ctx: Context, order: Order, cause_id: str) -> Settled:
    """Commit the order's hold or, when it has ended, one new hold. All ids follow from the cause (the payment), so that a
    repetition after a crash gets the same answers."""
    ledger = ctx.port(Ledger)
    show_id = order.view.show_id
    outcome = await ledger.commit(show_id, derived_id(cause_id, "commit"), order.hold_id)
    if isinstance(outcome, Committed):
        return Settled(order.hold_id)
    if not isinstance(outcome, HoldGone):
        raise AssertionError(f"a derived id was used for something else: {outcome}")
    if order.view.kind != "sale":
        # The units of a lot may be offered to the next bidder by now: they are not taken from the pool a second time.
        return Settled(None, "hold_expired")
    lines = tuple(HoldLine(line.sku, line.quantity, line.sale_id or "") for line in order.view.lines)
    again = Hold(
        command_id=derived_id(cause_id, "hold"),
        buyer_id=order.view.buyer_id,
        lines=lines,
        hold_ms=ctx.port(Settings).hold_duration_ms,
        coupon=order.view.coupon or "",
    )
    held = await ledger.submit(show_id, again)
    match held:
        case Held():
            pass
        case SoldOut() | UnknownSku():
            return Settled(None, "sold_out")
        case LimitReached() | SaleNotOpen() | CouponRefused():
            return Settled(None, "hold_expired")
        case _:
            raise AssertionError(f"a derived id was used for something else: {held}")
    outcome = await ledger.commit(show_id, derived_id(cause_id, "commit again"), held.hold_id)
    match outcome:
        case Committed():
            return Settled(held.hold_id)
        case HoldGone():
            return Settled(None, "hold_expired")
        case _:
            raise AssertionError(f"a derived id was used for something else: {outcome}")
