"""The robot host publishes its clip to a real relay, and comes back by itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from media.control import control_app
from media.node import MediaNode
from media.stats import NodeStats
from schemas.base import Event
from schemas.events.media import StreamEnded, StreamStarted
from schemas.http.shows import IngestView
from schemas.media import HEADER_SECRET
from server.demo import robot
from server.demo.client import ApiRefused, ShopClient
from server.demo.clip import Clip
from server.kernel.clock import SystemClock
from server.kernel.tasks import TaskGroup, supervised
from tests.e2e.site import until
from tests.fakes.clock import FakeClock

STREAM = "shw_" + "0" * 32
TOKEN = "token of the show"


@dataclass
class Relay:
    """A media node behind the part of the web role that the robot sees: it checks the token and adds the secret."""

    node: MediaNode
    tasks: TaskGroup
    events: list[Event]
    url: str = ""
    authorisations: list[str] = field(default_factory=list)

    def stats(self) -> NodeStats:
        return self.node.stats()


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with supervised("relay") as tasks:
        events: list[Event] = []
        node = MediaNode(
            node_id="node-1",
            udp_host="127.0.0.1",
            udp_port=0,
            announced=["127.0.0.1"],
            clock=SystemClock(),
            tasks=tasks,
            on_event=events.append,
        )
        await node.start()
        running = Relay(node, tasks, events)
        control = control_app(node, "secret")

        async def web(scope: Scope, receive: Receive, send: Send) -> None:
            given = dict(scope["headers"]).get(b"authorization", b"").decode()
            running.authorisations.append(given)
            secret = b"secret" if given == f"Bearer {TOKEN}" else b"none"
            await control({**scope, "headers": [*scope["headers"], (HEADER_SECRET.encode(), secret)]}, receive, send)

        server = uvicorn.Server(uvicorn.Config(web, host="127.0.0.1", port=0, lifespan="off", log_level="warning", ws="none"))
        serving = tasks.start(server.serve(), "http")
        await until(lambda: server.started, 10_000)
        port = server.servers[0].sockets[0].getsockname()[1]
        running.url = f"http://127.0.0.1:{port}"
        yield running
        server.should_exit = True
        await serving
        await node.close()


@pytest.fixture
async def client(relay: Relay) -> AsyncIterator[ShopClient]:
    made = ShopClient(relay.url)
    yield made
    await made.close()


def ingest(token: str = TOKEN) -> IngestView:
    return IngestView(whip_url=f"/whip/{STREAM}", token=token)


async def test_the_relay_gets_the_clip_as_h264_and_opus(relay: Relay, client: ShopClient, drawn: Clip) -> None:
    relay.tasks.start(robot.publish_once(client, ingest(), drawn, SystemClock()), "robot")
    await until(lambda: relay.stats().counters["packets_in"] > 150, 20_000)
    (stream,) = relay.stats().streams
    assert stream.codecs == ["H264", "OPUS"]
    assert isinstance(relay.events[0], StreamStarted)
    assert relay.stats().counters["dropped_unknown_source"] == 0


async def test_a_robot_that_is_stopped_ends_its_session(relay: Relay, client: ShopClient, drawn: Clip) -> None:
    task = relay.tasks.start(robot.publish_once(client, ingest(), drawn, SystemClock()), "robot")
    await until(lambda: relay.events, 20_000)
    task.cancel()
    await until(lambda: any(isinstance(event, StreamEnded) for event in relay.events), 5_000)
    assert relay.stats().publishers == 0


async def test_a_relay_that_vanished_is_noticed(
    relay: Relay, client: ShopClient, drawn: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robot, "SILENCE_MAX_S", 2.0)
    task = relay.tasks.start(robot.publish_once(client, ingest(), drawn, SystemClock()), "robot")
    await until(lambda: relay.stats().counters["packets_in"] > 50, 20_000)
    await relay.node.close()
    await until(task.done, 15_000)
    assert task.exception() is None


async def test_a_wrong_token_is_an_error_that_the_caller_sees(relay: Relay, client: ShopClient, drawn: Clip) -> None:
    with pytest.raises(ApiRefused, match="forbidden"):
        await robot.publish_once(client, ingest("guessed"), drawn, SystemClock())
    assert relay.authorisations == ["Bearer guessed"]


async def test_an_unreachable_server_is_an_error_that_the_caller_sees(drawn: Clip) -> None:
    client = ShopClient("http://127.0.0.1:1")
    with pytest.raises(httpx.ConnectError):
        await robot.publish_once(client, ingest(), drawn, SystemClock())
    await client.close()


async def test_a_track_plays_the_clip_round_and_round_with_growing_times(clock: FakeClock) -> None:
    track = robot.LoopTrack("video", (b"a", b"b"), 25, clock, clock.monotonic_ms())
    clock.advance(200)  # five frames are due at once: no waiting
    packets = [await track.recv() for _ in range(5)]
    assert [bytes(packet) for packet in packets] == [b"a", b"b", b"a", b"b", b"a"]
    assert [packet.pts for packet in packets] == [0, 1, 2, 3, 4]


async def test_a_track_that_was_suspended_goes_on_now_with_a_key_frame(clock: FakeClock) -> None:
    frames = tuple(bytes([index]) for index in range(75))
    track = robot.LoopTrack("video", frames, 25, clock, clock.monotonic_ms())
    await track.recv()
    clock.advance(10_500)
    packet = await track.recv()
    assert packet.pts == 1 + 10 * 25
    assert bytes(packet) == frames[(1 + 10 * 25) % 75]
