"""Facts of the module `notifications`."""

from typing import ClassVar

from schemas.base import Event


class HostFollowed(Event, frozen=True, tag="notifications.host_followed.v1"):
    """Somebody wants to hear of a host's shows."""

    SUBJECT: ClassVar[str] = "host_id"
    host_id: str
    actor_id: str
    followed_at_ms: int


class HostUnfollowed(Event, frozen=True, tag="notifications.host_unfollowed.v1"):
    """Somebody no longer wants to hear of a host's shows."""

    SUBJECT: ClassVar[str] = "host_id"
    host_id: str
    actor_id: str
    unfollowed_at_ms: int
