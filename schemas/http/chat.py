"""Command, publications and snapshots of the channels `chat:<show_id>` and `chat_room:<show_id>`, and the chat's HTTP bodies."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import ActorId, MessageId

TEXT_LENGTH_MAX = 500
HISTORY_MAX = 100
"""Publications that the chat's state is made of: messages and removals."""
MENTIONS_MAX = 5
QUOTE_LENGTH_MAX = 120

AuthorRole = Literal["viewer", "host", "moderator"]


class PostMessage(Body, frozen=True):
    """Say something. The frame's `command_id` (`msg_…`) becomes the message id.

    `mentions` are people who have said something lately; others are left out. `reply_to` names a message of the last ones.
    """

    text: Annotated[str, Meta(max_length=4 * TEXT_LENGTH_MAX)]
    reply_to: MessageId | None = None
    mentions: Annotated[tuple[ActorId, ...], Meta(max_length=MENTIONS_MAX)] = ()


class Quote(View, frozen=True):
    """What a reply answers: the beginning of a message, as the server knows it."""

    message_id: str
    author_id: str
    author_name: str
    text: str


class Mention(View, frozen=True):
    """Somebody who is spoken to; `@name` in the text is them."""

    actor_id: str
    name: str


class ChatMessage(View, frozen=True, tag_field="type", tag="message"):
    """One message. `text` is plain text, never markup. A removed one keeps its place with an empty text. `waiting`: an
    echo, which a moderator looks at before anybody else sees it."""

    message_id: str
    author_id: str
    author_name: str
    author_role: AuthorRole
    text: str
    posted_at_ms: int
    reply: Quote | None = None
    mentions: tuple[Mention, ...] = ()
    removed: bool = False
    waiting: bool = False


class MessageRemoval(View, frozen=True, tag_field="type", tag="removal"):
    """A moderator has taken these messages off the screen."""

    message_ids: list[str]
    at_ms: int


ChatPublication = ChatMessage | MessageRemoval


class ChatState(View, frozen=True):
    """Snapshot of `chat:<show_id>`: the last publications, oldest first."""

    entries: list[ChatPublication]


class ChatRoomState(View, frozen=True):
    """What `chat_room:<show_id>` carries, whole at each change: the pinned message, and the rules that a composer must show.

    `slow_mode_s` is 0 when it is off.
    """

    version: int
    pinned: ChatMessage | None
    slow_mode_s: int
    followers_only: bool
    approve_first: bool


class ChatHistory(View, frozen=True):
    """A page of recorded messages, oldest first. `before` names the oldest when there are older ones."""

    messages: list[ChatMessage]
    before: str | None
