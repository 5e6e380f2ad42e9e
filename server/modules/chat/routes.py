"""HTTP operations of the chat."""

from schemas.errors import FORBIDDEN, INVALID_FIELD, NOT_FOUND, Refused
from schemas.http.chat import ChatState
from schemas.requests.shows import GetShow
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.chat import store

PAGE = 1_000
"""Messages of one answer; the next page begins `after` the last one."""


async def export_messages(ctx: Context, call: Call) -> Reply:
    """Every recorded message of the caller's own show, oldest first, a page at a time (`?after=<message_id>`)."""
    show = await ctx.ask(GetShow(show_id=call.path["show_id"]))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show may export its chat.")
    after_id = call.query.get("after")
    async with ctx.reading() as connection:
        after = None if after_id is None else await store.message(connection, show.show_id, after_id)
        if after_id is not None and after is None:
            raise Refused(INVALID_FIELD, "`after` names no message of this show.")
        return Reply(ChatState(entries=[*await store.messages_after(connection, show.show_id, after, PAGE)]))


ROUTES = (Endpoint("GET", "/api/chat/{show_id}/messages", export_messages, "host", "Export the chat of a show", view=ChatState),)
