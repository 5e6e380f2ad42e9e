"""Decisions about a show's guests: who may come in, who is on stage, what is heard of whom, how the stage is arranged. Pure.

One `Backstage` is everything of one show. A decision makes a new one or gives the reason why not; what has to be written, told
and published follows from the difference.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from schemas.base import Event
from schemas.errors import (
    GUEST_REMOVED,
    INVITE_EXPIRED,
    INVITE_REVOKED,
    INVITE_USED,
    NOT_ON_STAGE,
    SHOW_ENDED,
    STAGE_FULL,
    TOO_MANY_INVITES,
    WAITING_ROOM_FULL,
    WireError,
)
from schemas.events.guests import (
    GuestAdmitted,
    GuestArrived,
    GuestMuted,
    GuestRemoved,
    GuestReturned,
    InviteCreated,
    InviteRevoked,
    LayoutChanged,
)
from schemas.http.guests import GuestStanding, InviteState, Layout
from schemas.media import HOST, PLACES_MAX, MediaKind, StageOrder

INVITES_MAX = 100
"""Invitations of one show, revoked ones included: the host sees them all, and a show has a handful."""
GUESTS_MAX = 20
"""Guests of one show who have not been removed. More than fit on stage, so that the next ones can wait."""

ItemT = TypeVar("ItemT")


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """A link that the host gave away. Only the SHA-256 of its key is known."""

    invite_id: str
    key_hash: str
    label: str
    max_uses: int
    uses: int = 0
    created_at_ms: int
    expires_at_ms: int
    revoked_at_ms: int | None = None


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a pass. `place` is where the media node has the tracks, as of `media_at_ms`; None while there are none."""

    participant_id: str
    invite_id: str
    actor_id: str
    token_hash: str
    name: str
    joined_at_ms: int
    standing: GuestStanding = "waiting"
    muted: tuple[MediaKind, ...] = ()
    place: int | None = None
    media_at_ms: int = 0
    version: int = 1


class Backstage(msgspec.Struct, frozen=True, kw_only=True):
    """A show's invitations and guests. Guests who were removed in an earlier change are not in it any more.

    `version` counts every change, `stage_version` those that everybody sees.
    """

    show_id: str
    layout: Layout = "side_by_side"
    featured: str = HOST
    ended: bool = False
    version: int = 0
    stage_version: int = 0
    invites: tuple[Invite, ...] = ()
    guests: tuple[Guest, ...] = ()


# What the host decides


def invite(backstage: Backstage, made: Invite) -> Backstage | WireError:
    """Give away a link."""
    if backstage.ended:
        return SHOW_ENDED
    if len(backstage.invites) >= INVITES_MAX:
        return TOO_MANY_INVITES
    return _with(backstage, invites=(*backstage.invites, made))


def renew_key(backstage: Backstage, invite_id: str, key_hash: str, now_ms: int) -> Backstage | WireError:
    """The command that made the invitation came again, because its answer was lost: its first link opens nothing any longer."""
    error = refusal_of(find_invite(backstage, invite_id), now_ms)
    if error is not None:
        return error
    return _with(backstage, invites=_replaced(backstage.invites, _is_invite(invite_id), key_hash=key_hash))


def revoke(backstage: Backstage, invite_id: str, now_ms: int) -> Backstage:
    """The link opens nothing any longer, and who came by it leaves; revoked again it stays as it is."""
    if find_invite(backstage, invite_id).revoked_at_ms is not None:
        return backstage
    invites = _replaced(backstage.invites, _is_invite(invite_id), revoked_at_ms=now_ms)
    return _tidied(_with(backstage, invites=invites, guests=_removed(backstage.guests, lambda g: g.invite_id == invite_id)))


def admit(backstage: Backstage, participant_id: str) -> Backstage | WireError:
    """Bring a guest on stage."""
    guest = _find(backstage, participant_id)
    if isinstance(guest, WireError) or guest.standing == "live":
        return guest if isinstance(guest, WireError) else backstage
    if sum(other.standing == "live" for other in backstage.guests) >= PLACES_MAX - 1:
        return STAGE_FULL
    return _with_guest(backstage, participant_id, standing="live")


def send_back(backstage: Backstage, participant_id: str) -> Backstage | WireError:
    """From the stage into the waiting room."""
    guest = _find(backstage, participant_id)
    if isinstance(guest, WireError):
        return guest
    return _tidied(_with_guest(backstage, participant_id, standing="waiting"))


def mute(backstage: Backstage, participant_id: str, muted: Iterable[MediaKind]) -> Backstage | WireError:
    """Withhold exactly these kinds of a guest's media."""
    guest = _find(backstage, participant_id)
    if isinstance(guest, WireError):
        return guest
    return _with_guest(backstage, participant_id, muted=tuple(sorted(set(muted))))


def remove(backstage: Backstage, participant_id: str) -> Backstage:
    """End a pass for good; one that has ended stays ended."""
    return _tidied(_with(backstage, guests=_removed(backstage.guests, _is_guest(participant_id))))


def arrange(backstage: Backstage, layout: Layout, featured: str) -> Backstage | WireError:
    """Choose the layout and who is alone or large in it."""
    if backstage.ended:
        return SHOW_ENDED
    if featured != HOST and featured not in {guest.participant_id for guest in backstage.guests if guest.standing == "live"}:
        return NOT_ON_STAGE
    return _with(backstage, layout=layout, featured=featured)


# What a guest does


def accept(backstage: Backstage, guest: Guest, now_ms: int) -> Backstage | WireError:
    """Use an invitation once: the guest waits."""
    if backstage.ended:
        return SHOW_ENDED
    used = find_invite(backstage, guest.invite_id)
    error = refusal_of(used, now_ms)
    if error is not None:
        return error
    if len(_present(backstage)) >= GUESTS_MAX:
        return WAITING_ROOM_FULL
    invites = _replaced(backstage.invites, _is_invite(used.invite_id), uses=used.uses + 1)
    return _with(backstage, invites=invites, guests=(*backstage.guests, guest))


def renew_token(backstage: Backstage, participant_id: str, token_hash: str) -> Backstage | WireError:
    """The command that made the pass came again, because its answer was lost: nothing is used up, and its first token is void."""
    guest = _find(backstage, participant_id)
    return guest if isinstance(guest, WireError) else _with_guest(backstage, participant_id, token_hash=token_hash)


# What the server hears


def end(backstage: Backstage) -> Backstage:
    """The show is over: every guest leaves, nobody comes in."""
    return _tidied(_with(backstage, ended=True, guests=_removed(backstage.guests, lambda _: True)))


def connected(backstage: Backstage, participant_id: str, place: int, at_ms: int) -> Backstage:
    """A guest's media arrive. News that is older than what is known changes nothing."""
    return _heard(backstage, participant_id, place, at_ms)


def disconnected(backstage: Backstage, participant_id: str, at_ms: int) -> Backstage:
    """A guest's media stay away; the guest keeps the standing, and comes back to it."""
    return _heard(backstage, participant_id, None, at_ms)


# What is known


def refusal_of(invite: Invite, now_ms: int) -> WireError | None:
    """Why an invitation opens nothing, or None when it is open."""
    state = invite_state(invite, now_ms)
    return {"used": INVITE_USED, "expired": INVITE_EXPIRED, "revoked": INVITE_REVOKED}.get(state)


def invite_state(invite: Invite, now_ms: int) -> InviteState:
    """What the page of an invitation says; the host's word counts more than time, and time more than use."""
    if invite.revoked_at_ms is not None:
        return "revoked"
    if now_ms >= invite.expires_at_ms:
        return "expired"
    return "open" if invite.uses < invite.max_uses else "used"


def find_invite(backstage: Backstage, invite_id: str) -> Invite:
    """An invitation that is known to be the show's."""
    return next(invite for invite in backstage.invites if invite.invite_id == invite_id)


def order_of(guest: Guest) -> StageOrder:
    """What the media node is to do with a guest who has not been removed."""
    return StageOrder(on_stage=guest.standing == "live", muted=guest.muted)


def numbered(before: Backstage, after: Backstage) -> Backstage:
    """`after` with the versions that its differences give; `before` itself when there are none."""
    if after == before:
        return before
    known = {guest.participant_id: guest for guest in before.guests}
    guests = tuple(_renumbered(guest, known.get(guest.participant_id)) for guest in after.guests)
    seen = stage_of(before) != stage_of(after)
    return _with(after, guests=guests, version=before.version + 1, stage_version=before.stage_version + seen)


def stage_of(backstage: Backstage) -> tuple[object, ...]:
    """What everybody sees: the layout, and in the order of arrival who is on stage, where, and what is withheld."""
    live = [guest for guest in backstage.guests if guest.standing == "live"]
    return (backstage.layout, backstage.featured, *((g.participant_id, g.name, g.place, g.muted) for g in live))


def facts(before: Backstage, after: Backstage) -> list[Event]:
    """What happened between the two, in the past tense."""
    return [*_facts_of_invites(before, after), *_facts_of_guests(before, after), *_facts_of_layout(before, after)]


def _facts_of_invites(before: Backstage, after: Backstage) -> Iterable[Event]:
    known = {invite.invite_id: invite for invite in before.invites}
    for made in after.invites:
        if made.invite_id not in known:
            yield InviteCreated(
                show_id=after.show_id, invite_id=made.invite_id, max_uses=made.max_uses, expires_at_ms=made.expires_at_ms
            )
        elif made.revoked_at_ms is not None and known[made.invite_id].revoked_at_ms is None:
            yield InviteRevoked(show_id=after.show_id, invite_id=made.invite_id)


def _facts_of_guests(before: Backstage, after: Backstage) -> Iterable[Event]:
    show_id = after.show_id
    known = {guest.participant_id: guest for guest in before.guests}
    for guest in after.guests:
        participant_id = guest.participant_id
        was = known.get(participant_id)
        if was is None:
            yield GuestArrived(
                show_id=show_id,
                participant_id=participant_id,
                invite_id=guest.invite_id,
                actor_id=guest.actor_id,
                name=guest.name,
            )
            continue
        if guest.standing != was.standing:
            yield _fact_of_standing(show_id, participant_id, guest.standing)
        if guest.muted != was.muted:
            yield GuestMuted(show_id=show_id, participant_id=participant_id, muted=guest.muted)


def _fact_of_standing(show_id: str, participant_id: str, standing: GuestStanding) -> Event:
    match standing:
        case "live":
            return GuestAdmitted(show_id=show_id, participant_id=participant_id)
        case "waiting":
            return GuestReturned(show_id=show_id, participant_id=participant_id)
        case "removed":
            return GuestRemoved(show_id=show_id, participant_id=participant_id)


def _facts_of_layout(before: Backstage, after: Backstage) -> Iterable[Event]:
    if (before.layout, before.featured) != (after.layout, after.featured):
        yield LayoutChanged(show_id=after.show_id, layout=after.layout, featured=after.featured)


def _find(backstage: Backstage, participant_id: str) -> Guest | WireError:
    """The guest, or why nothing can be done with the pass any more."""
    if backstage.ended:
        return SHOW_ENDED
    return next((guest for guest in _present(backstage) if guest.participant_id == participant_id), GUEST_REMOVED)


def _present(backstage: Backstage) -> list[Guest]:
    return [guest for guest in backstage.guests if guest.standing != "removed"]


def _heard(backstage: Backstage, participant_id: str, place: int | None, at_ms: int) -> Backstage:
    known = [guest for guest in _present(backstage) if guest.participant_id == participant_id]
    if not known or at_ms < known[0].media_at_ms:
        return backstage
    return _with_guest(backstage, participant_id, place=place, media_at_ms=at_ms)


def _tidied(backstage: Backstage) -> Backstage:
    """Who left the stage is no longer featured."""
    live = {guest.participant_id for guest in backstage.guests if guest.standing == "live"}
    return backstage if backstage.featured in live | {HOST} else _with(backstage, featured=HOST)


def _removed(guests: tuple[Guest, ...], which: Callable[[Guest], bool]) -> tuple[Guest, ...]:
    return _replaced(guests, which, standing="removed", place=None)


def _renumbered(guest: Guest, was: Guest | None) -> Guest:
    return guest if was is None or guest == was else msgspec.structs.replace(guest, version=was.version + 1)


def _with_guest(backstage: Backstage, participant_id: str, **changes: object) -> Backstage:
    return _with(backstage, guests=_replaced(backstage.guests, _is_guest(participant_id), **changes))


def _with(backstage: Backstage, **changes: object) -> Backstage:
    return msgspec.structs.replace(backstage, **changes)


def _replaced(items: tuple[ItemT, ...], which: Callable[[ItemT], bool], **changes: object) -> tuple[ItemT, ...]:
    return tuple(msgspec.structs.replace(item, **changes) if which(item) else item for item in items)  # type: ignore[type-var]


def _is_guest(participant_id: str) -> Callable[[Guest], bool]:
    return lambda guest: guest.participant_id == participant_id


def _is_invite(invite_id: str) -> Callable[[Invite], bool]:
    return lambda invite: invite.invite_id == invite_id
