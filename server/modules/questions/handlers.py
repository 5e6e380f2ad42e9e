"""What questions do when something happens."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.events.shows import ShowEnded
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.shows import GetShow
from server.kernel.module import Context
from server.modules.questions import rules, store
from server.modules.questions.channel import save


async def show_ended(event: ShowEnded, ctx: Context) -> None:
    """The question on the screen has been answered, as far as the show goes."""
    show = await ctx.ask(GetShow(show_id=event.show_id))
    assert show is not None, event
    await store.lock_desk(ctx.store, event.show_id)
    on_screen = await store.on_screen(ctx.store, event.show_id)
    await save(ctx, event.show_id, rules.end(on_screen, show, event.ended_at_ms))


async def erase(event: ActorErased, ctx: Context) -> None:
    """Somebody's questions are hidden, without words and name. Their votes for others' stay, by an id: the count is theirs."""
    for question in await store.questions_of(ctx.store, event.actor_id):
        await store.lock_desk(ctx.store, question.show_id)
        await save(ctx, question.show_id, [rules.erased(question, ctx.now_ms)])


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What somebody asked and voted for."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
