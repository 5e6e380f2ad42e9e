"""The contract with uvicorn's insides. Red after an upgrade: read the files named below again, then mend transport.py."""

import asyncio
import inspect
import os
import socket
import subprocess
import sys

import msgspec
import pytest
import uvicorn
import uvloop
from redis.asyncio import Redis
from starlette.applications import Starlette
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server, ServerState
from websockets.asyncio.client import ClientConnection, connect

from server.channels import transport
from server.channels.connection import Connection
from server.channels.limits import HubLimits, SessionLimits
from server.channels.rfc6455 import Event, Request
from server.channels.transport import HTTP_PROTOCOL, TCP_NOTSENT_LOWAT, LiveProtocol, client_address, websocket_protocol
from server.redis.connection import connect as connect_redis
from tests.channels.site import PATIENCE_S, Site, enter_stuck, fill, running_site, until


def test_this_is_the_uvicorn_that_the_adapter_was_written_for() -> None:
    assert uvicorn.__version__.split(".")[:2] == ["0", "54"]
    upgrade = inspect.getsource(HttpToolsProtocol.handle_websocket_upgrade)
    for relied_on in (
        "self.connections.discard(self)",
        "protocol = self.ws_protocol_class(",
        "config=self.config,\n            server_state=self.server_state,\n            app_state=self.app_state,",
        'protocol.connection_made(self.transport)\n        protocol.data_received(b"".join(output))',
        "self.transport.set_protocol(protocol)",
    ):
        assert relied_on in upgrade
    ending = inspect.getsource(Server.shutdown)
    assert "for connection in list(self.server_state.connections):\n            connection.shutdown()" in ending
    for hook in ("connection_made", "connection_lost", "on_message_begin", "on_headers_complete"):
        assert not inspect.iscoroutinefunction(getattr(HttpToolsProtocol, hook))


def test_uvicorn_takes_the_protocols(site_free_reception: transport.Reception) -> None:
    config = uvicorn.Config(Starlette(), http=HTTP_PROTOCOL, ws=websocket_protocol(site_free_reception))
    config.load()
    assert isinstance(config.loaded_app, ProxyHeadersMiddleware)
    assert "1.2.3.4" not in config.loaded_app.trusted_hosts
    protocol = config.ws_protocol_class(config=config, server_state=ServerState(), app_state={})  # type: ignore[misc, call-arg]
    assert isinstance(protocol, LiveProtocol)
    assert protocol.reception is site_free_reception
    assert not hasattr(protocol, "__dict__"), "a dictionary per connection would cost more than all of its fields"


@pytest.fixture
def site_free_reception() -> transport.Reception:
    """A reception that nobody comes to."""
    return object()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", None, "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("127.0.0.1", None, None),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "9.9.9.9, 198.51.100.1", "198.51.100.1"),
    ],
)
def test_only_a_trusted_proxy_may_say_who_the_client_is(peer: str, forwarded: str | None, address: str | None) -> None:
    config = uvicorn.Config(Starlette(), forwarded_allow_ips="127.0.0.1")
    config.load()

    class Peer(asyncio.Transport):
        def get_extra_info(self, name: str, default: object = None) -> object:
            return (peer, 5) if name == "peername" else default

    headers = [] if forwarded is None else [("x-forwarded-for", forwarded)]
    assert client_address(config, Peer(), Request("GET", "/ws", headers)) == address


async def test_compression_that_a_browser_offers_is_declined(site: Site) -> None:
    async with connect(f"ws://{site.address}/ws", compression="deflate") as socket:
        assert socket.protocol.extensions == []


async def test_the_kernel_is_told_how_much_to_hold_and_how_long_to_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    prepare = LiveProtocol._prepare_socket

    def prepare_and_look(self: LiveProtocol) -> None:
        prepare(self)
        own: socket.socket = self.transport.get_extra_info("socket")
        told.append((own.getsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT), own.getsockopt(socket.IPPROTO_TCP, 18)))

    monkeypatch.setattr(LiveProtocol, "_prepare_socket", prepare_and_look)
    await site.enter()
    assert told == [(transport.NOT_SENT_BYTES, transport.USER_TIMEOUT_MS)]


async def test_who_drips_the_head_of_a_request_is_dropped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "HEAD_DEADLINE_S", 0.05)
    for said in (b"", b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: webs"):
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(said)
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.close()


async def test_a_second_request_on_a_connection_has_its_deadline_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 404")
    monkeypatch.setattr(transport, "HEAD_DEADLINE_S", 0.05)
    writer.write(b"GET / HT")
    rest = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert b"\r\n\r\n" in rest
    assert b"HTTP/1.1" not in rest
    writer.close()


def test_a_stuck_viewer_is_noticed_and_caught_up_under_uvloop_too(valkey_url: str) -> None:
    # In a process of its own that ends without closing its loop: uvloop's `close` was once seen to wait for ever.
    words = "from tests.channels.test_transport import under_uvloop; under_uvloop()"
    subprocess.run([sys.executable, "-c", words, valkey_url], check=True, timeout=120)


def under_uvloop() -> None:
    """The child of the test above; exit status 0 when all went well."""
    uvloop.new_event_loop().run_until_complete(stuck_viewer(sys.argv[1]))
    os._exit(0)


async def stuck_viewer(valkey_url: str) -> None:
    redis = connect_redis(valkey_url)
    async with running_site(redis, limits=HubLimits(ring_length_max=20)) as site:
        anna, slow = await site.enter(), await enter_stuck(site, "talk:uvloop")
        await anna.subscribe("talk:uvloop")
        await fill(site, anna, slow, "talk:uvloop")
        for number in range(30):
            await anna.say("talk:uvloop", str(number))
        slow.socket.transport.resume_reading()
        gap = await slow.next("gap")
        assert gap["snapshot"]["said"][-1]["text"] == "29"
    await redis.aclose()


async def test_a_peer_that_does_not_answer_our_close_frame_is_dropped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CLOSING_S", 0.05)
    anna = await site.enter()
    anna.socket.transport.pause_reading()
    await site.channels.drain(1)
    await until(lambda: site.channels.stats().connections == 0)
    anna.socket.transport.resume_reading()
    assert await anna.closed() == (4000, "shutdown")


async def test_frames_beyond_what_may_wait_are_left_in_the_kernel_and_none_is_lost(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 0
    receive = Connection.receive

    def receive_and_count(self: Connection, event: Event) -> None:
        nonlocal most
        receive(self, event)
        most = max(most, len(self._pending))

    monkeypatch.setattr(Connection, "receive", receive_and_count)
    async with running_site(redis) as site:
        anna = await site.enter()
        await anna.subscribe("talk:room")
        for number in range(500):
            await anna.send(op="publish", channel="talk:room", command_id=f"msg_{number:032x}", data={"text": str(number)})
        heard = [push["data"]["text"] for push in await anna.pushes(500)]
        assert heard == [str(number) for number in range(500)]
        assert 1 < most <= SessionLimits().effects_max


CONNECTIONS = 500
WARM = 100
KIB_MAX = 15
"""The stretch goal for ten thousand connections. Measured are four to five; a task, a queue and a scope for each were 32."""


async def test_an_idle_viewer_of_six_channels_costs_little_memory(valkey_url: str) -> None:
    words = (sys.executable, "-m", "tests.channels.idle_node", valkey_url)
    node = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert node.stdin
    assert node.stdout
    output = node.stdout
    try:
        port = int(await asyncio.wait_for(output.readline(), PATIENCE_S))

        async def enter(number: int) -> ClientConnection:
            viewer = await connect(f"ws://127.0.0.1:{port}/ws", compression=None, ping_interval=None)
            await viewer.send(msgspec.json.encode({"op": "connect", "id": 1, "ticket": f"ticket-{number:016d}"}).decode())
            for room in range(6):
                name = f"talk:room{room}"
                await viewer.send(msgspec.json.encode({"op": "subscribe", "id": 2 + room, "channel": name}).decode())
            assert [msgspec.json.decode(await viewer.recv())["op"] for _ in range(7)] == ["connected", *["subscribed"] * 6]
            return viewer

        async def rss_kib() -> int:
            assert node.stdin
            node.stdin.write(b"rss\n")
            return int(await asyncio.wait_for(output.readline(), PATIENCE_S))

        viewers = [await enter(number) for number in range(WARM)]
        before = await rss_kib()
        viewers += [await enter(number) for number in range(WARM, WARM + CONNECTIONS)]
        each = (await rss_kib() - before) / CONNECTIONS
        assert each < KIB_MAX
        for viewer in viewers:
            viewer.transport.abort()
    finally:
        node.kill()
        await node.wait()
