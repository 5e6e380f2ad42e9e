"""Bodies of `/api/guests/…`, and the states that the channels `stage:`, `backstage:` and `guest:` carry."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import InviteId, PassId, ShowId
from schemas.media import MediaKind

LABEL_LENGTH_MAX = 60
INVITE_USES_MAX = 10
INVITE_VALID_MS = 24 * 3_600_000
INVITE_VALID_MS_MAX = 30 * 24 * 3_600_000
KEY_LENGTH_MAX = 128

Layout = Literal["solo", "side_by_side", "picture_in_picture"]
"""How players arrange the stage. With the host alone on it every layout shows the host alone."""
InviteState = Literal["open", "used", "expired", "revoked"]
GuestStanding = Literal["waiting", "live", "removed"]

InviteKey = Annotated[str, Meta(min_length=16, max_length=KEY_LENGTH_MAX)]


class CreateInvite(Body, frozen=True):
    """Invite somebody to a show. The client makes the id; the same command again before the first use makes a fresh link."""

    invite_id: InviteId
    show_id: ShowId
    label: Annotated[str, Meta(min_length=1, max_length=LABEL_LENGTH_MAX)]
    max_uses: Annotated[int, Meta(ge=1, le=INVITE_USES_MAX)] = 1
    valid_for_ms: Annotated[int, Meta(ge=60_000, le=INVITE_VALID_MS_MAX)] = INVITE_VALID_MS


class FindInvite(Body, frozen=True):
    """Look at an invitation. Its key is in the body, so that it is in no log."""

    key: InviteKey


class AcceptInvite(Body, frozen=True):
    """Use an invitation once. The client makes the id of the pass; the same command again uses nothing up."""

    pass_id: PassId
    key: InviteKey
    name: Annotated[str, Meta(min_length=1, max_length=200)]


class MuteGuest(Body, frozen=True):
    """What viewers and other guests must not get of a guest: all that is named, and nothing else."""

    muted: Annotated[list[MediaKind], Meta(max_length=2)]


class SetLayout(Body, frozen=True):
    """Arrange the stage. `featured` is `host` or a guest on stage: who is alone, or large."""

    layout: Layout
    featured: Annotated[str, Meta(max_length=36)] = "host"


class InviteView(View, frozen=True):
    """An invitation as its host sees it. The key is not stored, so the link cannot be shown again."""

    invite_id: str
    label: str
    max_uses: int
    uses: int
    created_at_ms: int
    expires_at_ms: int
    revoked: bool


class InviteMade(View, frozen=True):
    """The only answer that has the link. The key is its fragment: browsers send that neither to servers nor in `Referer`."""

    invite: InviteView
    link: str


class InvitePage(View, frozen=True):
    """What the page of an invitation says before anything is used up."""

    show_id: str
    show_title: str
    show_state: str
    host_name: str
    label: str
    state: InviteState
    expires_at_ms: int


class GuestView(View, frozen=True):
    """A guest as the host and the guest see them. `place` (1, 2, …) is where the media node has the tracks; null without any."""

    participant_id: str
    invite_id: str
    name: str
    standing: GuestStanding
    muted: list[MediaKind]
    place: int | None
    joined_at_ms: int


class PassGiven(View, frozen=True):
    """The only answer that has the token, which opens WHIP and WHEP of the show (`Authorization: Bearer …`)."""

    show_id: str
    guest: GuestView
    token: str


class OwnPart(View, frozen=True):
    """State of the channel `guest:<pass_id>`, for that guest alone. `version` only grows."""

    version: int
    show_id: str
    guest: GuestView


class StageGuest(View, frozen=True):
    """A guest on stage. `live` says whether the tracks arrive; without a `place` they cannot."""

    place: int | None
    participant_id: str
    name: str
    muted: list[MediaKind]
    live: bool


class StageState(View, frozen=True):
    """State of the channel `stage:<show_id>`, for everybody. The host is always on stage, at place 0; `on_air` of the channel
    `show:` says whether the host's packets arrive. Who waits is not told here."""

    version: int
    show_id: str
    layout: Layout
    featured: str
    places: list[StageGuest]


class BackstageState(View, frozen=True):
    """State of the channel `backstage:<show_id>`, for the host: the newest invitations first, guests by their arrival."""

    version: int
    show_id: str
    layout: Layout
    featured: str
    invites: list[InviteView]
    guests: list[GuestView]
