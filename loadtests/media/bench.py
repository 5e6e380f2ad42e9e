"""What the measurements share: one relay, one certificate, the tasks of the peers, and a browser when somebody needs it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loadtests.media import chromium
from loadtests.media.client import Client, Viewer, chatter, leaving
from loadtests.media.host import Host, Programme
from loadtests.media.relay import NotMeasured, Relay
from media.transport.dtls import Identity
from server.kernel.tasks import TaskGroup, supervised

if TYPE_CHECKING:
    from playwright.async_api import Browser

LEAD_S = 1.0
"""From the first packet of a broadcast to the first viewer: the relay needs a key frame."""
ARRIVED_MIN = 0.97
_CONNECTING_MAX = 8
"""Handshakes at the same time: they take the CPU that the measurement is about to measure, but not its deadline."""


@dataclass
class Bench:
    """`stack` is closed at the end of the run, `tasks` at the end of the measurement."""

    relay: Relay
    tasks: TaskGroup
    stack: contextlib.AsyncExitStack
    identity: Identity = field(default_factory=Identity)
    _browser: list["Browser"] = field(default_factory=list)

    async def browser(self) -> "Browser":
        """The one browser of the run, started when first asked for.

        Raises:
            NotMeasured: there is none here.
        """
        if not self._browser:
            self._browser.append(await self.stack.enter_async_context(chromium.launched()))
        return self._browser[0]

    @contextlib.asynccontextmanager
    async def air(
        self, stream: str, programme: Programme, *, stamped: bool = False, lead_s: float = LEAD_S
    ) -> AsyncIterator["Air"]:
        """A broadcast for the block; its peers are closed at the end. `lead_s` passes before the block begins."""
        peers: list[Client] = []
        async with leaving(peers), supervised(stream) as tasks:
            host = Host(self.relay.http, self.identity, programme, stamped=stamped)
            peers.append(host)
            await host.publish(stream)
            tasks.start(host.broadcast(), "host")
            tasks.start(chatter(peers), "reports")
            await asyncio.sleep(lead_s)
            yield Air(self, stream, host, peers)


@dataclass
class Air:
    """A broadcast that is on."""

    bench: Bench
    stream: str
    host: Host
    peers: list[Client]

    async def add(self, viewers: Sequence[Viewer], port: int | None = None) -> None:
        """Let viewers join, a few at a time."""
        self.peers += viewers
        await gather_few(viewer.watch(self.stream, port) for viewer in viewers)

    def viewers(self, count: int) -> list[Viewer]:
        """Plain viewers, not yet joined."""
        return [Viewer(self.bench.relay.http, self.bench.identity) for _ in range(count)]


async def gather_few(joins: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all, `_CONNECTING_MAX` at a time; the first failure ends the others."""
    room = asyncio.Semaphore(_CONNECTING_MAX)

    async def run(join: Coroutine[Any, Any, None]) -> None:
        async with room:
            await join

    running = [asyncio.ensure_future(run(join)) for join in joins]
    try:
        await asyncio.gather(*running)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def delivered(viewers: Sequence[Viewer], host_packets: int, received_before: int) -> int:
    """How many packets of media all viewers got since; nearly all that were sent, or the figure would be of another load.

    Raises:
        NotMeasured: too many are missing.
    """
    received = sum(viewer.received for viewer in viewers) - received_before
    expected = host_packets * len(viewers)
    if received < ARRIVED_MIN * expected:
        raise NotMeasured(f"only {received} of {expected} packets arrived at {len(viewers)} viewers: the machine is too busy")
    return received
