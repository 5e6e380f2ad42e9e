"""Chat: what people say during a show.

Owns      chat_messages, chat_removals, chat_removed, chat_rooms
Decides   what may be said, until the show is over: 1 to 500 visible characters, by anybody with a session whom moderation does
          not restrain, as often as slow mode lets; what everybody sees at once, and what a moderator sees first.
Promises  a message is accepted once, in one order for everybody, and recorded once; a removed one leaves every screen and every
          later answer, even if the removal is heard of before the message; what the database gives is what the channel shows.
"""

from schemas.events.accounts import ActorErased
from schemas.events.chat import MessageHeld, MessagePosted
from schemas.events.moderation import ChatRulesChanged, MessageApproved, MessagePinned, MessagesRemoved
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.chat import GetMessage
from schemas.requests.moderation import GetDoor, GetRoomRules, GetStanding
from schemas.requests.notifications import IsFollowing
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, on
from server.modules.chat import handlers, routes
from server.modules.chat.channel import ChatChannel, ChatRoomChannel

MODULE = Module(
    name="chat",
    consumes=(
        on(MessagePosted, handlers.record),
        on(MessagesRemoved, handlers.messages_removed),
        on(MessageApproved, handlers.message_approved),
        on(MessagePinned, handlers.message_pinned),
        on(ChatRulesChanged, handlers.chat_rules_changed),
        on(ActorErased, handlers.erase),
    ),
    emits=(MessagePosted, MessageHeld),
    answers=(answer(GetMessage, handlers.get_message),),
    asks=(GetShow, GetDoor, GetRoomRules, GetStanding, IsFollowing),
    channels=(ChatChannel(), ChatRoomChannel()),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
)
