"""Timed work of the module `polls`."""

from server.kernel.module import Context
from server.modules.polls import rules, store
from server.modules.polls.channel import save_closed

CLOSE_EVERY_MS = 1_000
"""How late the end of a poll, and hidden results, may come onto screens. Votes are refused by the clock, not by this."""


async def close_due(ctx: Context) -> None:
    """Close the polls whose time is over."""
    async with ctx.reading() as connection:
        show_ids = await store.shows_due(connection, ctx.now_ms)
    for show_id in show_ids:
        version = await store.next_version(ctx.store, show_id)
        due = [poll for poll in await store.open_polls(ctx.store, show_id) if poll.closes_at_ms <= ctx.now_ms]
        await save_closed(ctx, show_id, version, [rules.close(poll, ctx.now_ms) for poll in due])
