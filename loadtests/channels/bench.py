"""What the measurements share: a real Valkey, a database, a show, guests with sessions, web processes and swarms of viewers."""

import asyncio
import contextlib
import resource
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import insert

from loadtests.channels.delays import Delays
from loadtests.channels.lines import Child, python
from loadtests.media.relay import NotMeasured
from schemas.http.auth import ClaimShop
from schemas.http.chat import ChatMessage
from schemas.http.shows import ScheduleShow
from server.app import MODULES, Core, core
from server.auth.sessions import expires_at_ms, token_hash
from server.auth.tables import actors, sessions
from server.channels.framing import encode
from server.demo.client import ShopClient
from server.kernel.config import Settings, with_secret
from server.kernel.ids import new_id, new_secret
from server.redis.embedded import EmbeddedValkey
from server.store.migrate import upgrade
from tests.e2e.site import free_port, until

VIEWED = ("show", "stock", "chat", "stage", "questions", "polls", "reactions", "presence")
"""Kinds of channels that everybody's page is on, as far as they exist."""
SOURCES = [f"127.0.0.{number}" for number in range(2, 42)]
"""Addresses of viewers: each may only make so many requests a second."""
PER_SWARM_MAX = 5_000
IN_FLIGHT = 32
"""Joins under way at once when it is not the joining that is measured."""
JOIN_S = 120.0
DELIVERED_S = 20.0
DESCRIPTORS_SPARE = 500
TALKERS = 50
FIRST_TALKER = 12_000
"""Number of the first guest who talks: nobody's viewers are so many."""


@dataclass
class Bench:
    """One for a run."""

    settings: Settings
    parts: Core
    tokens: list[str] = field(default_factory=list)
    show_id: str = ""
    _shared: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _hall: "tuple[Node, Crowd] | None" = None
    _talkers: "Crowd | None" = None

    @property
    def redis(self) -> Redis:
        return self.parts.redis

    @property
    def chat(self) -> str:
        return f"chat:{self.show_id}"

    @property
    def channels(self) -> list[str]:
        """What a viewer's page is on."""
        kinds = {kind.name for module in MODULES for kind in module.channels}
        return [f"{name}:{self.show_id}" for name in VIEWED if name in kinds]

    @property
    def newest_only(self) -> list[str]:
        """Those of them whose pushes may leave offsets out: only the newest state counts, or the log is not theirs alone."""
        kinds = [kind for module in MODULES for kind in module.channels]
        newest = {kind.name for kind in kinds if kind.delivery == "state" or kind.source == "ledger"}
        return [name for name in self.channels if name.partition(":")[0] in newest]

    async def hall(self, viewers: int) -> "tuple[Node, Crowd]":
        """The web process that most measurements share, with exactly so many viewers."""
        if self._hall is None:
            node = await self._shared.enter_async_context(self.node())
            self._hall = node, await self._shared.enter_async_context(self.crowd(node.port, 0))
        node, crowd = self._hall
        if viewers < crowd.size:
            await crowd.leave(crowd.size - viewers)
        elif viewers > crowd.size:
            await self.add(crowd, viewers - crowd.size)
        return node, crowd

    async def talkers(self) -> "Crowd":
        """People in the hall who talk; they are viewers as well from now on, beside the others."""
        if self._talkers is None:
            node, _ = self._hall or await self.hall(0)
            self._talkers = await self._shared.enter_async_context(self.crowd(node.port, TALKERS, first=FIRST_TALKER))
        return self._talkers

    async def close_hall(self) -> None:
        """For measurements that have processes of their own."""
        self._hall = self._talkers = None
        await self._shared.aclose()

    @contextlib.asynccontextmanager
    async def node(self, port: int | None = None) -> AsyncIterator["Node"]:
        """A web process for the block."""
        port = port or free_port(socket.SOCK_STREAM)
        settings = {**self.settings.child_environment(), "HTTP_PORT": str(port), "PROCESS_NAME": f"load-{port}"}
        child = Child(python("loadtests.channels.served"), settings)
        try:
            await child.start()
            node = Node(child, port)
            await until(node.listens, 20_000, step_ms=10)
            await self._ensure_show(port)
            yield node
        finally:
            await child.close()

    @contextlib.asynccontextmanager
    async def crowd(
        self, port: int, count: int, *, first: int = 0, swarms: int = 1, in_flight: int = IN_FLIGHT, **aim: Any
    ) -> AsyncIterator["Crowd"]:
        """So many viewers who are in, for the block; they are the guests from number `first` on."""
        async with contextlib.AsyncExitStack() as stack:
            children = []
            for _ in range(max(swarms, -(-count // PER_SWARM_MAX))):
                child = Child(python("loadtests.channels.swarm"))
                stack.push_async_callback(child.close)
                await child.start()
                children.append(child)
            crowd = Crowd(children, first)
            await crowd.ask("aim", port=port, channels=self.channels, newest_only=self.newest_only, **aim)
            if count:
                await self.add(crowd, count, in_flight)
            yield crowd

    async def make_guests(self, count: int) -> None:
        """Guests with sessions, as many as are missing, in one transaction."""
        now_ms = self.parts.clock.now_ms()
        fresh = [(new_id("gst", self.parts.clock), new_secret()) for _ in range(count - len(self.tokens))]
        if not fresh:
            return
        people = [dict(actor_id=one, kind="guest", name="Viewer", locale="en", created_at_ms=now_ms) for one, _ in fresh]
        ends_at_ms = expires_at_ms(now_ms, now_ms)
        entered = [
            dict(session_hash=token_hash(token), actor_id=one, created_at_ms=now_ms, used_at_ms=now_ms, expires_at_ms=ends_at_ms)
            for one, token in fresh
        ]
        async with self.parts.database.begin() as connection:
            await connection.execute(insert(actors), people)
            await connection.execute(insert(sessions), entered)
        self.tokens += [token for _, token in fresh]

    async def push(self, channel: str, data: bytes) -> None:
        """A publication that the server makes, from another process than the measured one."""
        await self.parts.channels.publish_push(channel, data, new_id("psh", self.parts.clock), None)

    def line(self, text: str) -> bytes:
        """A chat message as it is published."""
        message = ChatMessage(
            message_id=new_id("msg", self.parts.clock),
            author_id="gst_" + "0" * 32,
            author_name="Viewer",
            author_role="viewer",
            text=text,
            posted_at_ms=self.parts.clock.now_ms(),
        )
        return encode(message)

    async def add(self, crowd: "Crowd", count: int, in_flight: int = IN_FLIGHT, deadline_s: float = JOIN_S) -> None:
        """Let the next guests in as well."""
        await self.make_guests(crowd.last + count)
        await crowd.join(self.tokens[crowd.last : crowd.last + count], in_flight, deadline_s)

    async def _ensure_show(self, port: int) -> None:
        """A show that is live; one for the whole run."""
        if self.show_id:
            return
        key = await self.parts.auth.setup_key()
        assert key is not None
        host = ShopClient(f"http://127.0.0.1:{port}")
        try:
            claim = ClaimShop(key=key, email="host@example.test", password="correct horse battery", name="Host")
            await host.post("/api/auth/claim", claim)
            self.show_id = new_id("shw", self.parts.clock)
            await host.post("/api/shows", ScheduleShow(show_id=self.show_id, title="Load"))
            await host.post(f"/api/shows/{self.show_id}/start")
        finally:
            await host.close()


@dataclass
class Node:
    """A running web process."""

    child: Child
    port: int

    def listens(self) -> bool:
        """Whether its port is open."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    async def stats(self) -> dict[str, int]:
        """What its `Channels` counts."""
        return await self.child.ask("stats")


class Crowd:
    """Viewers in one or several processes."""

    def __init__(self, swarms: Sequence[Child], first: int) -> None:
        self.swarms = swarms
        self.size = 0
        self._first = first

    @property
    def last(self) -> int:
        """Number of the next guest."""
        return self._first + self.size

    async def ask(self, do: str, *, deadline_s: float = 30.0, **what: Any) -> list[dict[str, Any]]:
        """The answers of all processes."""
        return await asyncio.gather(*(swarm.ask(do, deadline_s=deadline_s, **what) for swarm in self.swarms))

    async def join(self, tokens: Sequence[str], in_flight: int, deadline_s: float) -> None:
        """Let more viewers in.

        Raises:
            NotMeasured: some were turned away for good.
        """
        parts = [tokens[number :: len(self.swarms)] for number in range(len(self.swarms))]
        each = max(1, in_flight // len(self.swarms))
        answers = await asyncio.gather(
            *(
                swarm.ask("join", tokens=part, sources=SOURCES, in_flight=each, deadline_s=deadline_s)
                for swarm, part in zip(self.swarms, parts, strict=True)
            )
        )
        self.size += len(tokens)
        live = sum(answer["live"] for answer in answers)
        if live != self.size:
            raise NotMeasured(f"{self.size - live} of {self.size} viewers were turned away: {(await self.report()).refusals}")

    async def leave(self, count: int) -> None:
        """So many of them go."""
        each, rest = divmod(count, len(self.swarms))
        for number, swarm in enumerate(self.swarms):
            await swarm.ask("leave", count=each + (number < rest))
        self.size -= count

    async def report(self) -> "Report":
        """What all viewers got since `clear`."""
        return Report.sum(await self.ask("report"))

    async def delivered(self, pushes: int, deadline_s: float = DELIVERED_S) -> "Report":
        """Wait until so many pushes have arrived.

        Raises:
            NotMeasured: they do not.
        """
        end_s = time.monotonic() + deadline_s
        while (report := await self.report()).pushes < pushes:
            if time.monotonic() > end_s:
                raise NotMeasured(f"only {report.pushes} of {pushes} pushes arrived within {deadline_s:g} s")
            await asyncio.sleep(0.05)
        return report


@dataclass
class Report:
    """Sums over all processes of a crowd."""

    pushes: int = 0
    holes: int = 0
    twice: int = 0
    gaps: int = 0
    snapshots: int = 0
    recovered: int = 0
    live: int = 0
    attempts_failed: int = 0
    delays: Delays = field(default_factory=Delays)
    arrivals: dict[float, tuple[int, float]] = field(default_factory=dict)
    """By the time at which a message was due: at how many viewers it arrived, and when at the last."""
    refusals: dict[str, int] = field(default_factory=dict)

    @classmethod
    def sum(cls, parts: Sequence[Mapping[str, Any]]) -> "Report":
        """Of the answers of all processes."""
        total = cls()
        for part in parts:
            for name in ("pushes", "holes", "twice", "gaps", "snapshots", "recovered", "live", "attempts_failed"):
                setattr(total, name, getattr(total, name) + part[name])
            for why, count in part["refusals"].items():
                total.refusals[why] = total.refusals.get(why, 0) + count
            for stamp, count, last_s in part["arrivals"]:
                before, latest_s = total.arrivals.get(stamp, (0, 0.0))
                total.arrivals[stamp] = (before + count, max(latest_s, last_s))
        total.delays = Delays.sum([part["delays"] for part in parts])
        return total


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Bench]:
    """Valkey, database and show, for the block."""
    async with contextlib.AsyncExitStack() as stack:
        valkey = EmbeddedValkey(folder / "valkey")
        await valkey.start()
        stack.push_async_callback(valkey.stop)
        settings = with_secret(
            Settings(data_dir=str(folder / "data"), redis_url=valkey.url, process_name="load", log_level="WARNING")
        )
        await upgrade(settings.sql_url)
        parts = await stack.enter_async_context(core(settings, "load"))
        bench = Bench(settings, parts)
        stack.push_async_callback(bench.close_hall)
        yield bench


def need_descriptors(count: int) -> None:
    """Raise this process's limit of open files, which its children inherit, as far as it may be.

    Raises:
        NotMeasured: that is not enough for `count` connections in one process.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + DESCRIPTORS_SPARE
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise NotMeasured(
            f"{count} connections in one process need {wanted} open files and {hard} are allowed; type: ulimit -Hn {wanted}"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
