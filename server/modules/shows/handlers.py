"""What a show does when something happens, and its answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.events.catalog import PoolFunded, ProductChanged
from schemas.events.media import StreamEnded, StreamStarted
from schemas.http.accounts import Obstacle
from schemas.http.shows import ShowView
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.catalog import GetOffers
from schemas.requests.shows import CheckIngestToken, GetListedShows, GetLiveRehearsals, GetShow
from server.kernel.module import Context
from server.modules.shows import rules, store
from server.modules.shows.channel import save
from server.modules.shows.rules import Show


async def stream_started(event: StreamStarted, ctx: Context) -> None:
    """The host's packets arrive."""
    await _change(ctx, event.stream_id, lambda show: rules.stream_started(show, event.node_id, event.started_at_ms))


async def stream_ended(event: StreamEnded, ctx: Context) -> None:
    """The host's packets stay away; the show itself goes on."""
    await _change(ctx, event.stream_id, lambda show: rules.stream_ended(show, event.node_id, event.ended_at_ms))


async def offers_changed(event: PoolFunded, ctx: Context) -> None:
    """The show sells something new: every player gets the new list."""
    offers = await ctx.ask(GetOffers(show_id=event.show_id))
    before = await store.show(ctx.store, event.show_id, lock=True)
    if before is not None:
        await save(ctx, before, rules.offers_changed(before, offers), offers)


async def product_changed(event: ProductChanged, ctx: Context) -> None:
    """What the shows say of the product is old: every player gets the new list."""
    offers = {show_id: await ctx.ask(GetOffers(show_id=show_id)) for show_id in event.show_ids}
    for show_id in sorted(offers):  # in one order, so that two of these do not wait in a circle
        before = await store.show(ctx.store, show_id, lock=True)
        if before is not None and before.view.state != "ended":
            await save(ctx, before, rules.offers_changed(before, offers[show_id]), offers[show_id])


async def get_show(request: GetShow, ctx: Context) -> ShowView | None:
    """The show as its viewers see it."""
    async with ctx.reading() as connection:
        found = await store.show(connection, request.show_id)
    return None if found is None else found.view


async def get_listed_shows(request: GetListedShows, ctx: Context) -> list[ShowView]:
    """The shows that search engines may know."""
    async with ctx.reading() as connection:
        return await store.shows(connection, actor_id="")


async def get_live_rehearsals(request: GetLiveRehearsals, ctx: Context) -> list[ShowView]:
    """The shows that robots fill."""
    async with ctx.reading() as connection:
        return await store.live_rehearsals(connection)


async def check_ingest_token(request: CheckIngestToken, ctx: Context) -> bool:
    """Whether the token may publish now."""
    async with ctx.reading() as connection:
        found = await store.show(connection, request.show_id)
        token = await store.ingest_token(connection, request.show_id)
    return rules.may_publish(found, token, request.token)


async def _change(ctx: Context, show_id: str, change: Callable[[Show], Show]) -> None:
    offers = await ctx.ask(GetOffers(show_id=show_id))
    before = await store.show(ctx.store, show_id, lock=True)
    if before is not None:
        await save(ctx, before, change(before), offers)


async def erase(event: ActorErased, ctx: Context) -> None:
    """Shows stay, because orders and talk belong to them; their host has no name any more."""
    await store.forget_person(ctx.store, event.actor_id)


async def find_obstacles(request: FindObstacles, ctx: Context) -> Sequence[Obstacle]:
    """A host ends their shows first."""
    async with ctx.reading() as connection:
        found = await store.unfinished(connection, request.actor_id)
    return [
        Obstacle(kind="show", subject_id=show.show_id, title=show.title, link=f"/studio/?show={show.show_id}") for show in found
    ]


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The shows that somebody hosted."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
