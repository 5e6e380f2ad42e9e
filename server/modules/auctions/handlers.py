"""What a lot does when something happens in the ledger, to its order or its payment, and the module's answers.

The ledger's facts about single bids are not handled: a bid must not cost a transaction. A job reads them from the record.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schemas.base import Event
from schemas.events.accounts import ActorErased
from schemas.events.auctions import LotAnnounced, LotOffered, LotOpening
from schemas.events.ledger import HoldExpired, LotAwarded, LotEnded, LotOpened, LotTakenBack
from schemas.events.orders import OrderCancelled, OrderPaid, OrderPlaced
from schemas.events.payments import PaymentFailed
from schemas.http.accounts import Obstacle
from schemas.ids import derived_id
from schemas.money import Money
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.auctions import GetLot, LotRecord
from schemas.requests.notifications import Notify
from server.kernel.module import Context
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.rules import IdempotencyConflict, Opened, SoldOut, UnknownSku
from server.modules.auctions import store
from server.modules.auctions.channel import record_of, save
from server.modules.auctions.rules import lot as lots
from server.modules.auctions.rules import truth
from server.modules.auctions.rules.lot import Lot
from server.modules.auctions.store import Deed

Step = Callable[[Lot], Lot | None]


async def open_in_ledger(event: LotOpening, ctx: Context) -> None:
    """Ask the ledger; that it has opened the lot is a fact of its own."""
    async with ctx.reading() as connection:
        found = await store.lot(connection, event.lot_id)
    assert found is not None, event
    if found.state != "opening":
        return
    outcome = await ctx.port(Ledger).submit(event.show_id, lots.open_command(found, event.starts_in_ms))
    match outcome:
        case Opened():
            return
        case SoldOut() | UnknownSku():
            await _change(
                ctx, event.lot_id, lambda lot: lots.not_opened(lot, "no_stock"), Deed("not opened", "unsold", ctx.now_ms)
            )
        case IdempotencyConflict():
            raise AssertionError(f"the id of lot {event.lot_id} was used for something else")
        case _:
            raise AssertionError(f"no answer to an opening: {outcome}")


async def lot_opened(event: LotOpened, ctx: Context) -> None:
    """The lot takes maxima, and bids from its start on."""
    announced = LotAnnounced(
        lot_id=event.lot_id,
        show_id=event.show_id,
        seller_id=event.terms.seller_id,
        sku=event.terms.sku,
        starts_at_ms=event.starts_at_ms,
    )
    await _change(ctx, event.lot_id, lambda lot: lots.opened(lot, event), event=announced)


async def lot_ended(event: LotEnded, ctx: Context) -> None:
    """The hammer fell. Nobody is told to pay yet: the job `settle` waits for the record, and compares."""
    await _change(ctx, event.lot_id, lambda lot: lots.ended(lot, event))


async def lot_taken_back(event: LotTakenBack, ctx: Context) -> None:
    """The lot is void."""

    def unsold(lot: Lot) -> Event:
        return lots.unsold(lot, "void")

    await _change(ctx, event.lot_id, lambda lot: lots.taken_back(lot, event.reason), event_of=unsold)


async def lot_awarded(event: LotAwarded, ctx: Context) -> None:
    """The runner-up has the units, if they want them."""
    version = await store.next_version(ctx.store, event.show_id)
    before = await store.lot(ctx.store, event.lot_id, lock=True)
    changed = None if before is None else lots.awarded(before, event)
    if changed is None:
        return
    price = Money(amount_minor=event.price_minor, currency=changed.currency)
    offered = LotOffered(
        lot_id=changed.lot_id,
        show_id=changed.show_id,
        seller_id=changed.seller_id,
        hold_id=event.hold_id,
        buyer_id=event.buyer_id,
        sku=changed.sku,
        quantity=changed.quantity,
        price=price,
        expires_at_ms=event.expires_at_ms,
    )
    await save(ctx, version, changed, event=offered)
    await ctx.ask(
        Notify(
            notification_id=derived_id("lot_offered", event.hold_id, "ntf"),
            actor_id=event.buyer_id,
            kind="lot_offered",
            link=f"/lot/{changed.lot_id}",
            params={"title": changed.title},
        )
    )


async def order_placed(event: OrderPlaced, ctx: Context) -> None:
    """What is owed for a lot has an order."""
    if event.kind == "lot":
        await _change_owed(ctx, event.hold_id, "", lambda lot: lots.ordered(lot, event.order_id, event.hold_expires_at_ms))


async def payment_failed(event: PaymentFailed, ctx: Context) -> None:
    """A card was declined; there is time for another one."""
    deed = Deed(f"declined {event.payment_id}", "unpaid", ctx.now_ms, why=event.reason)
    await _change_owed(ctx, "", event.order_id, lots.charge_failed, deed)


async def order_paid(event: OrderPaid, ctx: Context) -> None:
    """Done. A payment that came late was held for anew: the order says which lot it was for."""
    if event.kind == "lot":
        deed = Deed(f"paid {event.order_id}", "paid", event.paid_at_ms, event.buyer_id, event.total.amount_minor)
        await _change_owed(ctx, event.hold_id, event.order_id, lots.paid, deed)


async def order_cancelled(event: OrderCancelled, ctx: Context) -> None:
    """Nobody paid in time, or the runner-up does not want it."""
    if event.kind == "lot":
        await _not_paid(ctx, event.hold_id, event.order_id, event.reason)


async def hold_expired(event: HoldExpired, ctx: Context) -> None:
    """The units of a lot are free again. With an order, that says what becomes of it; this is for a lot that never got one."""
    async with ctx.reading() as connection:
        found = await store.lot_of_hold(connection, event.hold_id)
    if found is not None and not found.order_id:
        await _not_paid(ctx, event.hold_id, "", "hold_expired")


async def get_lot(request: GetLot, ctx: Context) -> LotRecord | None:
    """The lot."""
    async with ctx.reading() as connection:
        found = await store.lot(connection, request.lot_id)
    return None if found is None else LotRecord(found.lot_id, found.show_id, found.sku, found.state)


async def _not_paid(ctx: Context, hold_id: str, order_id: str, reason: str) -> None:
    async with ctx.reading() as connection:
        found = await store.lot_of_hold(connection, hold_id, order_id)
    if found is None or found.state not in lots.OWED:
        return
    record = await record_of(ctx.port(LedgerHistory), found)
    next_one = truth.runner_up(record, found.price_minor, found.winner_id, found.buyer_id) is not None
    deed = Deed(f"unpaid {found.hold_id}", "unpaid", ctx.now_ms, found.buyer_id, found.due_minor, reason)
    await _change_owed(ctx, hold_id, order_id, lambda lot: lots.unpaid(lot, reason, next_one), deed)


async def _change(
    ctx: Context,
    lot_id: str,
    step: Step,
    deed: Deed | None = None,
    event: Event | None = None,
    event_of: Callable[[Lot], Event] | None = None,
) -> None:
    """Lock the show's desk and the lot, decide, write, tell."""
    async with ctx.reading() as connection:
        found = await store.lot(connection, lot_id)
    if found is None:
        return  # opened by somebody who spoke to the ledger past this module
    version = await store.next_version(ctx.store, found.show_id)
    before = await store.lot(ctx.store, lot_id, lock=True)
    assert before is not None, lot_id
    changed = step(before)
    if changed is not None:
        await save(ctx, version, changed, deed, event_of(changed) if event_of else event)


async def _change_owed(ctx: Context, hold_id: str, order_id: str, step: Step, deed: Deed | None = None) -> None:
    """The same for the lot that a hold or an order is about, if it is about one."""
    async with ctx.reading() as connection:
        found = await store.lot_of_hold(connection, hold_id, order_id)
    if found is not None:
        await _change(ctx, found.lot_id, step, deed)


async def erase(event: ActorErased, ctx: Context) -> None:
    """Bids keep an id: winner and price are computed again from them, and others relied on them. The name goes."""
    await store.forget_person(ctx.store, event.actor_id)


async def find_obstacles(request: FindObstacles, ctx: Context) -> Sequence[Obstacle]:
    """Who leads a lot that runs, or owes for one, sees it through."""
    async with ctx.reading() as connection:
        found = await store.bid_on(connection, request.actor_id)
    return [
        Obstacle(kind="bid", subject_id=lot.lot_id, title=lot.title, link=f"/lot/{lot.lot_id}")
        for lot, standing in found
        if lots.binds(lot, standing.bidder_id, leads=standing.leads)
    ]


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """For what somebody bid."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
