"""The channel `show:<show_id>`: the state of a show as every player needs it, whole at each change."""

from collections.abc import Sequence

from schemas.errors import BLOCKED, WireError
from schemas.events.shows import ProductPinned
from schemas.http.catalog import OfferView
from schemas.http.shows import ShowState
from schemas.requests.catalog import GetOffers
from schemas.requests.moderation import Door, GetDoor
from server.kernel.module import Actor, ChannelKind, Context
from server.modules.shows import store
from server.modules.shows.rules import Show


class ShowChannel(ChannelKind):
    """Everybody who has the link and is not blocked may watch. A slow viewer gets only the newest state."""

    name = "show"
    delivery = "state"
    publication = ShowState
    snapshot = ShowState

    async def load(self, ctx: Context, subject: str) -> Door | None:
        async with ctx.reading() as connection:
            found = await store.show(connection, subject)
        return None if found is None else await ctx.ask(GetDoor(host_id=found.view.host_id))

    def authorise(self, actor: Actor, facts: Door) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> ShowState:
        async with ctx.reading() as connection:
            found = await store.show(connection, subject)
        assert found is not None, subject
        return show_state(found, await ctx.ask(GetOffers(show_id=subject)))

    def apply(self, state: ShowState, publication: ShowState) -> ShowState:
        return publication if publication.version > state.version else state


def show_state(show: Show, offers: Sequence[OfferView]) -> ShowState:
    """What the channel carries."""
    return ShowState(version=show.version, show=show.view, pinned=list(show.pinned), offers=list(offers))


async def save(ctx: Context, before: Show, after: Show, offers: Sequence[OfferView]) -> None:
    """Write a changed show and tell every player; every change goes through here, so none is forgotten."""
    if after == before:
        return
    await store.update_show(ctx.store, after)
    if after.version > before.version:
        ctx.push(f"{ShowChannel.name}:{after.view.show_id}", show_state(after, offers), after.version)
    for sku in after.pinned:
        if sku not in before.pinned:
            ctx.publish(ProductPinned(show_id=after.view.show_id, sku=sku, pinned_at_ms=ctx.now_ms))
