"""Timed work of the module `payments`."""

import asyncio

from server.kernel.module import Context
from server.modules.payments import store
from server.modules.payments.adapters import Authorised, Providers, Result, Unseen
from server.modules.payments.rules import OPEN, Payment


async def resolve(ctx: Context) -> None:
    """Ask the providers about every payment that they left open, with the same keys as before."""
    async with ctx.reading() as connection:
        payments = await store.due(connection, ctx.now_ms)
    providers = ctx.port(Providers)
    results = await asyncio.gather(*(_ask(providers, payment) for payment in payments))
    for payment, result in zip(payments, results, strict=True):
        await store.settle(ctx, payment.payment_id, result, payment.wanted)


async def _ask(providers: Providers, payment: Payment) -> Result:
    result = await providers.get(payment.provider, payment.payment_id)
    if payment.state in OPEN and isinstance(result, Unseen):
        # The request never arrived: sending it again under the same key cannot charge twice.
        return await providers.authorise(payment.provider, payment.payment_id, payment.amount, payment.method)
    if payment.wanted == "capture" and isinstance(result, Authorised):
        return await providers.capture(payment.provider, payment.payment_id, payment.amount)
    if payment.wanted == "void" and isinstance(result, Authorised):
        return await providers.void(payment.provider, payment.payment_id)
    return result
