"""Bodies of `/api/moderation/…`, and the state of `moderation:<show_id>` (host and moderators)."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import ActorId, MessageId

SLOW_MODE_S_MAX = 600
WORDS_MAX = 500
MUTE_MS_MAX = 30 * 24 * 3_600_000
QUEUE_MAX = 100
REASON_LENGTH_MAX = 200

SanctionKind = Literal["mute", "block", "shadow"]
"""`mute`: reads but cannot write, for a time; `block`: is shown out of all channels of the host's shows; `shadow`: only the
person themselves sees what they write."""
HeldReason = Literal["approve_first", "banned_word", "link", "repeat", "flood"]
AuditAction = Literal[
    "remove_messages",
    "mute",
    "block",
    "shadow",
    "lift",
    "settings",
    "words",
    "pin",
    "unpin",
    "approve",
    "reject",
    "appoint",
    "dismiss",
]

Reason = Annotated[str, Meta(max_length=REASON_LENGTH_MAX)]


class ModerationSettings(Body, frozen=True):
    """Rules of a show's chat; each change replaces them all. `filter_links`, `filter_words`: hold such messages for review."""

    slow_mode_s: Annotated[int, Meta(ge=0, le=SLOW_MODE_S_MAX)] = 0
    followers_only: bool = False
    approve_first: bool = False
    filter_words: bool = True
    filter_links: bool = True


class BannedWords(Body, frozen=True):
    """The host's own words, for all shows, beside the built-in lists; `*` at the end stands for any ending."""

    words: Annotated[list[Annotated[str, Meta(min_length=2, max_length=60)]], Meta(max_length=WORDS_MAX)]


class RemoveMessages(Body, frozen=True):
    """Take messages off every screen; or with `author_id` all of one person's in this show."""

    message_ids: Annotated[tuple[MessageId, ...], Meta(max_length=100)] = ()
    author_id: ActorId | None = None
    reason: Reason = ""


class Sanction(Body, frozen=True):
    """Restrain somebody in all shows of this host. A mute needs `duration_ms`; the others last until they are lifted."""

    actor_id: ActorId
    kind: SanctionKind
    duration_ms: Annotated[int, Meta(ge=1_000, le=MUTE_MS_MAX)] | None = None
    reason: Reason = ""


class LiftSanction(Body, frozen=True):
    """Let somebody take part again."""

    actor_id: ActorId
    reason: Reason = ""


class PinMessage(Body, frozen=True):
    """Keep a message above the chat; null takes it away."""

    message_id: MessageId | None


class ReviewMessage(Body, frozen=True):
    """Decide on a held message: `approve` shows it to everybody, now."""

    message_id: MessageId
    approve: bool


class Appoint(Body, frozen=True):
    """Make an account a moderator of this host's shows, or end that."""

    actor_id: ActorId
    moderator: bool


class HeldView(View, frozen=True):
    """A message that waits for a moderator."""

    message_id: str
    author_id: str
    author_name: str
    text: str
    reason: HeldReason
    held_at_ms: int


class SanctionView(View, frozen=True):
    """Somebody who is restrained. `until_ms` is null when it lasts."""

    actor_id: str
    name: str
    kind: SanctionKind
    until_ms: int | None
    reason: str
    by_name: str
    at_ms: int


class ModeratorView(View, frozen=True):
    """Somebody who may moderate."""

    actor_id: str
    name: str


class AuditEntry(View, frozen=True):
    """One line of the audit log: who did what to whom, and why. `entry_id` grows with time."""

    entry_id: str
    at_ms: int
    by_id: str
    by_name: str
    action: AuditAction
    target: str
    detail: str


class AuditPage(View, frozen=True):
    """Audit lines of a show, newest first; `before` continues. `intact` is false when one of these lines was changed, or one is
    missing, since it was written."""

    entries: list[AuditEntry]
    before: str | None
    intact: bool


class ModerationState(View, frozen=True):
    """What `moderation:<show_id>` carries, whole at each change; `version` only grows. Lists are newest first and bounded."""

    version: int
    settings: ModerationSettings
    words: list[str]
    held: list[HeldView]
    sanctions: list[SanctionView]
    moderators: list[ModeratorView]
    audit: list[AuditEntry]


class MyStanding(View, frozen=True):
    """What the caller may do in a show."""

    may_moderate: bool
    sanction: SanctionKind | None
    until_ms: int | None
