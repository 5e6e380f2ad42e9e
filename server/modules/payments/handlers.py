"""What a payment does when something happens to it or its order.

Each handler reads, asks the provider while no lock is held, then locks the payment and writes. A crash in between repeats the
question with the same key, which the provider answers as before.
"""

from schemas.events.orders import OrderCancelled, OrderConfirmed
from schemas.events.payments import PaymentRequested
from server.kernel.module import Context
from server.modules.payments import rules, store
from server.modules.payments.adapters import Providers
from server.modules.payments.rules import Payment


class OutOfOrder(Exception):
    """The payment is not that far yet: the bus brings this fact again, then keeps it as a dead letter."""


async def authorise(event: PaymentRequested, ctx: Context) -> None:
    """Ask the provider to keep the amount."""
    payment = await _read(ctx, event.payment_id)
    if payment.state != "created":
        return
    result = await ctx.port(Providers).authorise(payment.provider, payment.payment_id, payment.amount, payment.method)
    await store.settle(ctx, event.payment_id, result)


async def capture(event: OrderConfirmed, ctx: Context) -> None:
    """The units are the buyer's: take the money."""
    payment = await _read(ctx, event.payment_id)
    if payment.state == "captured":
        return
    _check_authorised(payment)
    result = await ctx.port(Providers).capture(payment.provider, payment.payment_id, payment.amount)
    await store.settle(ctx, event.payment_id, result, "capture")


async def void(event: OrderCancelled, ctx: Context) -> None:
    """The order is dead: give the money back. An order that nobody has paid needs nothing."""
    if event.payment_id is None:
        return
    payment = await _read(ctx, event.payment_id)
    if payment.state in ("voided", "failed"):
        return
    _check_authorised(payment)
    result = await ctx.port(Providers).void(payment.provider, payment.payment_id)
    await store.settle(ctx, event.payment_id, result, "void")


async def _read(ctx: Context, payment_id: str) -> Payment:
    async with ctx.reading() as connection:
        payment = await store.payment(connection, payment_id)
    if payment is None:
        raise AssertionError(f"a fact about a payment that was never made: {payment_id}")
    return payment


def _check_authorised(payment: Payment) -> None:
    if payment.state in rules.OPEN:
        raise OutOfOrder(payment.payment_id)
    if payment.state != "authorised":
        raise AssertionError(f"payment {payment.payment_id} is {payment.state}: it can be neither captured nor voided")
