"""The channels `polls:<show_id>` (everybody; votes) and `poll_desk:<show_id>` (host and moderators), and the one way to change
what they show."""

from collections.abc import Sequence
from typing import Any

from schemas.errors import BLOCKED, FORBIDDEN, Refused, WireError
from schemas.events.polls import PollClosed, PollOpened
from schemas.http.polls import CastVote, PollsState
from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context
from server.modules.polls import rules, store
from server.modules.polls.rules import Facts, Poll, Refusal


class PollChannel(ChannelKind):
    """Whoever may watch sees the newest polls and, in a transaction, votes. A slow viewer gets only the newest state."""

    name = "polls"
    delivery = "state"
    command = CastVote
    publication = PollsState
    snapshot = PollsState
    history_length = 10
    transactional = True
    conflate_ms = 250
    commands_per_s = 1.0
    commands_burst = 5

    async def load(self, ctx: Context, subject: str) -> Facts | None:
        return await facts_of(ctx, subject)

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if facts.door.turns_away(actor.id) else None

    async def carry_out(self, ctx: Context, subject: str, facts: Any, command: Any, command_id: str) -> None:
        await _vote(ctx, subject, command)

    async def initial(self, ctx: Context, subject: str) -> PollsState:
        async with ctx.reading() as connection:
            version, polls = await store.version(connection, subject), await store.shown(connection, subject)
        return rules.state(version, polls, all_counts=False)

    def apply(self, state: PollsState, publication: PollsState) -> PollsState:
        return publication if publication.version > state.version else state


class PollDeskChannel(ChannelKind):
    """The same with hidden counts, for the host and moderators."""

    name = "poll_desk"
    delivery = "state"
    publication = PollsState
    snapshot = PollsState
    history_length = 10
    conflate_ms = 250

    async def load(self, ctx: Context, subject: str) -> Facts | None:
        return await facts_of(ctx, subject)

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None if facts.door.may_moderate(actor.id) else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> PollsState:
        async with ctx.reading() as connection:
            version, polls = await store.version(connection, subject), await store.shown(connection, subject)
        return rules.state(version, polls, all_counts=True)

    def apply(self, state: PollsState, publication: PollsState) -> PollsState:
        return publication if publication.version > state.version else state


async def facts_of(ctx: Context, show_id: str) -> Facts | None:
    """The show, who is let in and who moderates it; None when there is no such show."""
    show = await ctx.ask(GetShow(show_id=show_id))
    return None if show is None else Facts(show, await ctx.ask(GetDoor(host_id=show.host_id)))


async def opened(ctx: Context, version: int, poll: Poll) -> None:
    """A poll was stored: tell everybody. `version` is the one that was taken for this."""
    tell(ctx, poll.show_id, version, await store.shown(ctx.store, poll.show_id))
    ctx.publish(
        PollOpened(
            show_id=poll.show_id,
            poll_id=poll.poll_id,
            question=poll.question,
            options=list(poll.options),
            closes_at_ms=poll.closes_at_ms,
        )
    )


async def save_closed(ctx: Context, show_id: str, version: int, polls: Sequence[Poll]) -> None:
    """Write closed polls of a show and tell everybody; every end goes through here. `version` is the one that was taken for this,
    and is given back when there are none."""
    if not polls:
        await store.give_back(ctx.store, show_id, version)
        return
    for poll in polls:
        assert poll.closed_at_ms is not None, poll
        await store.update_poll(ctx.store, poll)
        ctx.publish(PollClosed(show_id=show_id, poll_id=poll.poll_id, counts=list(poll.counts), closed_at_ms=poll.closed_at_ms))
    tell(ctx, show_id, version, await store.shown(ctx.store, show_id))


async def _vote(ctx: Context, show_id: str, command: CastVote) -> None:
    """Five statements and no more: a whole audience votes within seconds, one after another. What was written is rolled back
    when the vote is refused."""
    version = await store.next_version(ctx.store, show_id)
    polls = await store.shown(ctx.store, show_id)
    poll = next((each for each in polls if each.poll_id == command.poll_id), None)
    if poll is None:  # an old one, or none
        poll = await store.poll(ctx.store, command.poll_id)
    before = None
    if poll is not None and not await store.insert_vote(ctx.store, poll, ctx.actor.id, command.option, ctx.now_ms):
        before = await store.vote(ctx.store, command.poll_id, ctx.actor.id)
    after = rules.cast(poll, show_id, before, command.option, ctx.now_ms)
    if isinstance(after, Refusal):
        raise Refused(after.error, after.detail)
    if after == poll:
        await store.give_back(ctx.store, show_id, version)
    else:
        await store.set_counts(ctx.store, after)
        tell(ctx, show_id, version, [after if each.poll_id == after.poll_id else each for each in polls])


def tell(ctx: Context, show_id: str, version: int, polls: Sequence[Poll]) -> None:
    """What players and desks show now."""
    ctx.push(f"{PollChannel.name}:{show_id}", rules.state(version, polls, all_counts=False), version)
    ctx.push(f"{PollDeskChannel.name}:{show_id}", rules.state(version, polls, all_counts=True), version)
