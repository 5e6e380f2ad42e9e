"""Catalogue: the shop's products, its warehouse, and the pools out of which shows sell.

Owns      catalog_products, catalog_variants, catalog_pools, catalog_moves, catalog_sales
Decides   whether units can leave the warehouse for a show; never how they are sold, that is the ledger's.
Promises  funded once per move; a unit is in the warehouse or in one pool, never in two; sold never exceeds funded.
"""

from schemas.events.catalog import PoolFunded, ProductPublished
from schemas.events.ledger import HoldCommitted
from schemas.requests.catalog import GetOffers
from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, on
from server.ledger.ledger import Ledger
from server.modules.catalog import handlers, routes
from server.modules.catalog.channel import StockChannel

MODULE = Module(
    name="catalog",
    consumes=(on(PoolFunded, handlers.fund_ledger), on(HoldCommitted, handlers.count_sold)),
    emits=(ProductPublished, PoolFunded),
    answers=(answer(GetOffers, handlers.get_offers, shared=True),),
    asks=(GetDoor, GetShow),
    channels=(StockChannel(),),
    routes=routes.ROUTES,
    ports=(Ledger,),
)
