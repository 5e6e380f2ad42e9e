"""Every query of the module `payments`, and `settle…`: the ways to write what a provider said."""

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.http.payments import CARDS_MAX
from schemas.money import Amounts, Money
from schemas.requests.orders import GetOrder
from server.kernel.config import Settings
from server.kernel.log import get_logger
from server.kernel.module import Context, Store
from server.modules.payments import rules
from server.modules.payments.adapters import (
    Authorised,
    Captured,
    Charge,
    Declined,
    DisputeNews,
    KeptCard,
    Providers,
    ReceiptLine,
    Refunded,
    RefundResult,
    RequiresAction,
    Result,
    Unknown,
    Unseen,
    Voided,
)
from server.modules.payments.rules import Card, Change, Dispute, Payment, Refund, RefundChange, Wanted
from server.modules.payments.tables import CARDS, DISPUTES, PAYMENTS, REFUNDS, WEBHOOK_EVENTS
from server.store.rows import rows_of

DUE_MAX = 20
"""Payments that one round asks about, all at once; the next round is a second later."""
LAPSING_MAX = 50
WEBHOOKS_FORGOTTEN_MAX = 1_000

FIELDS = tuple(name for name in Payment.__struct_fields__ if name != "amount")
REFUND_FIELDS = tuple(name for name in Refund.__struct_fields__ if name != "amounts")
DISPUTE_FIELDS = tuple(name for name in Dispute.__struct_fields__ if name != "amount")
PARTS = tuple(name for name in Amounts.__struct_fields__)

log = get_logger(__name__)


async def payment(store: Store, payment_id: str, *, lock: bool = False) -> Payment | None:
    """A payment. `lock` keeps others from changing it until the transaction ends (in SQLite every write transaction does)."""
    query = select(PAYMENTS).where(PAYMENTS.c.payment_id == payment_id)
    row = (await store.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _payment(row)


async def payment_of_reference(store: Store, provider: str, reference: str) -> Payment | None:
    """The payment that a provider knows by this id."""
    query = select(PAYMENTS).where((PAYMENTS.c.provider == provider) & (PAYMENTS.c.reference == reference))
    row = (await store.execute(query.limit(1))).one_or_none()
    return None if row is None else _payment(row)


async def payment_of_order(store: Store, order_id: str) -> Payment | None:
    """The payment of an order that is open or successful; there is at most one."""
    over = PAYMENTS.c.state.in_((*rules.DEAD, "refunded"))
    row = (await store.execute(select(PAYMENTS).where((PAYMENTS.c.order_id == order_id) & ~over))).one_or_none()
    return None if row is None else _payment(row)


async def insert_payment(store: Store, made: Payment) -> bool:
    """Store a new payment; False when there is one with this id, or another open one of the same order."""
    done = await store.execute(insert(PAYMENTS).values(_row(made)).on_conflict_do_nothing())
    return bool(done.rowcount)


async def due(store: Store, now_ms: int) -> list[Payment]:
    """Payments whose provider is to be asked now, the longest waiting first."""
    query = select(PAYMENTS).where(PAYMENTS.c.ask_at_ms <= now_ms).order_by(PAYMENTS.c.ask_at_ms).limit(DUE_MAX)
    return [_payment(row) for row in await store.execute(query)]


async def lapsing(store: Store, before_ms: int) -> list[Payment]:
    """Authorised payments whose issuer lets go of the amount before this moment."""
    which = (PAYMENTS.c.state == "authorised") & (PAYMENTS.c.capture_before_ms < before_ms)
    query = select(PAYMENTS).where(which).order_by(PAYMENTS.c.capture_before_ms).limit(LAPSING_MAX)
    return [_payment(row) for row in await store.execute(query)]


async def refund(store: Store, refund_id: str) -> Refund | None:
    """A refund."""
    row = (await store.execute(select(REFUNDS).where(REFUNDS.c.refund_id == refund_id))).one_or_none()
    return None if row is None else _refund(row)


async def due_refunds(store: Store, now_ms: int) -> list[Refund]:
    """Refunds whose provider is to be asked now, the longest waiting first."""
    query = select(REFUNDS).where(REFUNDS.c.ask_at_ms <= now_ms).order_by(REFUNDS.c.ask_at_ms).limit(DUE_MAX)
    return [_refund(row) for row in await store.execute(query)]


async def insert_refund(ctx: Context, change: RefundChange) -> None:
    """Store a new refund, with what it keeps back of its payment, and publish the fact. One that is known changes nothing."""
    done = await ctx.store.execute(insert(REFUNDS).values(_refund_row(change.refund)).on_conflict_do_nothing())
    if done.rowcount:
        await _update(ctx.store, change.payment)
        if change.event is not None:
            ctx.publish(change.event)


async def first_copy(store: Store, provider: str, event_id: str, now_ms: int) -> bool:
    """Whether this webhook has had no effect yet. Noted in the transaction of its effect, so that both happen or neither."""
    row = {"provider": provider, "event_id": event_id, "received_at_ms": now_ms}
    return bool((await store.execute(insert(WEBHOOK_EVENTS).values(row).on_conflict_do_nothing())).rowcount)


async def is_copy(store: Store, provider: str, event_id: str) -> bool:
    """Whether this webhook has had its effect."""
    which = (WEBHOOK_EVENTS.c.provider == provider) & (WEBHOOK_EVENTS.c.event_id == event_id)
    return await store.scalar(select(WEBHOOK_EVENTS.c.received_at_ms).where(which)) is not None


async def forget_webhooks(store: Store, before_ms: int) -> None:
    """Forget webhooks that no provider repeats any more."""
    old = select(WEBHOOK_EVENTS.c.provider, WEBHOOK_EVENTS.c.event_id).where(WEBHOOK_EVENTS.c.received_at_ms < before_ms)
    for row in (await store.execute(old.limit(WEBHOOKS_FORGOTTEN_MAX))).all():
        which = (WEBHOOK_EVENTS.c.provider == row.provider) & (WEBHOOK_EVENTS.c.event_id == row.event_id)
        await store.execute(delete(WEBHOOK_EVENTS).where(which))


async def cards(store: Store, owner_id: str) -> list[Card]:
    """Somebody's cards: the default first, then the newest."""
    query = select(CARDS).where(CARDS.c.owner_id == owner_id)
    order = (CARDS.c.is_default.desc(), CARDS.c.saved_at_ms.desc(), CARDS.c.card_id.desc())
    return [_card(row) for row in await store.execute(query.order_by(*order))]


async def card(store: Store, card_id: str) -> Card | None:
    """A card."""
    row = (await store.execute(select(CARDS).where(CARDS.c.card_id == card_id))).one_or_none()
    return None if row is None else _card(row)


async def put_card(store: Store, made: Card) -> None:
    """Store a card as it stands now. The first one that is ready becomes the default."""
    has_default = any(known.is_default for known in await cards(store, made.owner_id) if known.card_id != made.card_id)
    row = {name: getattr(made, name) for name in Card.__struct_fields__}
    row["is_default"] = made.state == "ready" and not has_default
    upsert = insert(CARDS).values(row).on_conflict_do_update(index_elements=["card_id"], set_=row)
    await store.execute(upsert)


async def make_default(store: Store, owner_id: str, card_id: str) -> None:
    """This card of theirs pays by itself from now on, and no other."""
    await store.execute(update(CARDS).where(CARDS.c.owner_id == owner_id).values(is_default=False))
    await store.execute(update(CARDS).where(CARDS.c.card_id == card_id).values(is_default=True))


async def delete_card(store: Store, owner_id: str, card_id: str) -> None:
    """Forget a card. When it was the default, the newest other one takes its place."""
    await store.execute(delete(CARDS).where(CARDS.c.card_id == card_id))
    left = [known for known in await cards(store, owner_id) if known.state == "ready"]
    if left and not any(known.is_default for known in left):
        await make_default(store, owner_id, left[0].card_id)


async def settle(ctx: Context, payment_id: str, result: Result, wanted: Wanted | None = None) -> None:
    """Lock a payment, decide what a provider's answer means for it, write that and publish the fact.

    `wanted` says for what the provider was asked: without an answer it stays wanted, and a job asks again.
    """
    found = await payment(ctx.store, payment_id, lock=True)
    assert found is not None, payment_id
    if wanted is not None and found.state == "authorised" and found.wanted not in (wanted, "return"):
        found = rules.wanted(found, wanted, ctx.now_ms)
    found = rules.referred(found, getattr(result, "reference", ""))
    change = _decide(found, result, ctx.now_ms)
    if change is None:
        return
    if change.payment.wanted == "return" != found.wanted and not isinstance(result, RequiresAction):
        log.error("a provider has money that we must not have; it goes back", payment=payment_id, state=found.state)
    await _update(ctx.store, change.payment)
    if isinstance(result, Authorised) and result.card is not None and change.payment.state == "authorised":
        await _keep(ctx, change.payment, result.card)
    if change.event is not None:
        ctx.publish(change.event)


async def give_up(ctx: Context, payment_id: str) -> None:
    """Lock a payment whose page the provider cannot close, and wait for it no more, unless it is decided meanwhile."""
    found = await payment(ctx.store, payment_id, lock=True)
    assert found is not None, payment_id
    if found.state not in rules.OPEN:
        return
    change = rules.given_up(found, ctx.now_ms)
    await _update(ctx.store, change.payment)
    assert change.event is not None
    ctx.publish(change.event)


async def settle_refund(ctx: Context, refund_id: str, result: RefundResult) -> None:
    """Lock a refund's payment, decide what a provider's answer means for it, write that and publish the fact."""
    known = await refund(ctx.store, refund_id)
    assert known is not None, refund_id
    of = await payment(ctx.store, known.payment_id, lock=True)
    found = await refund(ctx.store, refund_id)
    assert found is not None, refund_id
    assert of is not None, known.payment_id
    change = _decide_refund(found, of, result, ctx.now_ms)
    if change is None:
        return
    await ctx.store.execute(update(REFUNDS).where(REFUNDS.c.refund_id == refund_id).values(_refund_row(change.refund)))
    if change.payment != of:
        await _update(ctx.store, change.payment)
    if change.event is not None:
        ctx.publish(change.event)


async def settle_dispute(ctx: Context, payment_id: str, news: DisputeNews) -> None:
    """Lock a disputed payment, decide what the news means for it, write that and publish the facts."""
    of = await payment(ctx.store, payment_id, lock=True)
    assert of is not None, payment_id
    row = (await ctx.store.execute(select(DISPUTES).where(DISPUTES.c.dispute_id == news.dispute_id))).one_or_none()
    dispute = Dispute(
        dispute_id=news.dispute_id,
        payment_id=payment_id,
        amount=news.amount,
        reason=news.reason[: rules.REASON_LENGTH_MAX],
        state=news.state,
        opened_at_ms=news.at_ms,
        closed_at_ms=None if news.state == "open" else news.at_ms,
    )
    change = rules.disputed(None if row is None else _dispute(row), dispute, of, ctx.now_ms)
    if change is None:
        return
    values = _dispute_row(change.dispute)
    await ctx.store.execute(insert(DISPUTES).values(values).on_conflict_do_update(index_elements=["dispute_id"], set_=values))
    await _update(ctx.store, change.payment)
    for event in change.events:
        ctx.publish(event)


async def ask_now(store: Store, payment_id: str, now_ms: int) -> None:
    """Have the provider asked about this payment in the next round."""
    which = (PAYMENTS.c.payment_id == payment_id) & (func.coalesce(PAYMENTS.c.ask_at_ms, now_ms + 1) > now_ms)
    open_one = PAYMENTS.c.state.in_(rules.OPEN) | PAYMENTS.c.wanted.is_not(None)
    await store.execute(update(PAYMENTS).where(which & open_one).values(ask_at_ms=now_ms))


def _decide(found: Payment, result: Result, now_ms: int) -> Change | None:
    match result:
        case Authorised(amount=amount, capture_before_ms=capture_before_ms):
            return rules.authorised(found, now_ms, amount, capture_before_ms)
        case Declined(reason=reason):
            return rules.declined(found, reason, now_ms)
        case RequiresAction(url=url):
            return rules.action_required(found, url, now_ms)
        case Captured(captured_at_ms=captured_at_ms, amount=amount, fee=fee):
            return rules.captured(found, captured_at_ms, now_ms, amount, fee)
        case Voided():
            return rules.voided(found, now_ms)
        case Unseen() if found.wanted in ("void", "return"):
            return rules.voided(found, now_ms)  # what the provider has never heard of, it does not keep
        case Unknown() | Unseen():
            return rules.not_known(found, now_ms)


def _decide_refund(found: Refund, of: Payment, result: RefundResult, now_ms: int) -> RefundChange | None:
    match result:
        case Refunded(refunded_at_ms=refunded_at_ms, reference=reference):
            return rules.refunded(found, of, refunded_at_ms, reference, now_ms)
        case Declined(reason=reason):
            return rules.refund_declined(found, of, reason, now_ms)
        case Unknown(reference=reference):
            return rules.refund_not_known(found, of, reference, now_ms)
        case Unseen():
            return rules.refund_not_known(found, of, "", now_ms)


async def _keep(ctx: Context, paid: Payment, kept: KeptCard) -> None:
    """The buyer wanted their card kept, and it has paid. One that they have already is not kept twice."""
    known = await cards(ctx.store, paid.buyer_id)
    if any((card.provider, card.method) == (paid.provider, kept.method) for card in known):
        return
    made = Card(
        card_id="crd_" + paid.payment_id.partition("_")[2],
        owner_id=paid.buyer_id,
        provider=paid.provider,
        given=paid.method,
        method=kept.method,
        label=kept.label,
        state="ready",
        is_default=False,
        action_url=None,
        return_path="",
        saved_at_ms=ctx.now_ms,
    )
    if len(known) < CARDS_MAX:
        await put_card(ctx.store, made)


async def _update(store: Store, changed: Payment) -> None:
    await store.execute(update(PAYMENTS).where(PAYMENTS.c.payment_id == changed.payment_id).values(_row(changed)))


def _payment(row: Any) -> Payment:
    amount = Money(amount_minor=row.amount_minor, currency=row.currency)
    return Payment(amount=amount, **{name: getattr(row, name) for name in FIELDS})


def _row(payment: Payment) -> dict[str, Any]:
    amount = {"amount_minor": payment.amount.amount_minor, "currency": payment.amount.currency}
    return {**amount, **{name: getattr(payment, name) for name in FIELDS}}


def _refund(row: Any) -> Refund:
    amounts = Amounts(**{name: getattr(row, name) for name in PARTS})
    return Refund(amounts=amounts, **{name: getattr(row, name) for name in REFUND_FIELDS})


def _refund_row(refund: Refund) -> dict[str, Any]:
    amounts = {name: getattr(refund.amounts, name) for name in PARTS}
    return {**amounts, **{name: getattr(refund, name) for name in REFUND_FIELDS}}


def _dispute(row: Any) -> Dispute:
    amount = Money(amount_minor=row.amount_minor, currency=row.currency)
    return Dispute(amount=amount, **{name: getattr(row, name) for name in DISPUTE_FIELDS})


def _dispute_row(dispute: Dispute) -> dict[str, Any]:
    amount = {"amount_minor": dispute.amount.amount_minor, "currency": dispute.amount.currency}
    return {**amount, **{name: getattr(dispute, name) for name in DISPUTE_FIELDS}}


def _card(row: Any) -> Card:
    return Card(**{name: getattr(row, name) for name in Card.__struct_fields__})


async def charge_of(ctx: Context, of: Payment) -> Charge:
    """The payment as its provider is asked about it. Lines and contact only for one that makes fiscal receipts of them."""
    lines: tuple[tuple[str, int, int], ...] = ()
    if ctx.port(Providers).capabilities(of.provider).receipts:
        order = await ctx.ask(GetOrder(order_id=of.order_id))
        lines = () if order is None else rules.receipt_lines(order)
    return Charge(
        key=of.payment_id,
        amount=of.amount,
        method=of.method,
        order_id=of.order_id,
        owner_id=of.buyer_id,
        created_at_ms=of.created_at_ms,
        reference=of.reference,
        return_url=ctx.port(Settings).origin + of.return_path,
        off_session=of.off_session,
        save_card=of.save_card,
        lines=tuple(ReceiptLine(title, quantity, total_minor) for title, quantity, total_minor in lines),
    )


OPEN_STATES = ("created", "requires_action", "unknown", "authorised", "disputed")
"""Of a payment whose end is not known: it is still to be captured, given back, or decided by a bank."""


async def open_payments(store: Store, buyer_id: str) -> list[tuple[str, str]]:
    """Payments of somebody that are under way, or whose money is: (payment, order)."""
    giving_back = PAYMENTS.c.refunding_minor > PAYMENTS.c.refunded_minor
    query = select(PAYMENTS.c.payment_id, PAYMENTS.c.order_id).where(
        PAYMENTS.c.buyer_id == buyer_id, PAYMENTS.c.state.in_(OPEN_STATES) | giving_back
    )
    return [
        (row.payment_id, row.order_id) for row in await store.execute(query.order_by(PAYMENTS.c.created_at_ms).limit(DUE_MAX))
    ]


async def forget_person(store: Store, actor_id: str) -> None:
    """Somebody's cards go, and what finished payments knew of a card."""
    await store.execute(delete(CARDS).where(CARDS.c.owner_id == actor_id))
    over = (PAYMENTS.c.buyer_id == actor_id) & PAYMENTS.c.state.not_in(OPEN_STATES)
    await store.execute(update(PAYMENTS).where(over).values(method="", action_url=None))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """What somebody paid, and with what; without the tokens of their cards."""
    hidden = ("method", "given", "action_url", "wanted", "asked", "ask_at_ms")
    return {
        "payments": await rows_of(store, PAYMENTS, PAYMENTS.c.buyer_id == actor_id, hidden),
        "cards": await rows_of(store, CARDS, CARDS.c.owner_id == actor_id, hidden),
    }
