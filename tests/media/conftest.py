"""A relay on free loopback ports, with its HTTP, and independent WebRTC clients (aiortc) around it."""

from collections.abc import AsyncIterator, Callable, Sequence

import httpx
import pytest

from media.cascade import FindOrigin
from media.control import control_app
from media.node import Limits, MediaNode
from schemas.base import Event
from schemas.media import HEADER_SECRET
from server.kernel.clock import SystemClock
from server.kernel.tasks import supervised
from tests.media.clients import Clients

SECRET = "between our processes"


class ShiftedClock(SystemClock):
    """The machine's clock, which a test can put forward instead of waiting."""

    def __init__(self) -> None:
        self.shift_ms = 0.0

    def monotonic_ms(self) -> float:
        return super().monotonic_ms() + self.shift_ms


class Relay:
    """A running node and what it told."""

    def __init__(self, node: MediaNode, clock: ShiftedClock, http: httpx.AsyncClient, events: list[Event]) -> None:
        self.node = node
        self.clock = clock
        self.http = http
        self.events = events


@pytest.fixture
async def make_relay() -> AsyncIterator[Callable[..., object]]:
    """Starts relays; closes them all at the end."""
    async with supervised("test relay") as tasks:
        started: list[Relay] = []

        async def make(
            limits: Limits | None = None,
            host: str = "127.0.0.1",
            announced: Sequence[str] = ("127.0.0.1",),
            node_id: str = "node-1",
            pipe: str = "",
            find_origin: FindOrigin | None = None,
        ) -> Relay:
            events: list[Event] = []
            clock = ShiftedClock()
            node = MediaNode(
                node_id=node_id,
                udp_host=host,
                udp_port=0,
                announced=announced,
                clock=clock,
                tasks=tasks,
                on_event=events.append,
                limits=limits,
                pipe=pipe,
                find_origin=find_origin,
            )
            await node.start()
            transport = httpx.ASGITransport(app=control_app(node, SECRET))
            http = httpx.AsyncClient(transport=transport, base_url="http://relay", headers={HEADER_SECRET: SECRET})
            started.append(Relay(node, clock, http, events))
            return started[-1]

        yield make
        for relay in started:
            await relay.http.aclose()
            await relay.node.close()


@pytest.fixture
async def relay(make_relay: Callable[..., object]) -> Relay:
    """One relay with the usual limits."""
    made = make_relay()
    assert not isinstance(made, Relay)
    result = await made  # type: ignore[misc]
    assert isinstance(result, Relay)
    return result


@pytest.fixture
async def clients(relay: Relay) -> AsyncIterator[Clients]:
    """Makes publishers and viewers of the relay; closes them all."""
    made = Clients(relay.http)
    yield made
    await made.close()
