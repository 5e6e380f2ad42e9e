"""Catalogue: the shop's products, its warehouse, and the pools out of which shows sell.

Owns      catalog_products, catalog_variants, catalog_prices, catalog_stock, catalog_pools, catalog_moves, catalog_returns,
          catalog_sales, catalog_ended_shows
Decides   whether units can leave the warehouse for a show; never how they are sold, that is the ledger's.
Promises  funded once per move; a unit is in the warehouse or in one pool, never in two; sold never exceeds funded; what a show
          did not sell is back in the warehouse after its end; a pool that differs from the ledger's stops its show. The pools
          of a rehearsal come out of nothing and go there again: it never touches the warehouse.
"""

from schemas.events.catalog import PoolFunded, PoolReturnAsked, PriceChanged, ProductChanged, ProductPublished
from schemas.events.ledger import GiveawayDrawn, HoldCommitted, HoldRestocked
from schemas.events.orders import GoodsReturned
from schemas.events.shows import RehearsalMade, ShowEnded
from schemas.requests.catalog import GetOffers
from schemas.requests.moderation import GetDoor
from schemas.requests.pictures import UsePictures
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, every_ms, on
from server.ledger.ledger import Ledger
from server.modules.catalog import handlers, jobs, routes
from server.modules.catalog.channel import StockChannel

MODULE = Module(
    name="catalog",
    consumes=(
        on(PoolFunded, handlers.fund_ledger),
        on(PoolReturnAsked, handlers.return_units),
        on(HoldCommitted, handlers.count_sold),
        on(HoldRestocked, handlers.count_restocked),
        on(GiveawayDrawn, handlers.count_won),
        on(GoodsReturned, handlers.take_goods_back),
        on(ShowEnded, handlers.note_ended),
        on(RehearsalMade, handlers.furnish_rehearsal),
    ),
    emits=(ProductPublished, ProductChanged, PriceChanged, PoolFunded, PoolReturnAsked),
    answers=(answer(GetOffers, handlers.get_offers, shared=True),),
    asks=(GetDoor, GetShow, UsePictures),
    channels=(StockChannel(),),
    routes=routes.ROUTES,
    jobs=(every_ms(jobs.EMPTY_EVERY_MS, jobs.empty_pools), every_ms(jobs.COMPARE_EVERY_MS, jobs.compare_pools)),
    ports=(Ledger,),
)
