"""Decisions of the chat: what may be said, and what the screen shows. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.errors import INVALID_FIELD, MESSAGE_EMPTY, MESSAGE_TOO_LONG, SHOW_ENDED, WireError
from schemas.events.chat import MessagePosted
from schemas.http.chat import HISTORY_MAX, TEXT_LENGTH_MAX, ChatMessage, PostMessage
from schemas.http.shows import ShowView
from server.channels.text import clean_text

MESSAGE_ID_PREFIX = "msg_"


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


def with_message(messages: Sequence[ChatMessage], new: ChatMessage) -> list[ChatMessage]:
    """The last messages, oldest first. A message that is there already changes nothing, wherever it was heard of first: the
    database and the channel's log overlap."""
    if any(message.message_id == new.message_id for message in messages):
        return list(messages)
    return sorted([*messages, new], key=_place)[-HISTORY_MAX:]


def _place(message: ChatMessage) -> tuple[int, str]:
    return message.posted_at_ms, message.message_id
