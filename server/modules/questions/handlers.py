"""What questions do when something happens."""

from schemas.events.shows import ShowEnded
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
