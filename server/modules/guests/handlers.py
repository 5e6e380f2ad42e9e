"""What guests' facts lead to on media nodes, what the nodes tell back, and the module's answers.

SQL is the truth. A handler tells the node what SQL says *now*, whatever the fact was, so handling one twice or late is harmless.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.events.guests import GuestAdmitted, GuestMuted, GuestRemoved, GuestReturned
from schemas.events.media import ParticipantConnected, ParticipantDisconnected
from schemas.events.shows import ShowEnded
from schemas.http.accounts import Obstacle
from schemas.http.guests import KEY_LENGTH_MAX
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.guests import CheckPass, GetStageActors, PassView
from schemas.requests.shows import GetShow
from server.auth.sessions import token_hash
from server.kernel.module import Context
from server.modules.guests import rules, store
from server.modules.guests.adapters import StageControl
from server.modules.guests.channel import save
from server.modules.guests.rules import Backstage, Guest

ROUNDS_MAX = 4
"""Tries to tell a node a state that keeps changing meanwhile. Each change has a fact of its own, which tells the rest."""


async def guest_admitted(event: GuestAdmitted, ctx: Context) -> None:
    """Viewers and the other guests see and hear the guest."""
    await _tell_node(ctx, event.participant_id)


async def guest_returned(event: GuestReturned, ctx: Context) -> None:
    """Only the host sees and hears the guest."""
    await _tell_node(ctx, event.participant_id)


async def guest_muted(event: GuestMuted, ctx: Context) -> None:
    """Something is withheld, or given again."""
    await _tell_node(ctx, event.participant_id)


async def guest_removed(event: GuestRemoved, ctx: Context) -> None:
    """The guest's media end."""
    await _tell_node(ctx, event.participant_id)


async def participant_connected(event: ParticipantConnected, ctx: Context) -> None:
    """A guest's media arrive. The web role gave the state as of its request, and that may have changed since: tell it again."""
    if await _tell_node(ctx, event.participant_id):
        await _change(
            ctx,
            event.stream_id,
            lambda stage: rules.connected(stage, event.participant_id, event.place, event.connected_at_ms),
        )


async def participant_disconnected(event: ParticipantDisconnected, ctx: Context) -> None:
    """A guest's media stay away."""
    if await _guest(ctx, event.participant_id) is not None:
        await _change(
            ctx, event.stream_id, lambda stage: rules.disconnected(stage, event.participant_id, event.disconnected_at_ms)
        )


async def show_ended(event: ShowEnded, ctx: Context) -> None:
    """Every guest leaves."""
    await _change(ctx, event.show_id, rules.end)


async def get_stage_actors(request: GetStageActors, ctx: Context) -> frozenset[str]:
    """Who takes part."""
    async with ctx.reading() as connection:
        return await store.actors(connection, request.show_id)


async def check_pass(request: CheckPass, ctx: Context) -> PassView | None:
    """Whose pass it is."""
    if len(request.token) > KEY_LENGTH_MAX:
        return None
    async with ctx.reading() as connection:
        guest = await store.guest_by_token(connection, request.show_id, token_hash(request.token))
    if guest is None:
        return None
    return PassView(participant_id=guest.participant_id, name=guest.name, on_stage=guest.standing == "live", muted=guest.muted)


async def _tell_node(ctx: Context, participant_id: str) -> bool:
    """Make the node do what SQL says; False when the participant is none of ours.

    SQL is read again after the order: another worker, whose lease ended while it waited for a node, must not have the last word
    with something that was true before.
    """
    control = ctx.port(StageControl)  # type: ignore[type-abstract]
    told: Guest | None = None
    for _ in range(ROUNDS_MAX):
        found = await _guest(ctx, participant_id)
        if found is None:
            return False
        show_id, guest = found
        if guest.standing == "removed":
            await control.remove(show_id, participant_id)
            return True
        if told is not None and rules.order_of(told) == rules.order_of(guest):
            return True
        await control.order(show_id, participant_id, rules.order_of(guest))
        told = guest
    return True


async def _guest(ctx: Context, participant_id: str) -> tuple[str, Guest] | None:
    async with ctx.reading() as connection:
        return await store.guest(connection, participant_id)


async def _change(ctx: Context, show_id: str, change: Callable[[Backstage], Backstage]) -> None:
    before = await store.lock_backstage(ctx.store, show_id)
    await save(ctx, before, change(before))


async def erase(event: ActorErased, ctx: Context) -> None:
    """Under what name somebody was on a stage."""
    await store.forget_person(ctx.store, event.actor_id)


async def find_obstacles(request: FindObstacles, ctx: Context) -> Sequence[Obstacle]:
    """Who is on a stage leaves it first."""
    async with ctx.reading() as connection:
        show_ids = await store.stages_of(connection, request.actor_id)
    shows = [await ctx.ask(GetShow(show_id=show_id)) for show_id in show_ids]
    return [
        Obstacle(kind="stage", subject_id=show.show_id, title=show.title, link=f"/watch/{show.show_id}")
        for show in shows
        if show is not None and show.state != "ended"
    ]


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """In which shows somebody was a guest."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
