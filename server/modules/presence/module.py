"""Presence: who is watching just now.

Owns      nothing
Decides   who is told: everybody who may watch the show.
Promises  people who are gone are not counted for long; nobody who is shown out is told who else is there.
"""

from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Module
from server.modules.presence.channel import PresenceChannel

MODULE = Module(name="presence", asks=(GetShow, GetDoor), channels=(PresenceChannel(),))
