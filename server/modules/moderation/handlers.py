"""What moderation does when something happens, and its answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased, RoleGranted, RoleTaken
from schemas.events.chat import MessageHeld
from schemas.events.shows import ShowEnded, ShowScheduled
from schemas.http.moderation import ModeratorView
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.moderation import Door, GetDoor, GetRoomRules, GetStanding, RoomRules, Standing
from schemas.requests.shows import GetShow
from server.auth.actors import MODERATOR
from server.kernel.module import Context
from server.modules.moderation import store
from server.modules.moderation.channel import save


async def message_held(event: MessageHeld, ctx: Context) -> None:
    """A message waits: whoever is in charge sees it in the queue."""
    show = await ctx.ask(GetShow(show_id=event.show_id))
    if show is None:
        return
    await store.lock(ctx.store, show.host_id)
    await store.open_show(ctx.store, show.show_id, show.host_id)
    if await store.hold(ctx.store, event):
        await save(ctx, show, [])


async def show_scheduled(event: ShowScheduled, ctx: Context) -> None:
    """From now on the show is told of what changes for all of its host's shows."""
    await store.open_show(ctx.store, event.show_id, event.host_id)


async def show_ended(event: ShowEnded, ctx: Context) -> None:
    """And from now on no longer."""
    await store.close_show(ctx.store, event.show_id)


async def get_standing(request: GetStanding, ctx: Context) -> Standing:
    """How somebody stands in a show."""
    async with ctx.reading() as connection:
        return await store.standing(connection, request, ctx.now_ms)


async def get_door(request: GetDoor, ctx: Context) -> Door:
    """Who may come into the shows of a host."""
    async with ctx.reading() as connection:
        return await store.door(connection, request.host_id)


async def get_room_rules(request: GetRoomRules, ctx: Context) -> RoomRules:
    """Who may write what in a show."""
    async with ctx.reading() as connection:
        return await store.room_rules(connection, request)


async def erase(event: ActorErased, ctx: Context) -> None:
    """Sanctions, appointments and held messages of somebody go. The audit log stays as it was written, with what moderators took
    away and why: each line vouches for the ones before it, and it is what they are held to account by."""
    for show_id in await store.forget_person(ctx.store, event.actor_id):
        show = await ctx.ask(GetShow(show_id=show_id))
        if show is not None:
            await store.lock(ctx.store, show.host_id)
            await save(ctx, show, [])


async def role_granted(event: RoleGranted, ctx: Context) -> None:
    """A moderator of the shop is one in every show."""
    if event.role == MODERATOR:
        await store.lock(ctx.store, store.EVERYWHERE)
        person = ModeratorView(actor_id=event.actor_id, name=event.name)
        await store.appoint(ctx.store, store.EVERYWHERE, person, event.granted_at_ms)
        ctx.revoke(event.actor_id)


async def role_taken(event: RoleTaken, ctx: Context) -> None:
    """And no longer."""
    if event.role == MODERATOR:
        await store.lock(ctx.store, store.EVERYWHERE)
        await store.dismiss(ctx.store, store.EVERYWHERE, event.actor_id)
        ctx.revoke(event.actor_id)


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """How somebody was restrained, and what was held."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
