"""The channels `order:<order_id>` (its buyer) and `sales:<show_id>` (the show's host), and the one way to change an order."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.errors import FORBIDDEN, WireError
from schemas.http.orders import OrderView, SalesState, SaleView
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context
from server.modules.orders import rules, store
from server.modules.orders.rules import Change, Order


class OrderChannel(ChannelKind):
    """The buyer sees each change of the order; a slow reader gets only the newest."""

    name = "order"
    delivery = "state"
    publication = OrderView
    snapshot = OrderView
    history_length = 10

    async def load(self, ctx: Context, subject: str) -> OrderView | None:
        async with ctx.reading() as connection:
            found = await store.order(connection, subject)
        return None if found is None else found.view

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None if actor.id == facts.buyer_id else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> OrderView:
        found = await self.load(ctx, subject)
        assert found is not None, subject
        return found

    def apply(self, state: OrderView, publication: OrderView) -> OrderView:
        return publication if publication.version > state.version else state


class SalesChannel(ChannelKind):
    """The host sees every order of the show as it changes. Every change counts, so none may be left out."""

    name = "sales"
    publication = SaleView
    snapshot = SalesState
    history_length = rules.SALES_MAX

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return await ctx.ask(GetShow(show_id=subject))

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None if actor.id == facts.host_id else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> SalesState:
        async with ctx.reading() as connection:
            found = await store.last_of_show(connection, subject)
        return SalesState(sales=[rules.sale_view(order) for order in found])

    def apply(self, state: SalesState, publication: SaleView) -> SalesState:
        return SalesState(sales=rules.with_sale(state.sales, publication))


async def save(ctx: Context, before: Order, change: Change, payment_id: str | None = None) -> None:
    """Write a changed order, which was `before`, and tell the buyer, the host and the bus; every change goes through here, so
    that none is forgotten."""
    await store.update_order(ctx.store, before, change.order)
    if change.attempt is not None:
        assert payment_id is not None, change
        await store.set_attempt(ctx.store, change.order.view.order_id, payment_id, change.attempt)
    await tell(ctx, change)


class Placed(NamedTuple):
    """A new order, and who placed it."""

    change: Change
    actor: Actor


async def place(ctx: Context, crowd: Sequence[Placed]) -> list[bool]:
    """Store new orders and tell of them. False: another order has the id or the hold; of two in one crowd the first has."""
    first: dict[str, Placed] = {}
    for each in crowd:
        first.setdefault(each.change.order.view.order_id, each)
    fresh = await store.insert_orders(ctx.store, [each.change.order for each in first.values()])
    await _tell(ctx, [each for order_id, each in first.items() if order_id in fresh])
    ids = [each.change.order.view.order_id for each in crowd]
    return [order_id in fresh and first[order_id] is each for order_id, each in zip(ids, crowd, strict=True)]


async def tell(ctx: Context, change: Change) -> None:
    """Note a change that is written in the same transaction in the order's history, and publish it."""
    await _tell(ctx, [Placed(change, ctx.actor)])


async def _tell(ctx: Context, made: Sequence[Placed]) -> None:
    if not made:
        return
    await store.insert_changes(ctx.store, made)
    for change, _ in made:
        view = change.order.view
        ctx.push(f"{OrderChannel.name}:{view.order_id}", view, view.version)
        ctx.push(f"{SalesChannel.name}:{view.show_id}", rules.sale_view(change.order))
        for event in change.events:
            ctx.publish(event)
