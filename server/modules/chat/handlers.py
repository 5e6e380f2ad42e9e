"""What the chat does when something happens."""

from schemas.events.chat import MessagePosted
from server.kernel.module import Context
from server.modules.chat import store


async def record(event: MessagePosted, ctx: Context) -> None:
    """Keep a message for the export and for replays; the channel's log forgets it one day."""
    await store.insert_message(ctx.store, event)
