"""Every public fact becomes one delivery for each endpoint that wants it."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.ids import is_rehearsal
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.shows import GetShow
from server.kernel.module import Context
from server.modules.webhooks import rules, store


async def tell(event: Any, ctx: Context) -> None:
    """A fact of `rules.EVENTS` has happened. Other systems would take a rehearsal for the real thing: they hear nothing of it."""
    if is_rehearsal(rules.show_of(event)):
        return
    seller_id = rules.seller_of(event)
    if not seller_id:
        show = await ctx.ask(GetShow(show_id=rules.show_of(event)))
        assert show is not None, event
        seller_id = show.host_id
    message = rules.message_of(event, ctx.now_ms)
    async with ctx.reading() as connection:
        hooks = await store.hooks_of(connection, seller_id)
    for hook in hooks:
        if hook.state != "off" and message[1] in hook.events:
            await store.insert_delivery(ctx.store, hook, message, ctx.now_ms)


async def erase(event: ActorErased, ctx: Context) -> None:
    """Somebody's endpoints go: nothing is sent to their systems any more."""
    await store.forget_person(ctx.store, event.actor_id)


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Somebody's endpoints."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
