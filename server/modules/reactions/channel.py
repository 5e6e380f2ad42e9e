"""The channel `reactions:<show_id>`: hearts and the like, as totals that everybody sees rising."""

from typing import Any

from schemas.errors import BLOCKED, WireError
from schemas.http.reactions import React, ReactionsState
from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context, Decision
from server.modules.reactions import rules
from server.modules.reactions.rules import Facts


class ReactionChannel(ChannelKind):
    """Whoever may watch may react. Taps are added up, and the totals are published together: ten thousand hearts a second are two
    messages a second. Nothing is recorded: totals that are lost with Redis begin at zero again."""

    name = "reactions"
    delivery = "state"
    command = React
    publication = ReactionsState
    snapshot = ReactionsState
    history_length = 2
    conflate_ms = 500
    # A page gathers the taps of a second into one command per kind.
    commands_per_s = 2.0
    commands_burst = 4

    async def load(self, ctx: Context, subject: str) -> Facts | None:
        show = await ctx.ask(GetShow(show_id=subject))
        if show is None:
            return None
        return Facts(show, await ctx.ask(GetDoor(host_id=show.host_id)))

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if facts.door.turns_away(actor.id) else None

    def decide(self, actor: Actor, facts: Any, state: Any, command: Any, command_id: str, now_ms: int) -> Decision:
        outcome = rules.react(facts.show, command)
        return Decision(error=outcome) if isinstance(outcome, WireError) else Decision(tally=outcome)

    async def initial(self, ctx: Context, subject: str) -> ReactionsState:
        return ReactionsState(counts={})

    def apply(self, state: ReactionsState, publication: ReactionsState) -> ReactionsState:
        return publication
