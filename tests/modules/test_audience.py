"""An audience and one web node: questions, votes and hearts through the channels' own service, the outbox and real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from schemas.errors import ALREADY_VOTED, INVALID_FIELD, RATE_LIMITED, SHOW_NOT_LIVE
from schemas.frames import Accepted
from server.auth.service import Auth
from server.bus.outbox import OutboxRelay
from server.channels.service import Channels
from server.channels.session import Command, Join
from server.kernel.config import Settings
from server.kernel.module import Actor
from server.kernel.tasks import supervised
from server.modules.polls.channel import PollChannel, PollDeskChannel
from server.modules.presence.channel import PresenceChannel
from server.modules.questions.channel import QuestionChannel, QuestionVotesChannel
from server.modules.reactions.channel import ReactionChannel
from tests.modules.crowd import ANNA, people
from tests.modules.world import BUYER, HOST, SHOW_ID, World, an_id, refused

KINDS = (QuestionChannel(), QuestionVotesChannel(), PollChannel(), PollDeskChannel(), ReactionChannel(), PresenceChannel())
PATIENCE_S = 10.0
QUESTION = {"type": "ask", "text": "Is it warm?"}


class Node:
    """A web node with the channels of this file; what the world's outbox pushes goes into their logs."""

    def __init__(self, world: World, channels: Channels) -> None:
        self.world, self.channels = world, channels
        world.relay = OutboxRelay(world.database, world.redis, self.publish_push, world.clock)

    async def publish_push(self, channel: str, data: bytes, command_id: str, version: int | None) -> None:
        """Pushes of other kinds are for other tests."""
        if channel.partition(":")[0] in {kind.name for kind in KINDS}:
            await self.channels.publish_push(channel, data, command_id, version)

    async def send(self, actor: Actor, kind: str, data: dict[str, Any], command_id: str) -> Accepted:
        """A command as it leaves the websocket's session."""
        command = Command(1, f"{kind}:{SHOW_ID}", command_id, msgspec.json.encode(data))
        return await self.channels.publish(actor, command)

    async def state(self, kind: str, until: Callable[[Any], bool]) -> dict[str, Any]:
        """What somebody who joins is given, once it is as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                reply = (await self.channels.join(ANNA, Join(1, f"{kind}:{SHOW_ID}", None))).reply()
                state: dict[str, Any] = msgspec.json.decode(reply.snapshot)
                if until(state):
                    return state
                await asyncio.sleep(0.005)  # the node hears of it by its own subscriber, which tells nobody


@pytest.fixture
async def node(world: World) -> AsyncIterator[Node]:
    """A node of a show that is live."""
    await world.open_show()
    auth = Auth(world.database, world.redis, world.clock, Settings())
    async with supervised("audience") as tasks:
        channels = Channels(
            redis=world.redis,
            ledger_redis=world.redis,
            kinds=KINDS,
            units=world.units,
            identities=auth,
            clock=world.clock,
            tasks=tasks,
            allowed_origins=[],
        )
        tasks.start(channels.run(), "channels")
        yield Node(world, channels)
    await channels.close()
    await auth.close()


async def test_a_question_and_its_votes_reach_the_screens(world: World, node: Node) -> None:
    await node.state("questions", lambda state: state == {"questions": []})  # somebody is watching
    accepted = await node.send(ANNA, "questions", QUESTION, an_id("qst", 1))
    assert (accepted.offset, accepted.epoch, bytes(accepted.echo)) == (None, None, b"null"), "its effect comes as a push"
    vote = {"type": "vote", "question_id": an_id("qst", 1), "up": True}
    for _ in range(3):
        await node.send(BUYER, "questions", vote, an_id("vot", 1))
    await world.settle()
    shown = await node.state("questions", lambda state: bool(state["questions"]))
    assert [each["text"] for each in shown["questions"]] == ["Is it warm?"]
    votes = await node.state("question_votes", lambda state: bool(state["votes"]))
    assert votes == {"version": 1, "votes": [{"question_id": an_id("qst", 1), "votes": 1}]}


async def test_a_poll_runs_from_the_first_vote_to_the_result(world: World, node: Node) -> None:
    body = {"poll_id": an_id("pol", 1), "show_id": SHOW_ID, "question": "Tea?", "options": ["yes", "no"], "hide_results": True}
    await world.call(HOST, "POST", "/api/polls", body)
    crowd = people(12)
    for number, actor in enumerate(crowd):
        await node.send(actor, "polls", {"poll_id": an_id("pol", 1), "option": number % 2}, an_id("vot", number))
    with refused(ALREADY_VOTED):
        await node.send(crowd[0], "polls", {"poll_id": an_id("pol", 1), "option": 1}, an_id("vot", 99))
    await world.settle()
    running = await node.state("polls", lambda state: bool(state["polls"]) and state["polls"][0]["total"] == 12)
    assert running["polls"][0]["counts"] is None
    world.clock.advance(60_000)
    await world.run_job("polls", "close_due")
    result = await node.state("polls", lambda state: state["polls"][0]["status"] == "closed")
    assert result["polls"][0]["counts"] == [6, 6]


async def test_hearts_of_a_crowd_are_added_once_each(world: World, node: Node) -> None:
    async def tap(actor: Actor, number: int) -> None:
        heart = {"kind": "heart", "count": 2}
        first, again = await asyncio.gather(*(node.send(actor, "reactions", heart, an_id("rct", number)) for _ in range(2)))
        assert first.offset == again.offset

    crowd = people(40)
    await asyncio.gather(*(tap(actor, number) for number, actor in enumerate(crowd)))
    state = await node.state("reactions", lambda state: state["counts"].get("heart", 0) >= 80)
    assert state == {"counts": {"heart": 80}}
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_NOT_LIVE):
        await node.send(ANNA, "reactions", {"kind": "heart"}, an_id("rct", 99))


async def test_nobody_floods_and_no_wrong_command_gets_through(world: World, node: Node) -> None:
    with refused(INVALID_FIELD):
        await node.send(ANNA, "questions", QUESTION, an_id("msg", 1))
    for _ in range(QuestionChannel.commands_burst):
        await node.send(BUYER, "questions", QUESTION, an_id("qst", 1))
    with refused(RATE_LIMITED) as refusal:
        await node.send(BUYER, "questions", QUESTION, an_id("qst", 1))
    assert refusal.extra["retry_after_ms"] == pytest.approx(1_000, abs=2)
    with pytest.raises(msgspec.ValidationError):
        await node.send(ANNA, "polls", {"poll_id": an_id("pol", 1), "option": "1"}, an_id("vot", 1))
    with pytest.raises(msgspec.ValidationError):
        await node.send(ANNA, "questions", {"type": "answer", "text": "yes"}, an_id("qst", 2))
