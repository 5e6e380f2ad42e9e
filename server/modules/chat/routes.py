"""HTTP operations of the chat."""

from schemas.errors import BLOCKED, FORBIDDEN, INVALID_FIELD, NOT_FOUND, Refused
from schemas.http.chat import ChatHistory, ChatState
from schemas.requests.moderation import GetStanding
from schemas.requests.shows import GetShow
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.chat import store

PAGE = 1_000
"""Messages of one answer; the next page begins `after` the last one."""
HISTORY_PAGE = 50
"""A screen or two of older messages."""


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


async def read_history(ctx: Context, call: Call) -> Reply:
    """Older messages, a page at a time (`?before=<message_id>`), for everybody who may read; without the removed ones."""
    show = await ctx.ask(GetShow(show_id=call.path["show_id"]))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    standing = await ctx.ask(GetStanding(show_id=show.show_id, host_id=show.host_id, actor_id=ctx.actor.id))
    if standing.sanction == "block":
        raise Refused(BLOCKED)
    before_id = call.query.get("before")
    async with ctx.reading() as connection:
        before = None if before_id is None else await store.message(connection, show.show_id, before_id)
        if before_id is not None and before is None:
            raise Refused(INVALID_FIELD, "`before` names no message of this show.", field="before")
        found = await store.shown_before(connection, show.show_id, before, HISTORY_PAGE + 1)
    page = found[-HISTORY_PAGE:]
    return Reply(ChatHistory(messages=page, before=page[0].message_id if len(found) > len(page) else None))


CHAT = "/api/chat/{show_id}"

ROUTES = (
    Endpoint("GET", f"{CHAT}/messages", export_messages, "host", "Export the chat of a show", view=ChatState),
    Endpoint("GET", f"{CHAT}/history", read_history, "guest", "Read older messages", view=ChatHistory),
)
