"""Reactions: a viewer's applause.

Owns      nothing
Decides   who may react: everybody who may watch, while the show is live; two commands a second with up to 20 taps each.
Promises  totals only grow until Redis is lost; a crowd costs as many messages as a single viewer.
"""

from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Module
from server.modules.reactions.channel import ReactionChannel

MODULE = Module(name="reactions", asks=(GetShow, GetDoor), channels=(ReactionChannel(),))
