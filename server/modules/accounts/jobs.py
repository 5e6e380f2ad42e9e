"""Timed work of the module `accounts`."""

from schemas.events.accounts import ActorErased
from schemas.requests.accounts import FindObstacles
from server.kernel.module import Context
from server.modules.accounts import rules, store


async def tell_again(ctx: Context) -> None:
    """Tell of erasures once more: a chat line, or an order of the same second, may have come after the first time."""
    async with ctx.reading() as connection:
        found = await store.due(connection, ctx.now_ms)
    for each in found:
        said = await ctx.gather(FindObstacles(actor_id=each.actor_id))
        if any(said.values()):
            await store.put_off(ctx.store, each.actor_id, each.told, ctx.now_ms + rules.WAIT_MS)
            continue
        ctx.publish(ActorErased(actor_id=each.actor_id, erased_at_ms=each.erased_at_ms))
        next_at_ms = rules.next_time(each.told + 1, ctx.now_ms)
        if next_at_ms is None:
            await store.forget(ctx.store, each.actor_id)
        else:
            await store.put_off(ctx.store, each.actor_id, each.told + 1, next_at_ms)
