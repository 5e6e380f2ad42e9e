"""Questions that the module `notifications` answers."""

from dataclasses import dataclass, field

from schemas.base import Request
from schemas.http.notifications import NotificationKind


@dataclass(frozen=True)
class IsFollowing(Request[bool]):
    """Whether somebody follows a host."""

    actor_id: str
    host_id: str


@dataclass(frozen=True)
class Notify(Request[None]):
    """Tell somebody, in their inbox and on their devices, with the transaction of the caller. The same `notification_id` again
    changes nothing."""

    notification_id: str
    actor_id: str
    kind: NotificationKind
    link: str
    params: dict[str, str] = field(default_factory=dict)
