"""What an order does for its units: it is made of what somebody has won, and gives back what nobody pays."""

from schemas.events.auctions import LotOffered, LotSold, LotUnsold
from schemas.events.giveaways import GiveawayWon
from schemas.events.orders import OrderCancelled
from schemas.http.catalog import OfferView
from schemas.http.orders import ShippingView
from schemas.ids import derived_id
from schemas.requests.catalog import GetOffers
from server.auth.store import get_actor
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import HoldGone, Released, Restock, Restocked
from server.modules.orders import rules, store
from server.modules.orders.channel import Placed, place, save
from server.modules.orders.rules import Change, Who, Won
from server.modules.orders.rules.order import cancelled


async def release_units(event: OrderCancelled, ctx: Context) -> None:
    """A dead order keeps no units: held ones are free, sold ones are on sale again. Most holds have ended by then; that is no
    fault."""
    if event.kind == "giveaway":
        return
    hold_id = event.hold_id or event.order_id
    ledger = ctx.port(Ledger)
    if event.restock:
        command = Restock(command_id=derived_id(event.order_id, "restock"), hold_id=hold_id)
        outcome = await ledger.submit(event.show_id, command)
        if not isinstance(outcome, Restocked):
            raise AssertionError(f"the units of a withdrawn order were not sold: {outcome}")
        return
    released = await ledger.release(event.show_id, derived_id(event.order_id, "release"), hold_id)
    if not isinstance(released, Released | HoldGone):
        raise AssertionError(f"a derived id was used for something else: {released}")


async def lot_sold(event: LotSold, ctx: Context) -> None:
    """The winner owes the price; their saved card is charged."""
    await _lot(event, ctx, owed=True)


async def lot_offered(event: LotOffered, ctx: Context) -> None:
    """The runner-up may have the lot, and decides alone."""
    await _lot(event, ctx, owed=False)


async def lot_unsold(event: LotUnsold, ctx: Context) -> None:
    """The lot was taken back, or given up: an order of it that nobody has paid is dead. A payment under way finds no units
    any more and goes back."""
    order = await store.order_of_hold(ctx.store, event.hold_id) if event.hold_id else None
    if order is not None and order.view.state == "placed" and order.view.payment != "in_progress":
        await save(ctx, order, cancelled(order, "shop", ctx.now_ms))


async def giveaway_won(event: GiveawayWon, ctx: Context) -> None:
    """The prize is on its way: an order that costs nothing."""
    offer = await _offer(ctx, event.show_id, event.sku)
    who, _ = await _who(ctx, event.winner_id, event.seller_id)
    await _insert(ctx, rules.given(event.order_id, event.show_id, event.giveaway_id, offer, who, ctx.now_ms))


async def _lot(event: LotSold | LotOffered, ctx: Context, *, owed: bool) -> None:
    offer = await _offer(ctx, event.show_id, event.sku)
    who, options = await _who(ctx, event.buyer_id, event.seller_id)
    lot = Won(event.show_id, event.hold_id, offer, event.quantity, event.price, event.expires_at_ms, owed)
    # One hold, one order: told twice, it is the same one.
    order_id = derived_id(event.hold_id, "order", "ord")
    await _insert(ctx, rules.won(order_id, lot, who, options, ctx.now_ms))


async def _offer(ctx: Context, show_id: str, sku: str) -> OfferView:
    found = await ctx.ask(GetOffers(show_id=show_id, skus=(sku,)))
    assert len(found) == 1, f"show {show_id} sold {sku}, which it does not have"
    return found[0]


async def _who(ctx: Context, buyer_id: str, seller_id: str) -> tuple[Who, list[ShippingView]]:
    async with ctx.reading() as connection:
        actor = await get_actor(connection, buyer_id)
        address = await store.address(connection, buyer_id, None)
        options = await store.shipping_options(connection)
    return Who(buyer_id, actor.name if actor else "", seller_id, address), options


async def _insert(ctx: Context, change: Change) -> None:
    await place(ctx, [Placed(change, ctx.actor)])
