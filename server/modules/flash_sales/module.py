"""Flash sales: a price for a while, for some units; and the lines of those who wait for what others hold.

Owns      flash_sales_sales, flash_sales_items, flash_sales_waits
Decides   who may sell what at which price: the host, below the normal price, one running sale per product of a show. Who gets the
          units, when a sale begins and ends, and who in line is served, the ledger decides.
Promises  a sale is written down before the ledger opens it, so its price is known whenever units are held in it; a sale ends with
          its show; whoever waited is told when it is their turn, once.
"""

from schemas.events.flash_sales import FlashSaleClosing, FlashSaleEnded, FlashSaleOpened, FlashSaleRequested
from schemas.events.ledger import SaleEnded, SaleOpened, StockHeld, WaitJoined, WaitLeft
from schemas.events.shows import ShowEnded
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.catalog import GetOffers
from schemas.requests.flash_sales import GetSales
from schemas.requests.moderation import GetDoor
from schemas.requests.notifications import Notify
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, answer, on
from server.ledger.ledger import Ledger
from server.modules.flash_sales import handlers, routes
from server.modules.flash_sales.channel import FlashSaleChannel

MODULE = Module(
    name="flash_sales",
    consumes=(
        on(FlashSaleRequested, handlers.open_sale),
        on(FlashSaleClosing, handlers.close_sale),
        on(SaleOpened, handlers.sale_opened),
        on(SaleEnded, handlers.sale_ended),
        on(WaitJoined, handlers.wait_joined),
        on(WaitLeft, handlers.wait_left),
        on(StockHeld, handlers.units_held),
        on(ShowEnded, handlers.show_ended),
    ),
    emits=(FlashSaleRequested, FlashSaleClosing, FlashSaleOpened, FlashSaleEnded),
    answers=(answer(GetSales, handlers.get_sales, shared=True),),
    asks=(GetDoor, GetOffers, GetShow, Notify),
    channels=(FlashSaleChannel(),),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
    ports=(Ledger, Settings),
)
