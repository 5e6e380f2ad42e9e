"""Decisions of the chat: what may be said, and what the screen shows. Pure."""

from collections.abc import Container, Sequence
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from schemas.errors import INVALID_FIELD, MESSAGE_EMPTY, MESSAGE_TOO_LONG, SHOW_ENDED, WireError
from schemas.events.chat import MessagePosted
from schemas.http.chat import HISTORY_MAX, TEXT_LENGTH_MAX, ChatMessage, ChatPublication, MessageRemoval, PostMessage
from schemas.http.shows import ShowView
from server.channels.text import clean_text

MESSAGE_ID_PREFIX = "msg_"

PublicationT = TypeVar("PublicationT", ChatMessage, ChatPublication)


class Refusal(NamedTuple):
    """Why a text does not become a message, and what to do instead."""

    error: WireError
    detail: str = ""


def post(
    show: ShowView, author_id: str, author_name: str, command: PostMessage, message_id: str, now_ms: int
) -> ChatMessage | Refusal:
    """Whether a text becomes a message: everybody may talk until the show is over, in 1 to 500 visible characters."""
    if not message_id.startswith(MESSAGE_ID_PREFIX):
        return Refusal(INVALID_FIELD, f"The command_id of a message begins with {MESSAGE_ID_PREFIX!r}.")
    if show.state == "ended":
        return Refusal(SHOW_ENDED)
    text = clean_text(command.text)
    if not text:
        return Refusal(MESSAGE_EMPTY)
    if len(text) > TEXT_LENGTH_MAX:
        return Refusal(MESSAGE_TOO_LONG, f"Say it in {TEXT_LENGTH_MAX} characters; these are {len(text)}.")
    return ChatMessage(
        message_id=message_id,
        author_id=author_id,
        author_name=author_name,
        author_role="host" if author_id == show.host_id else "viewer",
        text=text,
        posted_at_ms=now_ms,
    )


def posted(show_id: str, message: ChatMessage) -> MessagePosted:
    """The fact that a message is recorded as."""
    return MessagePosted(
        show_id=show_id,
        message_id=message.message_id,
        author_id=message.author_id,
        author_name=message.author_name,
        author_role=message.author_role,
        text=message.text,
        posted_at_ms=message.posted_at_ms,
    )


def with_publication(entries: Sequence[ChatPublication], new: ChatPublication) -> list[ChatPublication]:
    """The chat's state after a publication: the last `HISTORY_MAX` of them, oldest first.

    A removal empties the messages that it names, and what replies quote of them, if their place is before its own. So the state
    is a function of the set of the last publications, whatever the order in which they are heard: the database and the channel's
    log overlap, and neither has to be ahead of the other. What is there already changes nothing.
    """
    place = _place(new)
    if any(_place(entry) == place or _same_message(entry, new) for entry in entries):
        return list(entries)
    if isinstance(new, MessageRemoval):
        hidden = frozenset(new.message_ids)
        kept = [without(entry, hidden) if _place(entry) < place else entry for entry in entries]
        return sorted([*kept, new], key=_place)[-HISTORY_MAX:]
    removals = [entry for entry in entries if isinstance(entry, MessageRemoval) and place < _place(entry)]
    shown = without(new, frozenset(message_id for removal in removals for message_id in removal.message_ids))
    return sorted([*entries, shown], key=_place)[-HISTORY_MAX:]


def without(entry: PublicationT, hidden: Container[str]) -> PublicationT:
    """An entry as it is shown once the messages `hidden` are removed."""
    if not isinstance(entry, ChatMessage):
        return entry
    if entry.message_id in hidden:
        return replace(entry, text="", reply=None, mentions=(), removed=True)
    if entry.reply is not None and entry.reply.message_id in hidden:
        return replace(entry, reply=replace(entry.reply, text=""))
    return entry


def _same_message(one: ChatPublication, other: ChatPublication) -> bool:
    return isinstance(one, ChatMessage) and isinstance(other, ChatMessage) and one.message_id == other.message_id


def _place(entry: ChatPublication) -> tuple[int, str]:
    if isinstance(entry, ChatMessage):
        return entry.posted_at_ms, entry.message_id
    return entry.at_ms, ",".join(entry.message_ids)
