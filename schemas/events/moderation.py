"""Facts of the module `moderation`. Those of a show keep their order."""

from typing import ClassVar

from schemas.base import Event


class MessagesRemoved(Event, frozen=True, tag="moderation.messages_removed.v1"):
    """These messages, or with `author_id` all of one person's, leave every screen of the show."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    message_ids: list[str]
    author_id: str | None
    removed_at_ms: int


class MessageApproved(Event, frozen=True, tag="moderation.message_approved.v1"):
    """A held message is said after all, now."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    message_id: str
    author_id: str
    author_name: str
    text: str
    approved_at_ms: int
    reply_to: str | None = None
    mentioned_ids: tuple[str, ...] = ()


class MessagePinned(Event, frozen=True, tag="moderation.message_pinned.v1"):
    """This message stays above the chat; None: no message does."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    message_id: str | None
    pinned_at_ms: int


class ChatRulesChanged(Event, frozen=True, tag="moderation.chat_rules_changed.v1"):
    """What composers must know of the show's rules."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    slow_mode_s: int
    followers_only: bool
    approve_first: bool


class ActorSanctioned(Event, frozen=True, tag="moderation.actor_sanctioned.v1"):
    """Somebody is restrained in all shows of a host. `kind` is a `schemas.http.moderation.SanctionKind`."""

    SUBJECT: ClassVar[str] = "host_id"
    host_id: str
    actor_id: str
    kind: str
    until_ms: int | None


class SanctionLifted(Event, frozen=True, tag="moderation.sanction_lifted.v1"):
    """Somebody may take part again."""

    SUBJECT: ClassVar[str] = "host_id"
    host_id: str
    actor_id: str
