"""What flash sales and waiting lines do when something happens, and the module's answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.flash_sales import FlashSaleClosing, FlashSaleEnded, FlashSaleOpened, FlashSaleRequested
from schemas.events.ledger import SaleEnded, SaleOpened, StockHeld, WaitJoined, WaitLeft
from schemas.events.shows import ShowEnded
from schemas.ids import derived_id
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.catalog import GetOffers
from schemas.requests.flash_sales import GetSales, SaleTerms
from schemas.requests.notifications import Notify
from server.kernel.errors import Unavailable
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import CloseSale, Opened, SaleClosed, SaleNotOpen, UnknownSku
from server.modules.flash_sales import rules, store
from server.modules.flash_sales.rules import Sale, Waiter

POOL_PATIENCE_MS = 30_000
"""A product that was added a moment ago may be in SQL's pool and not yet in the ledger's: the two are told by different facts."""


async def open_sale(event: FlashSaleRequested, ctx: Context) -> None:
    """Let the ledger open what is written down. The sale's id makes a repetition harmless; one that somebody has ended meanwhile
    opens no more."""
    async with ctx.reading() as connection:
        asked = await store.sale(connection, event.sale_id)
    assert asked is not None, event
    if asked.state != "opening" or asked.closing:
        return
    await _wait_for_pools(ctx, asked)
    outcome = await ctx.port(Ledger).submit(event.show_id, rules.command(asked))
    match outcome:
        case Opened():
            return  # the ledger's own fact says so to everybody, this module included
        case UnknownSku():
            reason = "unknown_sku"
        case _:
            raise AssertionError(f"the ledger refused {event.sale_id}: {outcome}")
    found = await _locked(ctx, event.sale_id)
    await store.update_sale(ctx.store, rules.refused(found, reason))


async def close_sale(event: FlashSaleClosing, ctx: Context) -> None:
    """End a sale before its time. One that was never opened is over at once."""
    command = CloseSale(command_id=derived_id(event.sale_id, "close"), sale_id=event.sale_id)
    outcome = await ctx.port(Ledger).submit(event.show_id, command)
    match outcome:
        case SaleClosed():
            return
        case SaleNotOpen():
            found = await _locked(ctx, event.sale_id)
            await store.update_sale(ctx.store, rules.ended(found, "host"))
        case _:
            raise AssertionError(f"a derived id was used for something else: {outcome}")


async def sale_opened(event: SaleOpened, ctx: Context) -> None:
    """The ledger has set the times."""
    found = await _locked(ctx, event.sale_id)
    await store.update_sale(ctx.store, rules.opened(found, event.starts_at_ms, event.ends_at_ms))
    ctx.publish(
        FlashSaleOpened(
            sale_id=event.sale_id,
            show_id=event.show_id,
            skus=[item.sku for item in event.items],
            starts_at_ms=event.starts_at_ms,
            ends_at_ms=event.ends_at_ms,
        )
    )


async def sale_ended(event: SaleEnded, ctx: Context) -> None:
    """Its products may be in another sale now."""
    found = await _locked(ctx, event.sale_id)
    await store.update_sale(ctx.store, rules.ended(found, event.reason))
    ctx.publish(FlashSaleEnded(sale_id=event.sale_id, show_id=event.show_id, reason=event.reason))


async def show_ended(event: ShowEnded, ctx: Context) -> None:
    """What is on ends with the show."""
    for each in await store.unfinished(ctx.store, event.show_id):
        found = await _locked(ctx, each.sale_id)
        await store.update_sale(ctx.store, rules.closing(found))
        ctx.publish(FlashSaleClosing(sale_id=each.sale_id, show_id=event.show_id))


async def wait_joined(event: WaitJoined, ctx: Context) -> None:
    """Somebody stands in line; `seq` is their place."""
    known = Waiter(
        wait_id=event.wait_id,
        show_id=event.show_id,
        buyer_id=event.buyer_id,
        sku=event.sku,
        quantity=event.quantity,
        sale_id=event.sale_id or None,
        state="waiting",
        seq=event.seq,
        expires_at_ms=0,
        joined_at_ms=event.at_ms,
    )
    await store.put_wait(ctx.store, known)


async def wait_left(event: WaitLeft, ctx: Context) -> None:
    """Somebody gave up, or there is nothing to wait for any more."""
    await store.leave(ctx.store, event.wait_id)


async def units_held(event: StockHeld, ctx: Context) -> None:
    """Whoever waited is told that it is their turn."""
    if not event.waited:
        return
    (line,) = event.lines
    offers = await ctx.ask(GetOffers(show_id=event.show_id, skus=(line.sku,)))
    known = Waiter(
        wait_id=event.hold_id,
        show_id=event.show_id,
        buyer_id=event.buyer_id,
        sku=line.sku,
        quantity=line.quantity,
        sale_id=line.sale.sale_id if line.sale else None,
        state="served",
        seq=event.seq,
        expires_at_ms=event.expires_at_ms,
        joined_at_ms=event.at_ms,
    )
    await store.put_wait(ctx.store, known)
    await ctx.ask(
        Notify(
            notification_id=derived_id(event.hold_id, "your turn", "ntf"),
            actor_id=event.buyer_id,
            kind="your_turn",
            link=f"/watch/{event.show_id}",
            params={"title": offers[0].title if offers else line.sku, "wait_id": event.hold_id},
        )
    )


async def get_sales(request: GetSales, ctx: Context) -> list[SaleTerms]:
    """Prices of a show's flash sales."""
    async with ctx.reading() as connection:
        found = await store.sales_of(connection, request.show_id, request.sale_ids)
    return [rules.terms(each) for each in found]


async def _wait_for_pools(ctx: Context, asked: Sale) -> None:
    """Raises:
    Unavailable: the ledger knows less of the show than SQL, which does not last; the bus tries again.
    """
    pools = {pool.sku for pool in (await ctx.port(Ledger).pools(asked.show_id)).pools}
    missing = {item.sku for item in asked.items} - pools
    if missing and ctx.now_ms < asked.asked_at_ms + POOL_PATIENCE_MS:
        raise Unavailable(f"the pools of {sorted(missing)} are not in the ledger yet")


async def _locked(ctx: Context, sale_id: str) -> Sale:
    found = await store.sale(ctx.store, sale_id, lock=True)
    if found is None:
        raise AssertionError(f"the ledger knows a sale that nobody asked for: {sale_id}")
    return found


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """For what somebody stood in line. Erasing leaves it: a place in the ledger's line, with an id and no name."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
