"""What the catalogue does when something happens, and its answers."""

from schemas.events.catalog import PoolFunded, PoolReturnAsked
from schemas.events.ledger import GiveawayDrawn, HoldCommitted, HoldRestocked
from schemas.events.orders import GoodsReturned
from schemas.events.shows import RehearsalMade, ShowEnded
from schemas.http.catalog import OfferView
from schemas.ids import is_rehearsal
from schemas.requests.catalog import GetOffers
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import Funded
from server.modules.catalog import rules, store


async def fund_ledger(event: PoolFunded, ctx: Context) -> None:
    """Let the ledger sell what SQL has given away. The move's id makes a repetition harmless."""
    outcome = await ctx.port(Ledger).fund(event.show_id, event.move_id, event.sku, event.quantity, event.per_buyer_max)
    if not isinstance(outcome, Funded):
        raise AssertionError(f"the ledger refused {event.move_id}: {outcome}")


async def count_sold(event: HoldCommitted, ctx: Context) -> None:
    """Remember in SQL what the ledger sold. The table's CHECK refuses more than the pool was given."""
    for sku, quantity in rules.units_of(event.lines).items():
        await store.insert_sale(ctx.store, event.show_id, event.hold_id, sku, quantity, event.at_ms)


async def count_restocked(event: HoldRestocked, ctx: Context) -> None:
    """The units of a cancelled order are in the pool again."""
    for sku in rules.units_of(event.lines):
        await store.undo_sale(ctx.store, event.show_id, event.hold_id, sku, event.at_ms)


async def count_won(event: GiveawayDrawn, ctx: Context) -> None:
    """What was won is gone like what was sold."""
    if event.winners:
        (line,) = event.lines
        await store.insert_sale(ctx.store, event.show_id, event.giveaway_id, line.sku, len(event.winners), event.at_ms)


async def return_units(event: PoolReturnAsked, ctx: Context) -> None:
    """Let the ledger let go of units, then take them. A repetition after a crash has the same outcome."""
    outcome = await ctx.port(Ledger).fund(event.show_id, event.move_id, event.sku, -event.quantity, event.per_buyer_max)
    done = isinstance(outcome, Funded)
    if await store.end_return(ctx.store, event.move_id, "done" if done else "refused") and done:
        await store.take_from_pool(ctx.store, event.show_id, event.sku, event.quantity)
        if is_rehearsal(event.show_id):
            return  # they came from nowhere
        entry = store.StockEntry(event.move_id, event.sku, event.quantity, "pool", event.show_id, "")
        await store.change_stock(ctx.store, entry, ctx.now_ms)


async def take_goods_back(event: GoodsReturned, ctx: Context) -> None:
    """What a buyer sent back can be sold again; from a rehearsal nothing was ever sent."""
    if is_rehearsal(event.show_id):
        return
    for sku, quantity in rules.units_of(event.lines).items() if event.restock else ():
        entry = store.StockEntry(event.return_id, sku, quantity, "goods", event.order_id, "")
        await store.change_stock(ctx.store, entry, ctx.now_ms)


async def note_ended(event: ShowEnded, ctx: Context) -> None:
    """From now on what becomes free goes back into the warehouse."""
    await store.insert_ended(ctx.store, event.show_id, event.ended_at_ms)


async def furnish_rehearsal(event: RehearsalMade, ctx: Context) -> None:
    """A rehearsal sells what its show sells, out of pools of its own. The moves' ids make a repetition harmless."""
    pools = await store.pools(ctx.store, event.show_id)
    for place, pool in enumerate(pools):
        move = rules.rehearsal_move(event.rehearsal_id, pool)
        if await store.insert_move(ctx.store, move, ctx.now_ms):
            # A millisecond apart, so that they stay in the order in which the show opened them.
            await store.fund_pool(ctx.store, move, ctx.now_ms + place)
            ctx.publish(rules.funded(move))


async def get_offers(request: GetOffers, ctx: Context) -> list[OfferView]:
    """What the show sells."""
    async with ctx.reading() as connection:
        return await store.offers(connection, request.show_id, request.skus, ctx.now_ms)
