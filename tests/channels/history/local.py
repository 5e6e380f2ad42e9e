"""Runs against two nodes in the test's own loop: real sockets, real Valkey, and faults that take milliseconds."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from server.channels.framing import encode
from server.channels.limits import HubLimits
from tests.channels.history.events import Accepted, History, Sent
from tests.channels.history.laws import law_of
from tests.channels.history.page import Enter, Entrance, Page, dial
from tests.channels.history.run import Run, Topic, running
from tests.channels.kinds import LONG_HISTORY, LongTalkKind, Said, Say, Sign, SignKind
from tests.channels.site import ANNA, Site, command_id, running_site

ROOM = "long_talk:room"
DOOR = "sign:door"
LIMITS = HubLimits(verify_ms=200)
"""A loss that nothing announces is looked for five times a second, so that a run need not last for a minute."""

TALK = law_of(LongTalkKind(), lambda said: spoken(said), lambda talk: [spoken(said) for said in talk.said], LONG_HISTORY)
SIGN = law_of(SignKind(), lambda sign: str(sign.version), lambda sign: [str(sign.version)] if sign.version else [])
TOPIC = Topic(ROOM, TALK, lambda marker: Say(text=marker), marker=str)
WORDY = Topic(ROOM, TALK, lambda marker: Say(text=f"{marker} {'x' * 4_900}"), marker=str)
"""Enough of these fill every buffer on the way to a reader that takes nothing."""


def spoken(said: Said) -> str:
    """What a message is known by: its first word."""
    return said.text.partition(" ")[0]


@dataclass(frozen=True)
class Door:
    """A way to a node: its own port, or that of a proxy before it."""

    site: Site
    port: int


def entrance(doors: Sequence[Door], dice: random.Random) -> Enter:
    """A way into any one of the nodes, another one each time."""

    async def enter() -> Entrance:
        door = dice.choice(doors)
        return Entrance(await dial(door.port), door.site.ticket(ANNA), str(door.port))

    return enter


class Signs:
    """The server's own pushes to the state channel, recorded as commands that are acknowledged without a place."""

    def __init__(self, site: Site, history: History) -> None:
        self._site, self._history = site, history
        self._versions = itertools.count(1)

    async def put(self) -> None:
        """The next version, sent twice, as an outbox does that was interrupted."""
        version = next(self._versions)
        row = f"row-{version}"
        self._history.record(Sent(who="server", channel=DOOR, command_id=row, marker=str(version)))
        for _ in range(2):
            await self._site.channels.publish_push(DOOR, encode(Sign(version=version, text="x" * 40)), row, version)
        self._history.record(Accepted(who="server", channel=DOOR, command_id=row))


@dataclass
class Stage:
    """Two nodes and the pages on them."""

    run: Run
    redis: Redis
    sites: list[Site]
    writers: list[Page]
    viewers: list[Page]
    signs: Signs
    start: Callable[[Page], Awaitable[None]]

    async def talk(
        self, count: int, topic: Topic = TOPIC, *, copies: int = 1, pause_s: tuple[float, float] = (0.0, 0.004)
    ) -> None:
        """Every writer says so many things, and the sign changes now and then."""
        writing = [self.run.write(writer, topic, count, copies=copies, pause_s=pause_s) for writer in self.writers]
        await asyncio.gather(*writing, self._put_signs(count // 5 + 1))

    @property
    def doors(self) -> list[Door]:
        """Of both nodes, without anything in between."""
        return [Door(site, site.port) for site in self.sites]

    async def newcomer(self, *doors: Door, **options: Any) -> Page:
        """Another viewer, without a position, who comes in through any of these doors."""
        page = self.run.page(f"newcomer {len(self.run.pages)}", entrance(doors, self.run.dice), [ROOM, DOOR], **options)
        await self.start(page)
        return page

    async def finish(self) -> None:
        """The last words, a newcomer, and quiet: everybody must come to rest at one place."""
        late = self.run.page("late", entrance(self.doors, self.run.dice), [ROOM, DOOR])

        async def last_words() -> None:
            await self.run.write(self.writers[0], TOPIC, 1, pause_s=(0, 0))
            await self.signs.put()
            await self.start(late)

        await self.run.settle(late, last_words)

    async def _put_signs(self, count: int) -> None:
        for _ in range(count):
            await self.signs.put()
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def staged(
    redis: Redis, seed: int, *, limits: HubLimits = LIMITS, viewers: int = 4, settle_s: float = 10.0
) -> AsyncIterator[Stage]:
    """Two nodes, two writers (one on each) and some viewers, all of them subscribed in the order of their names."""
    run = Run(seed, {ROOM: TALK, DOOR: SIGN}, command_id, window=100, settle_s=settle_s)
    async with running_site(redis, limits=limits) as one, running_site(redis, limits=limits) as other:
        sites, both = [one, other], [ROOM, DOOR]
        doors = [Door(site, site.port) for site in sites]
        writers = [run.page(f"writer {number}", entrance([doors[number]], run.dice), both) for number in range(2)]
        watching = [run.page(f"viewer {number}", entrance([doors[number % 2]], run.dice), both) for number in range(viewers)]
        async with running() as start:
            for page in run.pages:
                await start(page)
            yield Stage(run, redis, sites, writers, watching, Signs(one, run.history), start)
