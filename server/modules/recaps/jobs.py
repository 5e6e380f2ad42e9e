"""Counting the audience of live shows."""

from server.channels.audience import Audience
from server.kernel.module import Context
from server.modules.recaps import rules, store


async def count_audience(ctx: Context) -> None:
    """One look at all live shows: a question to Redis, and a few rows for each."""
    async with ctx.reading() as connection:
        show_ids = await store.live(connection)
    if not show_ids:
        return
    counted = dict(zip(show_ids, await ctx.port(Audience).count(show_ids), strict=True))
    for show_id, seen in counted.items():
        show = await store.show(ctx.store, show_id, lock=True)
        if show is not None and show.ended_at_ms is None:
            await store.save_sample(ctx.store, *rules.sample(show, *seen, ctx.now_ms))
