"""Every query of the module `chat`."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, Text, and_, cast, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from schemas.http.chat import ChatMessage, ChatRoomState, Mention, MessageRemoval
from server.kernel.module import Store
from server.modules.chat import rules
from server.modules.chat.tables import MESSAGES, REMOVALS, REMOVED, ROOMS
from server.store.rows import rows_of

REMOVAL_LENGTH_MAX = 100
"""Messages that one removal names on the channel: as many as a screen has. Older ones leave the record alone."""

OWN_FIELDS = ("message_id", "author_id", "author_name", "author_role", "text", "posted_at_ms")

_QUOTED = MESSAGES.alias("quoted")
_GONE = REMOVED.alias("gone")
_QUOTE_GONE = REMOVED.alias("quote_gone")
_PLACE = (MESSAGES.c.posted_at_ms, MESSAGES.c.message_id)


async def lock_room(store: Store, show_id: str) -> None:
    """Nobody else changes what is shown of the chat until the transaction ends (in SQLite every write transaction does that)."""
    query = select(ROOMS.c.show_id).where(ROOMS.c.show_id == show_id).with_for_update()
    if await store.scalar(query) is None:
        fresh = {"version": 0, "pinned_id": None, "slow_mode_s": 0, "followers_only": False, "approve_first": False}
        await store.execute(insert(ROOMS).values(show_id=show_id, **fresh).on_conflict_do_nothing())
        await store.scalar(query)


async def insert_message(store: Store, show_id: str, message: ChatMessage, reply_to: str | None) -> bool:
    """Record a message; False when it has been recorded. What it quotes is looked up when it is read."""
    row = {"show_id": show_id, **{name: getattr(message, name) for name in OWN_FIELDS}}
    values = {**row, "reply_to": reply_to, "mentions": msgspec.to_builtins(list(message.mentions))}
    return bool((await store.execute(insert(MESSAGES).values(values).on_conflict_do_nothing())).rowcount)


async def last_messages(store: Store, show_id: str, count: int) -> list[ChatMessage]:
    """The newest messages of a show as they are shown, oldest first; a removed one is empty."""
    query = _messages(show_id).order_by(*(column.desc() for column in _PLACE)).limit(count)
    return [_message(row) for row in await store.execute(query)][::-1]


async def last_removals(store: Store, show_id: str, count: int) -> list[MessageRemoval]:
    """The newest removals of a show, oldest first."""
    newest = (REMOVALS.c.at_ms.desc(), REMOVALS.c.first_id.desc())
    query = select(REMOVALS).where(REMOVALS.c.show_id == show_id).order_by(*newest).limit(count)
    return [MessageRemoval(message_ids=list(row.message_ids), at_ms=row.at_ms) for row in await store.execute(query)][::-1]


async def messages_after(store: Store, show_id: str, after: ChatMessage | None, count: int) -> list[ChatMessage]:
    """The messages that follow another one, oldest first; from the beginning when there is none."""
    query = _messages(show_id).order_by(*_PLACE).limit(count)
    if after is not None:
        query = query.where(tuple_(*_PLACE) > tuple_(after.posted_at_ms, after.message_id))
    return [_message(row) for row in await store.execute(query)]


async def shown_before(store: Store, show_id: str, before: ChatMessage | None, count: int) -> list[ChatMessage]:
    """The messages that are shown and come before another one, oldest first; the newest when there is none."""
    query = _messages(show_id).where(_GONE.c.at_ms.is_(None)).order_by(*(column.desc() for column in _PLACE)).limit(count)
    if before is not None:
        query = query.where(tuple_(*_PLACE) < tuple_(before.posted_at_ms, before.message_id))
    return [_message(row) for row in await store.execute(query)][::-1]


async def message(store: Store, show_id: str, message_id: str) -> ChatMessage | None:
    """One message of a show."""
    row = (await store.execute(_messages(show_id).where(MESSAGES.c.message_id == message_id))).one_or_none()
    return None if row is None else _message(row)


async def names(store: Store, show_id: str, actor_ids: Sequence[str]) -> tuple[Mention, ...]:
    """The people among these who have said something, under the name that they used last."""
    found = {}
    for actor_id in actor_ids:  # five at most
        said = (MESSAGES.c.show_id == show_id, MESSAGES.c.author_id == actor_id)
        query = select(MESSAGES.c.author_name).where(*said).order_by(*(column.desc() for column in _PLACE)).limit(1)
        found[actor_id] = await store.scalar(query)
    return tuple(Mention(actor_id=actor_id, name=name) for actor_id, name in found.items() if name is not None)


async def tombstones(store: Store, show_id: str, subject_ids: Collection[str]) -> dict[str, int]:
    """Which of these messages and people have been removed, and when."""
    query = select(REMOVED).where(REMOVED.c.show_id == show_id, REMOVED.c.subject_id.in_(subject_ids))
    return {row.subject_id: row.at_ms for row in await store.execute(query)}


async def bury(store: Store, show_id: str, subject_ids: Sequence[str], at_ms: int) -> list[str]:
    """Remember these as removed; returns those that were not, in the order given."""
    if not subject_ids:
        return []
    rows = [{"show_id": show_id, "subject_id": subject_id, "at_ms": at_ms} for subject_id in subject_ids]
    made = insert(REMOVED).values(rows).on_conflict_do_nothing().returning(REMOVED.c.subject_id)
    fresh = {row.subject_id for row in await store.execute(made)}
    return [subject_id for subject_id in subject_ids if subject_id in fresh]


async def bury_author(store: Store, show_id: str, author_id: str, at_ms: int) -> list[str]:
    """Remember that all that somebody has said up to now is removed, recorded or not; returns the newest messages that were
    not, at most `REMOVAL_LENGTH_MAX`, oldest first."""
    row = {"show_id": show_id, "subject_id": author_id, "at_ms": at_ms}
    again = insert(REMOVED).values(row).on_conflict_do_update(index_elements=["show_id", "subject_id"], set_=row)
    await store.execute(again)
    shown = _messages(show_id).with_only_columns(MESSAGES.c.message_id).order_by(*_PLACE)
    his = shown.where(MESSAGES.c.author_id == author_id, MESSAGES.c.posted_at_ms <= at_ms, _GONE.c.at_ms.is_(None))
    said = [found.message_id for found in await store.execute(his)]
    for start in range(0, len(said), REMOVAL_LENGTH_MAX):
        await bury(store, show_id, said[start : start + REMOVAL_LENGTH_MAX], at_ms)
    return said[-REMOVAL_LENGTH_MAX:]


async def insert_removal(store: Store, show_id: str, removal: MessageRemoval) -> None:
    """Record what the channel is told."""
    row = {"show_id": show_id, "at_ms": removal.at_ms, "first_id": removal.message_ids[0], "message_ids": removal.message_ids}
    await store.execute(insert(REMOVALS).values(row))


async def last_posted_ms(store: Store, show_id: str) -> int:
    """When the newest recorded message of a show was said; 0 when there is none."""
    query = select(MESSAGES.c.posted_at_ms).where(MESSAGES.c.show_id == show_id)
    return int(await store.scalar(query.order_by(MESSAGES.c.posted_at_ms.desc()).limit(1)) or 0)


async def room(store: Store, show_id: str) -> ChatRoomState:
    """What `chat_room` shows; a show that has had no rule yet has none."""
    row = (await store.execute(select(ROOMS).where(ROOMS.c.show_id == show_id))).one_or_none()
    if row is None:
        return ChatRoomState(version=0, pinned=None, slow_mode_s=0, followers_only=False, approve_first=False)
    return ChatRoomState(
        version=row.version,
        pinned=None if row.pinned_id is None else await message(store, show_id, row.pinned_id),
        slow_mode_s=row.slow_mode_s,
        followers_only=row.followers_only,
        approve_first=row.approve_first,
    )


async def change_room(store: Store, show_id: str, changed: dict[str, Any]) -> None:
    """Write some columns of a room that is locked."""
    await store.execute(update(ROOMS).where(ROOMS.c.show_id == show_id).values(changed))


async def unpin(store: Store, show_id: str, message_ids: Sequence[str]) -> bool:
    """Take the pinned message away if it is one of these; whether it was."""
    pinned = update(ROOMS).where(ROOMS.c.show_id == show_id, ROOMS.c.pinned_id.in_(message_ids)).values(pinned_id=None)
    return bool((await store.execute(pinned)).rowcount)


async def next_version(store: Store, show_id: str) -> None:
    """Count a change of a room that is locked."""
    await store.execute(update(ROOMS).where(ROOMS.c.show_id == show_id).values(version=ROOMS.c.version + 1))


def _messages(show_id: str) -> Select[Any]:
    """Messages of a show, each with what it quotes and with the tombstones of both."""
    joined = (
        MESSAGES.outerjoin(_GONE, _tombstone(_GONE, MESSAGES.c.message_id))
        .outerjoin(_QUOTED, and_(_QUOTED.c.message_id == MESSAGES.c.reply_to, _QUOTED.c.show_id == MESSAGES.c.show_id))
        .outerjoin(_QUOTE_GONE, _tombstone(_QUOTE_GONE, MESSAGES.c.reply_to))
    )
    quoted = [_QUOTED.c[name].label(f"quoted_{name}") for name in OWN_FIELDS]
    gone = [_GONE.c.at_ms.label("gone_at_ms"), _QUOTE_GONE.c.at_ms.label("quote_gone_at_ms")]
    return select(MESSAGES, *quoted, *gone).select_from(joined).where(MESSAGES.c.show_id == show_id)


def _tombstone(tombstones: Any, message_id: Any) -> Any:
    return and_(tombstones.c.show_id == MESSAGES.c.show_id, tombstones.c.subject_id == message_id)


def _message(row: Any) -> ChatMessage:
    own = ChatMessage(
        **{name: getattr(row, name) for name in OWN_FIELDS},
        reply=None if row.quoted_message_id is None else rules.quote(_quoted(row)),
        mentions=msgspec.convert(row.mentions, tuple[Mention, ...]),
    )
    hidden = [row.message_id] if row.gone_at_ms is not None else []
    return rules.without(own, [*hidden, row.reply_to] if row.quote_gone_at_ms is not None else hidden)


def _quoted(row: Any) -> ChatMessage:
    return ChatMessage(**{name: getattr(row, f"quoted_{name}") for name in OWN_FIELDS})


async def shows_of_author(store: Store, author_id: str) -> list[str]:
    """Shows in which somebody has said something that still has a name."""
    said = (MESSAGES.c.author_id == author_id) & (MESSAGES.c.author_name != ERASED_NAME)
    query = select(MESSAGES.c.show_id).where(said).distinct().order_by(MESSAGES.c.show_id)
    return [row.show_id for row in await store.execute(query)]


async def empty_author(store: Store, show_id: str, author_id: str) -> None:
    """Nothing is left of what somebody said in a show but that somebody said something."""
    said = (MESSAGES.c.show_id == show_id) & (MESSAGES.c.author_id == author_id)
    await store.execute(update(MESSAGES).where(said).values(text="", author_name=ERASED_NAME, mentions=[]))


async def unmention(store: Store, actor_id: str) -> None:
    """Take somebody's name out of the messages of others that mention them. Without an index: it happens once in a life."""
    named = cast(MESSAGES.c.mentions, Text).contains(actor_id)
    for row in (await store.execute(select(MESSAGES.c.message_id, MESSAGES.c.mentions).where(named))).all():
        left = [each for each in row.mentions if each["actor_id"] != actor_id]
        await store.execute(update(MESSAGES).where(MESSAGES.c.message_id == row.message_id).values(mentions=left))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """What somebody said."""
    return {"messages": await rows_of(store, MESSAGES, MESSAGES.c.author_id == actor_id, ("mentions", "author_id"))}
