"""What the catalogue does when something happens, and its answers."""

from schemas.events.catalog import PoolFunded
from schemas.events.ledger import HoldCommitted
from schemas.http.catalog import OfferView
from schemas.requests.catalog import GetOffers
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import Funded
from server.modules.catalog import store


async def fund_ledger(event: PoolFunded, ctx: Context) -> None:
    """Let the ledger sell what SQL has given away. The move's id makes a repetition harmless."""
    outcome = await ctx.port(Ledger).fund(event.show_id, event.move_id, event.sku, event.quantity, event.per_buyer_max)
    if not isinstance(outcome, Funded):
        raise AssertionError(f"the ledger refused {event.move_id}: {outcome}")


async def count_sold(event: HoldCommitted, ctx: Context) -> None:
    """Remember in SQL what the ledger sold. The table's CHECK refuses more than the pool was given."""
    for line in event.lines:
        await store.insert_sale(ctx.store, event.show_id, event.hold_id, line.sku, line.quantity, event.at_ms)


async def get_offers(request: GetOffers, ctx: Context) -> list[OfferView]:
    """What the show sells."""
    async with ctx.reading() as connection:
        return await store.offers(connection, request.show_id, request.skus)
