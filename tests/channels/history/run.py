"""One recorded run: writers and viewers on several nodes, faults meanwhile, and a quiet end that all must reach."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from server.kernel.tasks import supervised
from tests.channels.history.checker import Violation, check
from tests.channels.history.events import History
from tests.channels.history.laws import Law
from tests.channels.history.page import Enter, Page


@dataclass(frozen=True)
class Topic:
    """A channel that writers write to, with what they say: `command(marker)`; `command_id(number)` is a new id for each."""

    channel: str
    law: Law
    command: Callable[[str], msgspec.Struct]
    marker: Callable[[str], str]
    """What a command is known by, from its id."""


@dataclass
class Run:
    """The pages of a run. Its seed decides everything that is not left to the network."""

    seed: int
    laws: Mapping[str, Law]
    new_command_id: Callable[[], str]
    history: History = field(default_factory=History)
    pages: list[Page] = field(default_factory=list)
    loss_allowed: bool = False
    window: int = 0
    settle_s: float = 30.0
    """How long pages may take to come back and catch up once the faults are over."""

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def page(self, name: str, enter: Enter, channels: Sequence[str], **options: Any) -> Page:
        """A page that takes part from now on."""
        made = Page(name, enter, self.history, channels, random.Random(self.dice.random()), **options)
        self.pages.append(made)
        return made

    async def write(self, page: Page, topic: Topic, count: int, *, copies: int = 1, pause_s: tuple[float, float]) -> int:
        """Say so many things one after the other, each `copies` times at once; how many were accepted."""
        dice = random.Random(self.dice.random())
        accepted = 0
        for _ in range(count):
            command_id = self.new_command_id()
            marker = topic.marker(command_id)
            accepted += await page.say(topic.channel, topic.command(marker), marker, command_id, copies=copies)
            await asyncio.sleep(dice.uniform(*pause_s))
        return accepted

    async def settle(self, late: Page, last_words: Callable[[], Awaitable[object]]) -> None:
        """All is quiet: everybody must come to stand where a newcomer does. `last_words` says something on each channel, so that
        whoever has missed something silently has the chance to notice, and lets the newcomer in.

        Those who do not get there stay where they are, which the checker then sees.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settle_s):
                await asyncio.gather(*(page.subscribed() for page in self.pages if page is not late))
                await last_words()
                for channel in late.channels:
                    followers = [page for page in self.pages if channel in page.channels]
                    await asyncio.gather(*(self._catch_up(page, late, channel) for page in followers))
        for page in self.pages:
            page.stay()

    async def _catch_up(self, page: Page, late: Page, channel: str) -> None:
        while page.positions.get(channel) != late.positions[channel] or not page.is_subscribed:
            await page.reaches(channel, late.positions[channel])

    def violations(self) -> list[Violation]:
        """What the checker says."""
        return check(self.history.events, self.laws, loss_allowed=self.loss_allowed, window=self.window)

    def verdict(self, folder: Path) -> None:
        """Raises AssertionError: something happened that must never happen. The history is kept for reading."""
        found = self.violations()
        if found:
            path = folder / f"history-{self.seed}.jsonl"
            self.history.write(path)
            lines = "\n".join(f"  {one.rule}: {one.channel} {one.who}: {one.text}" for one in found[:20])
            raise AssertionError(f"seed {self.seed}, {len(self.history.events)} events in {path}:\n{lines}")


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Callable[[Page], Awaitable[None]]]:
    """What is given starts a page and waits until it is subscribed; all of them close at the end of the block."""
    started: list[Page] = []
    async with supervised("pages") as tasks:

        async def start(page: Page) -> None:
            started.append(page)
            tasks.start(page.run(), page.name)
            await page.subscribed()

        yield start
        await asyncio.gather(*(page.leave() for page in started))
