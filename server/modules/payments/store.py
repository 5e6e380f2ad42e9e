"""Every query of the module `payments`, and `settle`: the one way to write what a provider said."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.money import Money
from server.kernel.module import Context, Store
from server.modules.payments import rules
from server.modules.payments.adapters import (
    Authorised,
    Captured,
    Declined,
    RequiresAction,
    Result,
    Unknown,
    Unseen,
    Voided,
)
from server.modules.payments.rules import Change, Payment, Wanted
from server.modules.payments.tables import PAYMENTS

DUE_MAX = 20
"""Payments that one round asks about, all at once; the next round is a second later."""

FIELDS = tuple(name for name in Payment.__struct_fields__ if name != "amount")


async def payment(store: Store, payment_id: str, *, lock: bool = False) -> Payment | None:
    """A payment. `lock` keeps others from changing it until the transaction ends (in SQLite every write transaction does)."""
    query = select(PAYMENTS).where(PAYMENTS.c.payment_id == payment_id)
    row = (await store.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _payment(row)


async def insert_payment(store: Store, made: Payment) -> bool:
    """Store a new payment; False when there is one with this id, or another open one of the same order."""
    done = await store.execute(insert(PAYMENTS).values(_row(made)).on_conflict_do_nothing())
    return bool(done.rowcount)


async def due(store: Store, now_ms: int) -> list[Payment]:
    """Payments whose provider is to be asked now, the longest waiting first."""
    query = select(PAYMENTS).where(PAYMENTS.c.ask_at_ms <= now_ms).order_by(PAYMENTS.c.ask_at_ms).limit(DUE_MAX)
    return [_payment(row) for row in await store.execute(query)]


async def settle(ctx: Context, payment_id: str, result: Result, wanted: Wanted | None = None) -> None:
    """Lock a payment, decide what a provider's answer means for it, write that and publish the fact.

    `wanted` says for what the provider was asked: without an answer it stays wanted, and a job asks again.
    """
    found = await payment(ctx.store, payment_id, lock=True)
    assert found is not None, payment_id
    if wanted is not None and found.state == "authorised" and found.wanted != wanted:
        found = rules.wanted(found, wanted, ctx.now_ms)
    change = _decide(found, result, ctx.now_ms)
    if change is not None:
        await ctx.store.execute(update(PAYMENTS).where(PAYMENTS.c.payment_id == payment_id).values(_row(change.payment)))
        if change.event is not None:
            ctx.publish(change.event)


def _decide(found: Payment, result: Result, now_ms: int) -> Change | None:
    match result:
        case Authorised():
            return rules.authorised(found, now_ms)
        case Declined(reason=reason):
            return rules.declined(found, reason, now_ms)
        case RequiresAction():
            return rules.action_required(found, now_ms)
        case Captured(captured_at_ms=captured_at_ms):
            return rules.captured(found, captured_at_ms, now_ms)
        case Voided():
            return rules.voided(found, now_ms)
        case Unseen() if found.wanted == "void":
            return rules.voided(found, now_ms)  # what the provider has never heard of, it does not keep
        case Unknown() | Unseen():
            return rules.not_known(found, now_ms)


def _payment(row: Any) -> Payment:
    amount = Money(amount_minor=row.amount_minor, currency=row.currency)
    return Payment(amount=amount, **{name: getattr(row, name) for name in FIELDS})


def _row(payment: Payment) -> dict[str, Any]:
    amount = {"amount_minor": payment.amount.amount_minor, "currency": payment.amount.currency}
    return {**amount, **{name: getattr(payment, name) for name in FIELDS}}
