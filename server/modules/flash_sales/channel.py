"""The channel `flash_sales:<show_id>`: which sales are announced or on, and what is left, straight from the ledger's log."""

from typing import Any

from schemas.errors import BLOCKED, WireError
from schemas.events.ledger import PoolsChanged, SaleEnded, SaleOpened
from schemas.http.flash_sales import (
    FlashSaleOver,
    FlashSalePublication,
    FlashSalesState,
    FlashSaleUnits,
    FlashSaleView,
    SaleItemView,
    SaleUnits,
)
from schemas.money import Money
from schemas.requests.moderation import Door, GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context
from server.ledger.ledger import Ledger
from server.ledger.wire import SaleSnapshot
from server.modules.flash_sales import rules


class FlashSaleChannel(ChannelKind):
    """Everybody may watch. What a product costs otherwise, and the lowest price of the last 30 days, the show's offers say."""

    name = "flash_sales"
    source = "ledger"
    publication = FlashSalePublication
    snapshot = FlashSalesState

    async def load(self, ctx: Context, subject: str) -> Door | None:
        show = await ctx.ask(GetShow(show_id=subject))
        return None if show is None else await ctx.ask(GetDoor(host_id=show.host_id))

    def authorise(self, actor: Actor, facts: Door) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> tuple[str, int, FlashSalesState]:
        ledger = await ctx.port(Ledger).snapshot(subject)
        sales = [_shown(sale) for sale in ledger.sales if sale.state == "open"]
        return ledger.epoch, ledger.seq, rules.shown(sales)

    def apply(self, state: FlashSalesState, publication: FlashSalePublication) -> FlashSalesState:
        return rules.applied(state, publication)

    def project(self, event: Any) -> FlashSalePublication | None:
        match event:
            case SaleOpened():
                return _opened(event)
            case SaleEnded(sale_id=sale_id, reason=reason):
                return FlashSaleOver(sale_id=sale_id, reason=reason)
            case PoolsChanged():
                return _units(event)
            case _:
                return None


def _shown(sale: SaleSnapshot) -> FlashSaleView:
    items = [
        SaleItemView(
            sku=offer.sku,
            price=Money(amount_minor=offer.price_minor, currency=sale.currency),
            quantity_max=offer.quantity_max,
            per_buyer_max=offer.per_buyer_max,
            available=offer.available,
            held=offer.held,
            sold=offer.sold,
        )
        for offer in sale.offers
    ]
    return FlashSaleView(sale_id=sale.sale_id, items=items, starts_at_ms=sale.starts_at_ms, ends_at_ms=sale.ends_at_ms)


def _opened(event: SaleOpened) -> FlashSaleView:
    items = [
        SaleItemView(
            sku=offer.sku,
            price=Money(amount_minor=offer.price_minor, currency=event.currency),
            quantity_max=offer.quantity_max,
            per_buyer_max=offer.per_buyer_max,
            available=offer.quantity_max,
            held=0,
            sold=0,
        )
        for offer in event.items
    ]
    return FlashSaleView(sale_id=event.sale_id, items=items, starts_at_ms=event.starts_at_ms, ends_at_ms=event.ends_at_ms)


def _units(event: PoolsChanged) -> FlashSaleUnits | None:
    changes = [
        SaleUnits(
            sale_id=line.sale.sale_id, sku=line.sku, available=line.sale.available, held=line.sale.held, sold=line.sale.sold
        )
        for line in event.lines
        if line.sale is not None
    ]
    return FlashSaleUnits(changes=changes) if changes else None
