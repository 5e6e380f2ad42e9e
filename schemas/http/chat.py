"""Command, publication and snapshot of the channel `chat:<show_id>`."""

from typing import Annotated

from msgspec import Meta

from schemas.base import Body, View

TEXT_LENGTH_MAX = 500
HISTORY_MAX = 100


class PostMessage(Body, frozen=True):
    """Say something. The frame's `command_id` (`msg_…`) becomes the message id."""

    text: Annotated[str, Meta(max_length=4 * TEXT_LENGTH_MAX)]


class ChatMessage(View, frozen=True):
    """One message. `author_role` is `viewer` or `host`. `text` is plain text, never markup."""

    message_id: str
    author_id: str
    author_name: str
    author_role: str
    text: str
    posted_at_ms: int


class ChatState(View, frozen=True):
    """Snapshot: the last messages, oldest first."""

    messages: list[ChatMessage]
