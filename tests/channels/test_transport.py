"""The contract with uvicorn's insides. Red after an upgrade: read `websockets_sansio_impl.py` again, then mend transport.py."""

import inspect

import pytest
import uvicorn
import uvloop
from redis.asyncio import Redis
from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import connect

from server.channels.limits import HubLimits
from server.channels.transport import WEBSOCKET_PROTOCOL, WEBSOCKET_SETTINGS, LiveProtocol, wire_of
from server.redis.connection import connect as connect_redis
from tests.channels.site import Site, enter_stuck, fill, running_site


def test_this_is_the_uvicorn_that_the_adapter_was_written_for() -> None:
    assert uvicorn.__version__.split(".")[:2] == ["0", "54"]
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for relied_on in (
        "self.writable.set()",
        "self.transport.write(",
        "self.handshake_complete = True",
        "task = self.loop.create_task(self.run_asgi())",
    ):
        assert relied_on in source
    assert inspect.iscoroutinefunction(WebSocketsSansIOProtocol.run_asgi)
    for hook in ("pause_writing", "resume_writing", "connection_lost"):
        assert not inspect.iscoroutinefunction(getattr(WebSocketsSansIOProtocol, hook))


def test_uvicorn_takes_the_protocol_and_the_settings() -> None:
    config = uvicorn.Config(lambda: None, ws=WEBSOCKET_PROTOCOL, **WEBSOCKET_SETTINGS)
    config.load()
    assert config.ws_protocol_class is LiveProtocol
    assert (config.ws_per_message_deflate, config.ws_ping_interval) == (False, None)


async def test_compression_that_a_browser_offers_is_declined(site: Site) -> None:
    async with connect(f"ws://{site.address}/ws", compression="deflate") as socket:
        assert socket.protocol.extensions == []


async def test_a_server_without_the_protocol_says_what_is_missing() -> None:
    async def nothing() -> None:
        """Never called."""

    websocket = WebSocket({"type": "websocket", "extensions": {}}, nothing, nothing)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="WEBSOCKET_PROTOCOL"):
        wire_of(websocket)


def test_a_stuck_viewer_is_noticed_and_caught_up_under_uvloop_too(valkey_url: str) -> None:
    async def scenario() -> None:
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

    uvloop.run(scenario())


async def test_what_is_written_past_uvicorn_arrives_between_its_own_frames(redis: Redis) -> None:
    async with running_site(redis) as site:
        anna = await site.enter()
        for number in range(20):
            pong = await anna.ask(op="ping", t0_ms=float(number))
            assert pong["t0_ms"] == number
            await (await anna.socket.ping())  # uvicorn answers this one itself
        await anna.leave()
        assert anna.socket.close_code == 1000
