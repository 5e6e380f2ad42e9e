"""Facts of the module `chat`."""

from typing import ClassVar

from schemas.base import Event


class MessagePosted(Event, frozen=True, tag="chat.message_posted.v1"):
    """Somebody said something in a show. The chat channel's log entry: its data is `schemas.http.chat.ChatMessage`."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    message_id: str
    author_id: str
    author_name: str
    author_role: str
    text: str
    posted_at_ms: int
    reply_to: str | None = None
    mentioned_ids: tuple[str, ...] = ()


class MessageHeld(Event, frozen=True, tag="chat.message_held.v1"):
    """A message waits for a moderator: only its author sees it. `reason` is a `schemas.http.moderation.HeldReason`."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    message_id: str
    author_id: str
    author_name: str
    text: str
    reason: str
    held_at_ms: int
    reply_to: str | None = None
    mentioned_ids: tuple[str, ...] = ()
