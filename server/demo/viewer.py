"""A robot viewer: chats a little, asks the host, votes for others' questions and in polls, and sends hearts."""

import asyncio
import contextlib
import random
from collections.abc import Sequence

import msgspec
from websockets.exceptions import ConnectionClosed

from schemas.base import Body
from schemas.frames import Failed, Gap, Push
from schemas.http.auth import MeView
from schemas.http.chat import PostMessage
from schemas.http.polls import CastVote, PollsState
from schemas.http.questions import AskQuestion, QuestionView, VoteForQuestion
from schemas.http.reactions import React, ReactionKind
from server.demo.client import LiveConnection, ShopClient, first_failure
from server.demo.lines import VIEWERS, Part
from server.demo.memory import Memory
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.log import get_logger
from server.kernel.tasks import TaskGroup, supervised

log = get_logger(__name__)

LINE_PAUSE_S = (25.0, 70.0)
"""Between two lines of one robot; with four of them somebody says something about every twelve seconds."""
QUESTION_PAUSE_S = (200.0, 400.0)
"""Between two questions of one robot: the host answers them faster than they come."""
FIRST_QUESTION_PAUSE_S = (5.0, 30.0)
"""A newcomer finds a question on the list soon after the start."""
HEARTS_PAUSE_S = (4.0, 15.0)
VOTE_PAUSE_S = (2.0, 20.0)
"""How long a robot thinks before it votes."""
HEARTS_MAX = 5
VOTES_SHARE = 0.6
"""Of others' questions that a robot wants to hear the answer of."""
VOTES_PENDING_MAX = 20
"""Votes that a robot thinks about at a time; what comes then gets none of its votes. A crowd of real viewers may ask more."""

REACTIONS: tuple[ReactionKind, ...] = ("heart", "heart", "heart", "fire", "clap", "wow")
CHANNELS = ("chat", "questions", "polls", "reactions", "presence")


async def watch_as(base_url: str, number: int, memory: Memory, clock: Clock, dice: random.Random) -> None:
    """One robot viewer: comes in as a guest, subscribes, and takes part; ends with an error when it is cut off."""
    part = VIEWERS[number]
    client = ShopClient(base_url)
    try:
        me = msgspec.json.decode(await client.post("/api/auth/guest", part.entrance), type=MeView)
        async with client.live() as connection, supervised("viewer") as tasks:
            for channel in CHANNELS:
                await connection.subscribe(f"{channel}:{memory.show_id}")
            viewer = Viewer(connection, memory.show_id, me.actor_id, part, clock, dice, tasks)
            await first_failure(
                tasks.start(viewer.listen(), "listen"),
                tasks.start(viewer.talk(), "talk"),
                tasks.start(viewer.ask(), "ask"),
                tasks.start(viewer.applaud(), "applaud"),
            )
    finally:
        await client.close()


class Viewer:
    """Somebody who is in the show."""

    def __init__(
        self,
        connection: LiveConnection,
        show_id: str,
        actor_id: str,
        part: Part,
        clock: Clock,
        dice: random.Random,
        tasks: TaskGroup,
    ) -> None:
        self._connection, self._show_id, self._actor_id, self._part = connection, show_id, actor_id, part
        self._clock, self._dice, self._tasks = clock, dice, tasks
        self._voted: set[str] = set()
        """Questions and polls that are decided on; grows by a few an hour and ends with the connection."""
        self._pending = 0

    async def listen(self) -> None:
        """Think about what is asked."""
        async for frame in self._connection.frames():
            match frame:
                case Push(channel=channel, data=data) if channel.startswith("questions:"):
                    self._consider(msgspec.json.decode(data, type=QuestionView))
                case Push(channel=channel, data=data) | Gap(channel=channel, snapshot=data) if channel.startswith("polls:"):
                    self._choose(msgspec.json.decode(data, type=PollsState))
                case Failed(name=name, detail=detail):
                    log.info("a robot was refused", robot=self._part.name, error=name, detail=detail)
                case _:
                    pass

    async def talk(self) -> None:
        """Say every line once in a random order, then again in another: nobody repeats themselves at once."""
        while True:
            for line in self._shuffled(self._part.lines):
                await self._pause(LINE_PAUSE_S)
                await self._send("chat", "msg", PostMessage(text=line))

    async def ask(self) -> None:
        """Ask the host one's questions, again and again."""
        await self._pause(FIRST_QUESTION_PAUSE_S)
        while True:
            for text in self._shuffled(self._part.questions):
                await self._send("questions", "qst", AskQuestion(text=text))
                await self._pause(QUESTION_PAUSE_S)

    async def applaud(self) -> None:
        """Hearts, now and then something else."""
        while True:
            await self._pause(HEARTS_PAUSE_S)
            taps = React(kind=self._dice.choice(REACTIONS), count=self._dice.randint(1, HEARTS_MAX))
            await self._send("reactions", "rct", taps)

    def _consider(self, question: QuestionView) -> None:
        if question.status == "waiting" and question.asker_id != self._actor_id and self._dice.random() < VOTES_SHARE:
            self._later(question.question_id, "questions", VoteForQuestion(question_id=question.question_id, up=True))

    def _choose(self, state: PollsState) -> None:
        for poll in state.polls:
            if poll.status == "open":
                option = self._dice.randrange(len(poll.options))
                self._later(poll.poll_id, "polls", CastVote(poll_id=poll.poll_id, option=option))

    def _later(self, subject_id: str, channel: str, vote: Body) -> None:
        if subject_id in self._voted or self._pending >= VOTES_PENDING_MAX:
            return
        self._voted.add(subject_id)
        self._pending += 1
        self._tasks.start(self._think(channel, vote), f"vote {subject_id}")

    async def _think(self, channel: str, vote: Body) -> None:
        try:
            await self._pause(VOTE_PAUSE_S)
            with contextlib.suppress(ConnectionClosed):  # `listen` ends with it
                await self._send(channel, "vot", vote)
        finally:
            self._pending -= 1

    async def _send(self, channel: str, prefix: str, command: Body) -> None:
        await self._connection.publish(f"{channel}:{self._show_id}", new_id(prefix, self._clock), command)

    async def _pause(self, bounds_s: tuple[float, float]) -> None:
        await asyncio.sleep(self._dice.uniform(*bounds_s))

    def _shuffled(self, lines: Sequence[str]) -> list[str]:
        return self._dice.sample(lines, len(lines))
