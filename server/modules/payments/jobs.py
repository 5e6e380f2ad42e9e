"""Timed work of the module `payments`."""

import asyncio

from server.kernel.log import get_logger
from server.kernel.metrics import gauge
from server.kernel.module import Context
from server.modules.payments import rules, store
from server.modules.payments.adapters import (
    KEY_KEPT_MS,
    Authorised,
    Captured,
    Charge,
    Declined,
    Providers,
    Refunded,
    RefundResult,
    RefundWish,
    RequiresAction,
    Result,
    Unknown,
    Unseen,
    Voided,
)
from server.modules.payments.rules import CAPTURE_WARNING_MS, OPEN, Payment, Refund

WEBHOOKS_KEPT_MS = 30 * 24 * 3_600_000
"""Providers repeat a webhook for days (Stripe: three), and a person may send one again by hand within a month."""

LAPSING = gauge("efir_payments_lapsing", "Authorised payments whose authorisation ends soon and which are not captured")

log = get_logger(__name__)


async def resolve(ctx: Context) -> None:
    """Ask the providers about every payment that they left open, with the same keys as before."""
    async with ctx.reading() as connection:
        payments = await store.due(connection, ctx.now_ms)
    providers = ctx.port(Providers)
    charges = [await store.charge_of(ctx, payment) for payment in payments]
    pairs = zip(payments, charges, strict=True)
    results = await asyncio.gather(*(_ask(providers, payment, charge, ctx.now_ms) for payment, charge in pairs))
    for payment, result in zip(payments, results, strict=True):
        await store.settle(ctx, payment.payment_id, result, payment.wanted)


async def give_back(ctx: Context) -> None:
    """Ask the providers for every refund that is wanted or was left open, each with its own key."""
    async with ctx.reading() as connection:
        refunds = await store.due_refunds(connection, ctx.now_ms)
        payments = [await store.payment(connection, refund.payment_id) for refund in refunds]
    providers = ctx.port(Providers)
    charges = [await store.charge_of(ctx, payment) for payment in payments if payment is not None]
    triples = zip(refunds, payments, charges, strict=True)
    results = await asyncio.gather(
        *(_give_back(providers, payment.provider, charge, refund, ctx.now_ms) for refund, payment, charge in triples if payment)
    )
    for refund, result in zip(refunds, results, strict=True):
        await store.settle_refund(ctx, refund.refund_id, result)


async def watch_authorisations(ctx: Context) -> None:
    """Say loudly which amounts are kept but not captured although their time is nearly over; what has lapsed is asked about."""
    async with ctx.reading() as connection:
        payments = await store.lapsing(connection, ctx.now_ms + CAPTURE_WARNING_MS)
    LAPSING.set(len(payments))
    lapsed = [payment for payment in payments if (payment.capture_before_ms or 0) <= ctx.now_ms]
    for payment in payments:
        log.error("an authorisation ends and is not captured", payment=payment.payment_id, before_ms=payment.capture_before_ms)
    results = [await ctx.port(Providers).get(payment.provider, await store.charge_of(ctx, payment)) for payment in lapsed]
    for payment, result in zip(lapsed, results, strict=True):
        if isinstance(result, Voided):
            await store.settle(ctx, payment.payment_id, result, payment.wanted)


async def forget_webhooks(ctx: Context) -> None:
    """Forget webhooks that no provider repeats any more."""
    await store.forget_webhooks(ctx.store, ctx.now_ms - WEBHOOKS_KEPT_MS)


async def _ask(providers: Providers, payment: Payment, charge: Charge, now_ms: int) -> Result:
    name = payment.provider
    result = await providers.get(name, charge)
    if payment.state in OPEN and isinstance(result, Unseen):
        if payment.created_at_ms + KEY_KEPT_MS <= now_ms:
            return Declined("never_arrived")  # the key is forgotten: sent again it would be a second payment
        # The request never arrived: sending it again under the same key cannot charge twice.
        return await providers.authorise(name, charge)
    if rules.action_overdue(payment, now_ms) and isinstance(result, RequiresAction):
        return await providers.void(name, charge)
    if payment.wanted == "capture" and isinstance(result, Authorised):
        return await providers.capture(name, charge, payment.amount)
    if payment.wanted == "void" and isinstance(result, Authorised):
        return await providers.void(name, charge)
    if payment.wanted == "return":
        return await _return(providers, payment, charge, result)
    return result


async def _return(providers: Providers, payment: Payment, charge: Charge, result: Result) -> Result:
    """Give back what the provider has of a payment that is over."""
    if isinstance(result, Authorised | RequiresAction):
        voided = await providers.void(payment.provider, charge)
        return Unknown() if isinstance(voided, Declined) else voided
    if not isinstance(result, Captured):
        return result
    wish = RefundWish(rules.return_key(payment.payment_id), result.amount or payment.amount, payment.created_at_ms)
    refund = await providers.get_refund(payment.provider, charge, wish)
    if isinstance(refund, Unseen):
        refund = await providers.refund(payment.provider, charge, wish)
    return Voided() if isinstance(refund, Refunded) else Unknown()


async def _give_back(providers: Providers, name: str, charge: Charge, refund: Refund, now_ms: int) -> RefundResult:
    wish = RefundWish(refund.refund_id, refund.amount, refund.created_at_ms, refund.reference)
    if refund.state == "unknown":
        result = await providers.get_refund(name, charge, wish)
        if not isinstance(result, Unseen):
            return result
        if refund.created_at_ms + KEY_KEPT_MS <= now_ms:
            return Declined("never_arrived")  # the key is forgotten: sent again it would be a second refund
    return await providers.refund(name, charge, wish)
