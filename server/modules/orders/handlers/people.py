"""What orders keep of people, what becomes of it when they are erased, and what keeps them here until then.

An order stays: it is the receipt behind the books, and the law wants those for years. Of the person it keeps an id and the
country, which the tax depends on; name, street, telephone, the parcel's number and what they wrote go. Saved addresses go whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.http.accounts import Obstacle
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from server.kernel.module import Context
from server.modules.orders import rules, store
from server.modules.orders.channel import save


async def erase(event: ActorErased, ctx: Context) -> None:
    """Reduce the orders of somebody to what the books need. One that is not over (it came at the last moment) waits for the next
    time that the fact is told."""
    for order in await store.named_orders(ctx.store, event.actor_id):
        if not rules.is_over(order.view):
            continue
        await save(ctx, order, rules.erased(order, ctx.now_ms))
    await store.forget_person(ctx.store, event.actor_id)


async def find_obstacles(request: FindObstacles, ctx: Context) -> Sequence[Obstacle]:
    """Goods and money that are under way, either way."""
    async with ctx.reading() as connection:
        bought = await store.unfinished(connection, request.actor_id, sold=False)
        sold = await store.unfinished(connection, request.actor_id, sold=True)
    return [
        *(rules.obstacle("order", view) for view in bought if not rules.is_over(view)),
        *(rules.obstacle("sale", view) for view in sold if not rules.is_over(view)),
    ]


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Orders with their lines, and addresses."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
