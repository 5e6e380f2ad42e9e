"""Bodies of `/api/notifications/…`, and the channel `inbox:<actor_id>`."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import ActorId, ShowId

INBOX_MAX = 50

NotificationKind = Literal[
    "show_started",
    "show_reminder",
    "outbid",
    "order_confirmed",
    "order_cancelled",
    "order_shipped",
    "order_refunded",
    "question_answered",
    "webhook_failed",
    "your_turn",
    "giveaway_won",
    "lot_won",
    "lot_sold",
    "lot_offered",
]


class Follow(Body, frozen=True):
    """Follow a host: be told when a show starts, and belong to the followers of a followers-only chat."""

    host_id: ActorId
    following: bool


class RemindMe(Body, frozen=True):
    """Be told when this show starts."""

    show_id: ShowId
    remind: bool


class ReadInbox(Body, frozen=True):
    """Everything up to this notification has been seen."""

    notification_id: Annotated[str, Meta(max_length=40)]


class PushKeys(Body, frozen=True):
    """Keys of a browser's push subscription (RFC 8291), base64url without padding."""

    p256dh: Annotated[str, Meta(min_length=80, max_length=100)]
    auth: Annotated[str, Meta(min_length=20, max_length=30)]


class SubscribePush(Body, frozen=True):
    """A browser's push subscription (RFC 8030), as `PushSubscription.toJSON()` gives it."""

    endpoint: Annotated[str, Meta(max_length=1000, pattern="^https?://")]
    keys: PushKeys
    locale: Literal["en", "ru"] = "en"


class UnsubscribePush(Body, frozen=True):
    """The browser takes no more pushes."""

    endpoint: Annotated[str, Meta(max_length=1000)]


class PushChoices(Body, frozen=True):
    """Kinds that are not pushed to one's devices; all others are. They come to the inbox in any case."""

    muted: Annotated[list[NotificationKind], Meta(max_length=50)]


class PushChoicesView(View, frozen=True):
    """What is pushed to the caller's devices: everything but `muted`. `devices` take pushes."""

    muted: list[str]
    devices: int


class FollowedHost(View, frozen=True):
    """A host that the caller follows. `name` is what they are called now; empty for somebody unknown."""

    host_id: str
    name: str
    followed_at_ms: int


class FollowedListView(View, frozen=True):
    """Whom the caller follows, newest first."""

    hosts: list[FollowedHost]


class NotificationView(View, frozen=True, tag_field="type", tag="notification"):
    """One notification. Pages make the words from `kind` and `params`; `link` is a path of this site."""

    notification_id: str
    kind: NotificationKind
    params: dict[str, str]
    link: str
    created_at_ms: int


class InboxRead(View, frozen=True, tag_field="type", tag="read"):
    """Everything up to `read_up_to_ms` has been seen."""

    read_up_to_ms: int


InboxPublication = NotificationView | InboxRead


class InboxState(View, frozen=True):
    """Snapshot of `inbox:<actor_id>`: the newest notifications, oldest first; newer than `read_up_to_ms` means unread."""

    notifications: list[NotificationView]
    read_up_to_ms: int


class FollowingView(View, frozen=True):
    """What the caller follows and waits for."""

    host_ids: list[str]
    show_ids: list[str]


class PushKeyView(View, frozen=True):
    """The server's public VAPID key (RFC 8292), base64url: `applicationServerKey` of `pushManager.subscribe`."""

    public_key: str
