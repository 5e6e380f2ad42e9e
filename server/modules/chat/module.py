"""Chat: what people say during a show.

Owns      chat_messages
Decides   what may be said: 1 to 500 visible characters, by anybody with a session, until the show is over.
Promises  a message is accepted once, in one order for everybody, and recorded once.
"""

from schemas.events.chat import MessagePosted
from schemas.requests.shows import GetShow
from server.kernel.module import Module, on
from server.modules.chat import handlers, routes
from server.modules.chat.channel import ChatChannel

MODULE = Module(
    name="chat",
    consumes=(on(MessagePosted, handlers.record),),
    emits=(MessagePosted,),
    asks=(GetShow,),
    channels=(ChatChannel(),),
    routes=routes.ROUTES,
)
