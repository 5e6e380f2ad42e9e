"""Moderation: who keeps a host's chat in order, and with what means.

Owns      moderation_settings, moderation_words, moderation_sanctions, moderation_moderators, moderation_held, moderation_audit
Decides   who moderates (the host appoints accounts), whom they restrain and how (never each other or the host), which rules and
          words hold, what becomes of a held message.
Promises  every deed and its line in the audit log are one transaction; the log is only added to, and a changed line is found; a
          mute ends by the clock; a shadow-banned person is told nothing.

A sanction is of an actor id. For an account that is the person. A guest without an account gets a new id with every browser
profile: a sanction ends what one session does, and does not keep the same human from coming back under another name. Where that
happens, followers-only and approve-first are the means that hold.
"""

from schemas.events.accounts import ActorErased, RoleGranted, RoleTaken
from schemas.events.chat import MessageHeld
from schemas.events.moderation import (
    ActorSanctioned,
    ChatRulesChanged,
    MessageApproved,
    MessagePinned,
    MessagesRemoved,
    SanctionLifted,
)
from schemas.events.shows import ShowEnded, ShowScheduled
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.chat import GetMessage
from schemas.requests.moderation import GetDoor, GetRoomRules, GetStanding
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, on
from server.modules.moderation import handlers, routes
from server.modules.moderation.channel import ModerationChannel

MODULE = Module(
    name="moderation",
    consumes=(
        on(MessageHeld, handlers.message_held),
        on(ShowScheduled, handlers.show_scheduled),
        on(ShowEnded, handlers.show_ended),
        on(ActorErased, handlers.erase),
        on(RoleGranted, handlers.role_granted),
        on(RoleTaken, handlers.role_taken),
    ),
    emits=(ActorSanctioned, ChatRulesChanged, MessageApproved, MessagePinned, MessagesRemoved, SanctionLifted),
    answers=(
        answer(GetStanding, handlers.get_standing),
        answer(GetDoor, handlers.get_door, shared=True),
        answer(GetRoomRules, handlers.get_room_rules),
    ),
    asks=(GetMessage, GetShow),
    channels=(ModerationChannel(),),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
)
