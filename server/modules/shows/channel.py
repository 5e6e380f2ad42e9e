"""The channels `show:<show_id>` (every player: the state of the show, whole at each change) and `run_of_show:<show_id>` (the
host's studios alone: what comes next), and the one way to change each."""

from collections.abc import Sequence

import msgspec

from schemas.errors import BLOCKED, FORBIDDEN, WireError
from schemas.events.shows import ProductPinned
from schemas.http.catalog import OfferView
from schemas.http.shows import RunItemView, RunOfShowState, ShowState
from schemas.requests.catalog import GetOffers
from schemas.requests.moderation import Door, GetDoor
from server.kernel.module import Actor, ChannelKind, Context
from server.modules.shows import store
from server.modules.shows.rules import Run, Show


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


class RunOfShowChannel(ChannelKind):
    """The host's plan, which nobody else sees. A slow studio gets only the newest state."""

    name = "run_of_show"
    delivery = "state"
    publication = RunOfShowState
    snapshot = RunOfShowState
    history_length = 3
    """Each publication is the whole run, of up to some 100 KB."""

    async def load(self, ctx: Context, subject: str) -> Show | None:
        async with ctx.reading() as connection:
            return await store.show(connection, subject)

    def authorise(self, actor: Actor, facts: Show) -> WireError | None:
        return None if facts.view.host_id == actor.id else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> RunOfShowState:
        async with ctx.reading() as connection:
            return run_state(await store.run(connection, subject))

    def apply(self, state: RunOfShowState, publication: RunOfShowState) -> RunOfShowState:
        return publication if publication.version > state.version else state


def run_state(run: Run) -> RunOfShowState:
    """What the host's studios show."""
    items = [RunItemView(**msgspec.structs.asdict(item)) for item in run.items]
    return RunOfShowState(version=run.version, items=items, current_id=run.current_id, current_since_ms=run.current_since_ms)


async def save_run(ctx: Context, show_id: str, before: Run, after: Run) -> None:
    """Write a changed run and tell the host's studios; every change goes through here."""
    if after != before:
        await store.save_run(ctx.store, show_id, before, after)
        ctx.push(f"{RunOfShowChannel.name}:{show_id}", run_state(after), after.version)


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
