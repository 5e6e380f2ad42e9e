"""Bodies of `/api/accounts/…`: one's own profile, one's data, and the people who work for the shop."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.http.auth import Email, Locale, Password, PersonName
from schemas.ids import ActorId

INVITES_MAX = 50
"""Open invitations to work for the shop."""

StaffRole = Literal["owner", "host", "moderator", "packer"]
InvitedRole = Literal["host", "moderator", "packer", "owner"]
ObstacleKind = Literal["order", "sale", "payment", "bid", "show", "stage", "last_owner"]
CurrentPassword = Annotated[str, Meta(min_length=1, max_length=200)]
InviteKey = Annotated[str, Meta(min_length=16, max_length=128)]


class ProfileView(View, frozen=True):
    """Who the caller is. `email` and `created_at_ms` are those of the account; a guest has no e-mail."""

    actor_id: str
    kind: str
    name: str
    email: str | None
    locale: str
    roles: list[str]
    created_at_ms: int


class ChangeProfile(Body, frozen=True):
    """New values; what is left out stays. Another e-mail needs the `password`."""

    name: PersonName | None = None
    locale: Locale | None = None
    email: Email | None = None
    password: CurrentPassword | None = None


class ChangePassword(Body, frozen=True):
    """A new password. All other sessions end."""

    current: CurrentPassword
    new: Password


class DeleteAccount(Body, frozen=True):
    """Erase all that the shop need not keep. An account gives its password, a guest has none."""

    confirm: Literal[True]
    password: CurrentPassword | None = None


class Obstacle(View, frozen=True):
    """Why data cannot be erased now: `order` and `payment` (bought), `sale` (sold by a host), `bid` (leads, or has to pay),
    `show` (not ended), `stage` (in a show as a guest), `last_owner`. `link` is the page where it can be settled, or empty."""

    kind: ObstacleKind
    subject_id: str
    title: str
    link: str


class ObstacleListView(View, frozen=True):
    """What keeps the caller's data from being erased; nothing when it can be."""

    obstacles: list[Obstacle]


class ExportView(View, frozen=True):
    """All that the shop keeps of the caller: by module, by kind, one entry each."""

    exported_at_ms: int
    person: ProfileView
    modules: dict[str, dict[str, list[dict[str, Any]]]]


class StaffMember(View, frozen=True):
    """Somebody who works for the shop."""

    actor_id: str
    name: str
    email: str | None
    roles: list[str]
    since_ms: int


class StaffInvite(View, frozen=True):
    """An invitation that nobody has taken up yet."""

    invite_id: str
    role: str
    label: str
    made_by: str
    created_at_ms: int
    expires_at_ms: int


class StaffView(View, frozen=True):
    """The people and the open invitations, oldest first."""

    people: list[StaffMember]
    invites: list[StaffInvite]


class InviteStaff(Body, frozen=True):
    """Invite one person by a link. `label` is for the owner's list: whom the link is meant for."""

    role: InvitedRole
    label: Annotated[str, Meta(max_length=60)] = ""


class NewStaffInvite(View, frozen=True):
    """The link of an invitation; its key stands behind the `#`, and nowhere else: it is shown once."""

    invite_id: str
    link: str
    staff: StaffView


class RevokeStaffInvite(Body, frozen=True):
    """The link opens nothing any more."""

    invite_id: Annotated[str, Meta(max_length=36)]


class TakeRole(Body, frozen=True):
    """Somebody has this role no longer."""

    actor_id: ActorId
    role: StaffRole


class LookAtInvite(Body, frozen=True):
    """What an invitation is to. Looking uses nothing up."""

    key: InviteKey


class StaffInvitation(View, frozen=True):
    """What an invitation is to."""

    role: str
    invited_by: str
    expires_at_ms: int


class JoinStaff(Body, frozen=True):
    """Take an invitation up, with the account of the session."""

    key: InviteKey
