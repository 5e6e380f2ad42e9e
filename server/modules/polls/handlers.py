"""What polls do when something happens."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.shows import ShowEnded
from schemas.requests.accounts import CollectPersonalData
from server.kernel.module import Context
from server.modules.polls import rules, store
from server.modules.polls.channel import save_closed


async def show_ended(event: ShowEnded, ctx: Context) -> None:
    """Nobody is left to vote: what is open ends with the show."""
    version = await store.next_version(ctx.store, event.show_id)
    polls = await store.open_polls(ctx.store, event.show_id)
    await save_closed(ctx, event.show_id, version, [rules.close(poll, event.ended_at_ms) for poll in polls])


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What somebody voted for. Erasing leaves it: a vote has an id and no name, and the result is everybody's."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
