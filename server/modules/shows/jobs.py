"""Timed work of the module `shows`."""

from schemas.events.shows import ShowEnded
from schemas.requests.catalog import GetOffers
from server.kernel.module import Context
from server.modules.shows import rules, store
from server.modules.shows.channel import save

LOOK_EVERY_MS = 60_000
REHEARSAL_MS_MAX = 4 * 3_600_000
"""Longer than any show is rehearsed: a host who closed the window has forgotten it, and its robots would buy for ever."""


async def end_forgotten(ctx: Context) -> None:
    """End the next rehearsal that nobody ends."""
    async with ctx.reading() as connection:
        show_id = await store.forgotten_rehearsal(connection, ctx.now_ms - REHEARSAL_MS_MAX)
    if show_id is None:
        return
    offers = await ctx.ask(GetOffers(show_id=show_id))
    before = await store.show(ctx.store, show_id, lock=True)
    assert before is not None, show_id
    after = rules.end(before, ctx.now_ms)
    if after != before:
        await save(ctx, before, after, offers)
        ctx.publish(ShowEnded(show_id=show_id, ended_at_ms=ctx.now_ms))
