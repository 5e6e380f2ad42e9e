"""The channel `stock:<show_id>`: what is left of each offer, straight from the ledger's log."""

from typing import Any

from schemas.errors import BLOCKED, WireError
from schemas.events.ledger import PoolsChanged
from schemas.http.catalog import PoolView, StockChanged, StockState
from schemas.requests.moderation import Door, GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context
from server.ledger.ledger import Ledger
from server.modules.catalog import rules


class StockChannel(ChannelKind):
    """Everybody may watch the stock. A slow viewer needs only what came last of each pool, so nothing is lost by a snapshot."""

    name = "stock"
    source = "ledger"
    publication = StockChanged
    snapshot = StockState

    async def load(self, ctx: Context, subject: str) -> Door | None:
        show = await ctx.ask(GetShow(show_id=subject))
        return None if show is None else await ctx.ask(GetDoor(host_id=show.host_id))

    def authorise(self, actor: Actor, facts: Door) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> tuple[str, int, StockState]:
        ledger = await ctx.port(Ledger).pools(subject)
        pools = [PoolView(sku=pool.sku, available=pool.available, held=pool.held, sold=pool.sold) for pool in ledger.pools]
        return ledger.epoch, ledger.seq, StockState(pools=rules.with_changes([], pools))

    def apply(self, state: StockState, publication: StockChanged) -> StockState:
        return StockState(pools=rules.with_changes(state.pools, publication.pools))

    def project(self, event: Any) -> StockChanged | None:
        if not isinstance(event, PoolsChanged):
            return None
        pools = [PoolView(sku=line.sku, available=line.available, held=line.held, sold=line.sold) for line in event.lines]
        return StockChanged(pools=pools)
