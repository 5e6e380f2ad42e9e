"""Guests: people whom the host invites to talk in the show.

Owns      guests_stages, guests_invites, guests_passes
Decides   invited → waiting ⇄ live → removed, by the host alone; an invitation opens a number of times, until a time, unless
          revoked. At most three guests are on stage; who is withheld, and how the stage is arranged.
Promises  looking at an invitation uses nothing up; removed is final for a pass; viewers are not told who waits; a media node
          does what SQL says, at the latest when the guest's media arrive.
"""

from schemas.events.accounts import ActorErased
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
from schemas.events.media import ParticipantConnected, ParticipantDisconnected
from schemas.events.shows import ShowEnded
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.guests import CheckPass, GetStageActors
from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, answer, on
from server.modules.guests import handlers, routes
from server.modules.guests.adapters import StageControl
from server.modules.guests.channel import BackstageChannel, GuestChannel, StageChannel

MODULE = Module(
    name="guests",
    consumes=(
        on(GuestAdmitted, handlers.guest_admitted),
        on(GuestReturned, handlers.guest_returned),
        on(GuestMuted, handlers.guest_muted),
        on(GuestRemoved, handlers.guest_removed),
        on(ParticipantConnected, handlers.participant_connected),
        on(ParticipantDisconnected, handlers.participant_disconnected),
        on(ShowEnded, handlers.show_ended),
        on(ActorErased, handlers.erase),
    ),
    emits=(
        InviteCreated,
        InviteRevoked,
        GuestArrived,
        GuestAdmitted,
        GuestReturned,
        GuestMuted,
        GuestRemoved,
        LayoutChanged,
    ),
    answers=(answer(CheckPass, handlers.check_pass), answer(GetStageActors, handlers.get_stage_actors)),
    asks=(GetDoor, GetShow),
    channels=(StageChannel(), BackstageChannel(), GuestChannel()),
    contributes=(answer(CollectPersonalData, handlers.collect), answer(FindObstacles, handlers.find_obstacles)),
    routes=routes.ROUTES,
    ports=(Settings, StageControl),
)
