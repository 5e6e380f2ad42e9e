"""Every query of the module `chat`."""

from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.chat import MessagePosted
from schemas.http.chat import ChatMessage
from server.kernel.module import Store
from server.modules.chat.tables import MESSAGES

FIELDS = tuple(column.name for column in MESSAGES.columns if column.name != "show_id")


async def insert_message(store: Store, event: MessagePosted) -> None:
    """Record a message, once."""
    row = {"show_id": event.show_id, **{name: getattr(event, name) for name in FIELDS}}
    await store.execute(insert(MESSAGES).values(row).on_conflict_do_nothing())


async def last_messages(store: Store, show_id: str, count: int) -> list[ChatMessage]:
    """The newest messages of a show, oldest first."""
    newest = (MESSAGES.c.posted_at_ms.desc(), MESSAGES.c.message_id.desc())
    query = select(MESSAGES).where(MESSAGES.c.show_id == show_id).order_by(*newest).limit(count)
    return [_message(row) for row in await store.execute(query)][::-1]


async def messages_after(store: Store, show_id: str, after: ChatMessage | None, count: int) -> list[ChatMessage]:
    """The messages that follow another one, oldest first; from the beginning when there is none."""
    place = (MESSAGES.c.posted_at_ms, MESSAGES.c.message_id)
    query = select(MESSAGES).where(MESSAGES.c.show_id == show_id).order_by(*place).limit(count)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(after.posted_at_ms, after.message_id))
    return [_message(row) for row in await store.execute(query)]


async def message(store: Store, show_id: str, message_id: str) -> ChatMessage | None:
    """One message of a show."""
    query = select(MESSAGES).where(MESSAGES.c.show_id == show_id, MESSAGES.c.message_id == message_id)
    row = (await store.execute(query)).one_or_none()
    return None if row is None else _message(row)


def _message(row: Any) -> ChatMessage:
    return ChatMessage(**{name: getattr(row, name) for name in FIELDS})
