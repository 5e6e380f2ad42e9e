"""HTTP operations of the chat."""

from datetime import UTC, datetime

import msgspec

from schemas.errors import BLOCKED, FORBIDDEN, INVALID_FIELD, NOT_FOUND, Refused
from schemas.http.chat import ChatHistory, ChatMessage, ChatState
from schemas.http.shows import ShowView
from schemas.requests.moderation import GetStanding
from schemas.requests.shows import GetShow
from server.http.spreadsheet import CSV_TYPE, attachment, csv_file
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.chat import store

PAGE = 1_000
"""Messages of one answer; the next page begins `after` the last one."""
EXPORT_MAX = 200_000
"""Messages of one file, some 40 MB; a longer chat is fetched a page at a time."""
EXPORT_HEAD = ("time_utc", "message_id", "author", "role", "text", "reply_to")
HISTORY_PAGE = 50
"""A screen or two of older messages."""


async def export_messages(ctx: Context, call: Call) -> Reply:
    """Every recorded message of the caller's own show, oldest first, a page at a time (`?after=<message_id>`)."""
    show = await _own_show(ctx, call)
    after_id = call.query.get("after")
    async with ctx.reading() as connection:
        after = None if after_id is None else await store.message(connection, show.show_id, after_id)
        if after_id is not None and after is None:
            raise Refused(INVALID_FIELD, "`after` names no message of this show.")
        return Reply(ChatState(entries=[*await store.messages_after(connection, show.show_id, after, PAGE)]))


async def export_csv(ctx: Context, call: Call) -> Reply:
    """The whole chat of the caller's own show for a spreadsheet."""
    rows = [
        (
            datetime.fromtimestamp(each.posted_at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            each.message_id,
            each.author_name,
            each.author_role,
            each.text,
            each.reply.message_id if each.reply else "",
        )
        for each in await _whole(ctx, call)
    ]
    return Reply(content=csv_file(EXPORT_HEAD, rows), headers=attachment(f"{call.path['show_id']}_chat.csv"))


async def export_json(ctx: Context, call: Call) -> Reply:
    """The whole chat of the caller's own show for a program."""
    body = msgspec.json.format(msgspec.json.encode(await _whole(ctx, call)), indent=1)
    return Reply(content=body, headers=attachment(f"{call.path['show_id']}_chat.json"))


async def _whole(ctx: Context, call: Call) -> list[ChatMessage]:
    """Everything that was said and not removed, oldest first."""
    show = await _own_show(ctx, call)
    found: list[ChatMessage] = []
    async with ctx.reading() as connection:
        while page := await store.messages_after(connection, show.show_id, found[-1] if found else None, PAGE):
            found += page
            if len(found) >= EXPORT_MAX:
                break
    return [each for each in found if each.text]


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


async def _own_show(ctx: Context, call: Call) -> ShowView:
    show = await ctx.ask(GetShow(show_id=call.path["show_id"]))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show may export its chat.")
    return show


CHAT = "/api/chat/{show_id}"

ROUTES = (
    Endpoint("GET", f"{CHAT}/messages", export_messages, "host", "Export the chat of a show", view=ChatState),
    Endpoint("GET", f"{CHAT}/messages.csv", export_csv, "host", "The chat of a show as a file", produces=CSV_TYPE),
    Endpoint("GET", f"{CHAT}/messages.json", export_json, "host", "The chat of a show as JSON", produces="application/json"),
    Endpoint("GET", f"{CHAT}/history", read_history, "guest", "Read older messages", view=ChatHistory),
)
