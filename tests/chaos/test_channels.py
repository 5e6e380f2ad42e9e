"""Recorded runs against real processes: two web processes, a worker and a Valkey that are killed, stopped and set back, and pages
behind bad networks. The checker reads the history of each.

`EFIR_NEMESIS_S` makes the mixed run longer than its twenty seconds, `EFIR_SEED` gives it another seed.
"""

import asyncio
import contextlib
import itertools
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from schemas.http.chat import HISTORY_MAX, ChatMessage, PostMessage
from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from server.kernel.tasks import supervised
from server.modules.chat.channel import ChatChannel
from server.modules.shows.channel import ShowChannel
from server.redis.connection import connect
from tests.channels.history.cluster import Cluster, Gate, Visitor, running_cluster
from tests.channels.history.events import Accepted, Gapped, History, Lost, Sent
from tests.channels.history.laws import law_of
from tests.channels.history.local import ROOM, TALK, TOPIC
from tests.channels.history.page import Page
from tests.channels.history.proxy import Proxy, proxied
from tests.channels.history.run import Run, Topic, running
from tests.e2e.conftest import folder as folder
from tests.e2e.shopper import Client, open_shop

pytestmark = pytest.mark.chaos

CLOCK = SystemClock()
NEMESIS_S = float(os.environ.get("EFIR_NEMESIS_S", "20"))
SEED = int(os.environ.get("EFIR_SEED", "11"))
PATIENCE_MS = 30_000
WINDOW = 200
"""Publications that a reader may miss and must be given when it comes back."""

CHAT = law_of(
    ChatChannel(),
    lambda said: str(getattr(said, "message_id", "")),
    lambda chat: [entry.message_id for entry in chat.entries if isinstance(entry, ChatMessage)],
    HISTORY_MAX,
)
SHOW = law_of(ShowChannel(), lambda show: str(show.version), lambda show: [str(show.version)], ahead=True)


@dataclass
class Play:
    """A cluster with a show, and everybody on its channels."""

    cluster: Cluster
    run: Run
    owner: Client
    show_id: str
    start: Callable[[Page], Awaitable[None]]
    proxy: Proxy
    folder: Path
    redis: Redis
    visitors: list[Visitor]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    kept: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def channels(self) -> list[str]:
        return [ROOM, self.chat.channel, f"show:{self.show_id}"]

    @property
    def chat(self) -> Topic:
        return Topic(f"chat:{self.show_id}", CHAT, lambda marker: PostMessage(text=f"I say {marker}"), str)

    def page(self, name: str, *gates: Gate, **options: Any) -> Page:
        """A guest who comes in through any of these gates, or through any at all."""
        visitor = Visitor(name, gates or self.cluster.gates, random.Random(self.run.dice.random()))
        self.visitors.append(visitor)
        return self.run.page(name, visitor.enter, self.channels, **options)

    async def talk(self, writer: Page, topic: Topic, pause_s: tuple[float, float]) -> None:
        """Say one thing after the other, now and then ten times at once, until the run ends."""
        for number in itertools.count():
            if self.stop.is_set():
                return
            copies = 10 if topic.channel == ROOM and number % 10 == 9 else 1
            await self.run.write(writer, topic, 1, copies=copies, pause_s=pause_s)

    async def pin(self) -> None:
        """The owner pins and unpins a product; each is a version of the show's state, which an HTTP answer tells."""
        for number in itertools.count():
            if self.stop.is_set():
                return
            await self.pin_once(number)
            await asyncio.sleep(0.3)

    async def pin_once(self, number: int) -> None:
        """Once."""
        words = "pin" if number % 2 == 0 else "unpin"
        state = await self.owner.must("POST", f"/api/shows/{self.show_id}/{words}", {"sku": "MUG"})
        command = f"version {state['version']}"
        channel = f"show:{self.show_id}"
        self.run.history.record(Sent(who="owner", channel=channel, command_id=command, marker=str(state["version"])))
        self.run.history.record(Accepted(who="owner", channel=channel, command_id=command))

    async def perform(self, fault: "Fault") -> None:
        """Everybody talks; the fault happens; everybody talks on; quiet."""
        writers = [self.page(f"writer {number}") for number in range(3)]
        speakers = [self.page(f"speaker {number}") for number in range(2)]
        viewers = [self.page(f"viewer {number}") for number in range(3)]
        hasty = self.page("hasty viewer", back_s=(0.0, 0.0))
        unlucky = self.page("unlucky viewer", Gate(self.cluster.nodes[0].port, self.proxy.port))
        for page in (*writers, *speakers, *viewers, hasty, unlucky):
            await self.start(page)
        async with supervised("writers") as tasks:
            talking = [tasks.start(self.talk(page, TOPIC, (0.0, 0.1)), page.name) for page in writers]
            talking += [tasks.start(self.talk(page, self.chat, (1.0, 1.5)), page.name) for page in speakers]
            talking.append(tasks.start(self.pin(), "owner"))
            await asyncio.sleep(1.0)
            await fault(self)
            await asyncio.sleep(1.0)
            self.stop.set()
            async with asyncio.timeout(PATIENCE_MS / 1000 + 30):
                await asyncio.gather(*talking)
        await self.finish(writers[0], speakers[0])

    async def finish(self, writer: Page, speaker: Page) -> None:
        """The last words, a newcomer, and quiet."""
        late = self.page("late")

        async def last_words() -> None:
            await self.run.write(writer, TOPIC, 1, pause_s=(0, 0))
            await self.run.write(speaker, self.chat, 1, pause_s=(0, 0))
            for number in range(2):
                await self.pin_once(number)
            await self.start(late)

        await self.run.settle(late, last_words)


@contextlib.asynccontextmanager
async def playing(folder: Path, seed: int) -> AsyncIterator[Play]:
    """A cluster with an open shop."""
    async with running_cluster(folder) as cluster:
        key = (await cluster.run("owner")).strip().partition("?key=")[2]
        owner, show_id = await open_shop(f"http://127.0.0.1:{cluster.nodes[1].port}", key, 1_000, patience_ms=PATIENCE_MS)
        laws = {ROOM: TALK, f"chat:{show_id}": CHAT, f"show:{show_id}": SHOW}
        run = Run(seed, laws, lambda: new_id("msg", CLOCK), History(), window=WINDOW, settle_s=PATIENCE_MS / 1000)
        redis = connect(cluster.valkey.url)
        visitors: list[Visitor] = []
        try:
            async with proxied(cluster.nodes[0].port, run.dice) as proxy, running() as start:
                yield Play(cluster, run, owner, show_id, start, proxy, folder, redis, visitors)
        finally:
            await asyncio.gather(*(visitor.http.aclose() for visitor in visitors))
            await redis.aclose()
            await owner.close()


Fault = Callable[[Play], Awaitable[None]]


async def node_killed(play: Play) -> None:
    """`kill -9` of a web process; another one in its place a second later."""
    node = play.run.dice.choice(play.cluster.nodes)
    await node.kill()
    await asyncio.sleep(1.0)
    await node.start()


async def node_stopped(play: Play) -> None:
    """SIGSTOP of a web process for five seconds and more."""
    node = play.run.dice.choice(play.cluster.nodes)
    node.signal(signal.SIGSTOP)
    await asyncio.sleep(play.run.dice.uniform(5.0, 8.0))
    node.signal(signal.SIGCONT)
    await asyncio.sleep(1.0)


async def worker_killed(play: Play) -> None:
    """`kill -9` of the worker."""
    assert play.cluster.worker is not None
    await play.cluster.worker.kill()
    await asyncio.sleep(0.5)
    await play.cluster.worker.start()


async def valkey_killed(play: Play) -> None:
    """`kill -9` of Valkey, twice; what it acknowledged is on disk."""
    for pause_s in (0.0, 1.5):
        await play.cluster.kill_valkey()
        await asyncio.sleep(pause_s)
        await play.cluster.valkey.start()
        await asyncio.sleep(2.0)


async def older_file(play: Play) -> None:
    """Valkey comes back with an append-only file of two seconds ago."""
    older = play.folder / f"older-{next(play.kept)}"
    play.cluster.keep_file(older)
    await asyncio.sleep(2.0)
    await play.cluster.restore_file(older)
    await asyncio.sleep(2.0)


async def clients_killed(play: Play) -> None:
    """CLIENT KILL of all subscribers, and of all others."""
    for kind in ("pubsub", "normal", "pubsub", "normal", "normal"):
        with contextlib.suppress(RedisError):  # of our own connection too
            await play.redis.client_kill_filter(_type=kind, skipme=True)
        await asyncio.sleep(0.3)


async def pages_cut(play: Play) -> None:
    """Every page loses its connection, again and again, some in the middle of a frame, and comes back."""
    for number in range(60):
        play.run.dice.choice(play.run.pages).cut()
        play.proxy.change(cut_down_after=600 + 37 * number)
        play.proxy.reset_all()
        await asyncio.sleep(0.05)
    play.proxy.change()


async def network_bad(play: Play) -> None:
    """A reader of one byte a second, a half-open connection, one that takes nothing, long ways."""
    for weather in ({"down_bytes_per_s": 1.0}, {"swallow": True}, {"stall": True}, {"latency_s": 0.1, "jitter_s": 0.2}):
        play.proxy.change(**weather)
        await asyncio.sleep(play.run.dice.uniform(2.0, 4.0))
    play.proxy.change()


FAULTS: tuple[Fault, ...] = (
    node_killed,
    node_stopped,
    worker_killed,
    valkey_killed,
    older_file,
    clients_killed,
    pages_cut,
    network_bad,
)


async def nemesis(play: Play) -> None:
    """Everything, in any order, two at a time, for `NEMESIS_S`."""
    end_s = asyncio.get_running_loop().time() + NEMESIS_S
    alone = asyncio.Lock()  # two faults of Valkey, or of one process, cannot happen in each other

    async def strike() -> None:
        while asyncio.get_running_loop().time() < end_s:
            fault = play.run.dice.choice(FAULTS)
            if fault in (clients_killed, pages_cut, network_bad):
                await fault(play)
            else:
                async with alone:
                    await fault(play)

    await asyncio.gather(strike(), strike())


async def small_faults(play: Play) -> None:
    """Those that are over in a moment, one after the other."""
    for fault in (worker_killed, clients_killed, pages_cut):
        await fault(play)


@pytest.mark.parametrize(
    "fault", [node_killed, node_stopped, valkey_killed, older_file, network_bad, small_faults], ids=lambda fault: fault.__name__
)
async def test_nothing_acknowledged_is_lost_and_nobody_is_left_in_silence(folder: Path, tmp_path: Path, fault: Fault) -> None:
    await play_and_check(folder, tmp_path, fault, loss_allowed=fault is older_file)


async def test_nothing_is_lost_in_silence_when_all_of_it_is_mixed(folder: Path, tmp_path: Path) -> None:
    await play_and_check(folder, tmp_path, nemesis, loss_allowed=True)


async def play_and_check(folder: Path, tmp_path: Path, fault: Fault, *, loss_allowed: bool) -> None:
    """One run; the checker must find nothing, and the run must have been one."""
    async with playing(folder, SEED) as play:
        await play.perform(fault)
        run, history = play.run, play.run.history
    run.loss_allowed = loss_allowed
    run.verdict(tmp_path)
    assert len(history.of(Accepted)) > 50, "hardly anything was said: the run proves nothing"
    assert len(history.of(Lost)) + len(history.of(Gapped)), "nobody noticed the fault"
