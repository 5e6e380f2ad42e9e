"""What a payment does when something happens to it or its order, and the module's answers.

Each handler reads, asks the provider while no lock is held, then locks the payment and writes. A crash in between repeats the
question with the same key, which the provider answers as before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderPlaced, RefundRequested
from schemas.events.payments import PaymentRequested
from schemas.http.accounts import Obstacle
from schemas.ids import is_rehearsal
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.payments import GetSavedCard, SavedCard
from server.kernel.log import get_logger
from server.kernel.module import Context
from server.modules.payments import rules, store
from server.modules.payments.adapters import Providers
from server.modules.payments.rules import Payment, Wish

log = get_logger(__name__)


class OutOfOrder(Exception):
    """The payment is not that far yet: the bus brings this fact again, then keeps it as a dead letter."""


async def charge_saved(event: OrderPlaced, ctx: Context) -> None:
    """A winner has agreed to pay by bidding: charge their card without them. Who has none any more pays by hand, like others."""
    if not event.charge_saved:
        return
    wish = rules.rehearsed_charge(event.order_id) if is_rehearsal(event.show_id) else await _saved_charge(event, ctx)
    if wish is None:
        log.warning("no card can be charged for an order; its buyer has to pay it", order=event.order_id)
        return
    change = rules.created(wish, event.order_id, event.show_id, event.buyer_id, event.total, ctx.now_ms)
    # A buyer who was faster has another payment of this order open: then that one counts.
    if await store.insert_payment(ctx.store, change.payment):
        assert change.event is not None
        ctx.publish(change.event)


async def _saved_charge(event: OrderPlaced, ctx: Context) -> Wish | None:
    async with ctx.reading() as connection:
        known = await store.cards(connection, event.buyer_id)
    usable = [card for card in known if card.is_default and card.provider in ctx.port(Providers)]
    if not usable:
        return None
    return Wish(rules.saved_payment_id(event.order_id), usable[0].provider, usable[0].method, off_session=True)


async def authorise(event: PaymentRequested, ctx: Context) -> None:
    """Ask the provider to keep the amount."""
    payment = await _read(ctx, event.payment_id)
    if payment.state != "created":
        return
    result = await ctx.port(Providers).authorise(payment.provider, await store.charge_of(ctx, payment))
    await store.settle(ctx, event.payment_id, result)


async def capture(event: OrderConfirmed, ctx: Context) -> None:
    """The units are the buyer's: take the money. What costs nothing has no payment."""
    if not event.payment_id:
        return
    payment = await _read(ctx, event.payment_id)
    if payment.captured_minor:
        return
    _check_authorised(payment)
    charge = await store.charge_of(ctx, payment)
    result = await ctx.port(Providers).capture(payment.provider, charge, payment.amount)
    await store.settle(ctx, event.payment_id, result, "capture")


async def void(event: OrderCancelled, ctx: Context) -> None:
    """The order is dead: give the money back. An order that nobody has paid needs nothing."""
    if event.payment_id is None:
        return
    payment = await _read(ctx, event.payment_id)
    if payment.state in rules.DEAD:
        return
    _check_authorised(payment)
    result = await ctx.port(Providers).void(payment.provider, await store.charge_of(ctx, payment))
    await store.settle(ctx, event.payment_id, result, "void")


async def refund(event: RefundRequested, ctx: Context) -> None:
    """Note the refund and keep its amount back. A job asks the provider a moment later: two refunds at once are then both in the
    books before either is sent, so together they cannot give more than was taken."""
    payment = await store.payment(ctx.store, event.payment_id, lock=True)
    if payment is None:
        raise AssertionError(f"a refund of a payment that was never made: {event.payment_id}")
    if payment.state == "authorised":
        raise OutOfOrder(event.payment_id)
    await store.insert_refund(ctx, rules.refund_requested(event, payment, ctx.now_ms))


async def get_saved_card(request: GetSavedCard, ctx: Context) -> SavedCard | None:
    """The card that somebody pays with when they are not asked."""
    async with ctx.reading() as connection:
        known = await store.cards(connection, request.actor_id)
    found = next((card for card in known if card.is_default and card.provider in ctx.port(Providers)), None)
    return None if found is None else SavedCard(found.card_id, found.provider, found.method, found.label)


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


async def erase(event: ActorErased, ctx: Context) -> None:
    """Cards go, at the provider first. Payments stay: the books are made of them, and a bank may ask for months. They have
    amounts, an id and the provider's reference, by which the provider knows whose it was and we do not."""
    async with ctx.reading() as connection:
        cards = await store.cards(connection, event.actor_id)
    for card in cards:
        if card.state == "ready" and card.provider in ctx.port(Providers):
            await ctx.port(Providers).forget_card(card.provider, card.method)
    await store.forget_person(ctx.store, event.actor_id)


async def find_obstacles(request: FindObstacles, ctx: Context) -> Sequence[Obstacle]:
    """Money that is under way arrives first."""
    async with ctx.reading() as connection:
        found = await store.open_payments(connection, request.actor_id)
    return [Obstacle(kind="payment", subject_id=payment, title="", link=f"/order/{order}") for payment, order in found]


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What somebody paid, and with what."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
