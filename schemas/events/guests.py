"""Facts of the module `guests`. All are about a show, so they keep their order."""

from typing import ClassVar

from schemas.base import Event
from schemas.http.guests import Layout
from schemas.media import MediaKind


class InviteCreated(Event, frozen=True, tag="guests.invite_created.v1"):
    """The host has a new link."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    invite_id: str
    max_uses: int
    expires_at_ms: int


class InviteRevoked(Event, frozen=True, tag="guests.invite_revoked.v1"):
    """The link opens nothing any longer; who came by it has been removed."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    invite_id: str


class GuestArrived(Event, frozen=True, tag="guests.guest_arrived.v1"):
    """Somebody used an invitation and waits."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    participant_id: str
    invite_id: str
    actor_id: str
    name: str


class GuestAdmitted(Event, frozen=True, tag="guests.guest_admitted.v1"):
    """A guest came on stage."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    participant_id: str


class GuestReturned(Event, frozen=True, tag="guests.guest_returned.v1"):
    """A guest left the stage for the waiting room."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    participant_id: str


class GuestMuted(Event, frozen=True, tag="guests.guest_muted.v1"):
    """From now on exactly these kinds are withheld; an empty list means that everything is given again."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    participant_id: str
    muted: tuple[MediaKind, ...]


class GuestRemoved(Event, frozen=True, tag="guests.guest_removed.v1"):
    """A guest's pass has ended for good."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    participant_id: str


class LayoutChanged(Event, frozen=True, tag="guests.layout_changed.v1"):
    """The stage is arranged anew."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    layout: Layout
    featured: str
