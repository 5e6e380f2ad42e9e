"""The channel `presence:<show_id>`: how many are watching, and a few of their names. The service of the channels counts them."""

from typing import Any, NamedTuple

from schemas.errors import BLOCKED, WireError
from schemas.http.presence import PresenceState
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door, GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context


class Facts(NamedTuple):
    """The show, and who is let in."""

    show: ShowView
    door: Door


class PresenceChannel(ChannelKind):
    """Whoever may watch sees who else is there. The newest publication is the whole state, so a slow viewer misses nothing."""

    name = "presence"
    delivery = "state"
    publication = PresenceState
    snapshot = PresenceState
    history_length = 2
    counts_viewers = True

    async def load(self, ctx: Context, subject: str) -> Facts | None:
        show = await ctx.ask(GetShow(show_id=subject))
        if show is None:
            return None
        return Facts(show, await ctx.ask(GetDoor(host_id=show.host_id)))

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if facts.door.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> PresenceState:
        return PresenceState(count=0, sample=[])

    def apply(self, state: PresenceState, publication: PresenceState) -> PresenceState:
        return publication
