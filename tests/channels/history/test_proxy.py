"""The bad network really is bad: each of its troubles is seen at the ends."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator

import pytest

from tests.channels.history.proxy import Proxy, proxied

DEADLINE_S = 5.0


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """Before a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                writer.write(data)
        writer.transport.abort()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with proxied(server.sockets[0].getsockname()[1], random.Random(1)) as proxy:
        yield proxy
    server.close()
    await asyncio.sleep(0.01)  # the echo's ends hear of it


async def say(proxy: Proxy, words: bytes) -> tuple[bytes, float]:
    """What comes back within a second, and after how many seconds it was all there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(words)
    began, heard, last = time.monotonic(), b"", 0.0
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(1.0):
            while len(heard) < len(words) and (data := await reader.read(1000)):
                heard += data
                last = time.monotonic() - began
    writer.transport.abort()
    return heard, last


async def test_fair_weather_hands_everything_on(proxy: Proxy) -> None:
    assert (await say(proxy, b"hello"))[0] == b"hello"


async def test_latency_delays(proxy: Proxy) -> None:
    proxy.change(latency_s=0.1)
    heard, after_s = await say(proxy, b"hello")
    assert heard == b"hello"
    assert after_s >= 0.2, "once there and once back"


async def test_a_drip_hands_on_byte_by_byte(proxy: Proxy) -> None:
    proxy.change(down_bytes_per_s=20)
    heard, _ = await say(proxy, b"x" * 100)
    assert 5 <= len(heard) <= 25


@pytest.mark.parametrize("after", [0, 1, 4])
async def test_a_cut_comes_after_so_many_bytes(proxy: Proxy, after: int) -> None:
    proxy.change(cut_down_after=after)
    assert (await say(proxy, b"hello"))[0] == b"hello"[:after]
    proxy.change(cut_up_after=after)
    assert b"hello".startswith((await say(proxy, b"hello"))[0])


@pytest.mark.parametrize("trouble", ["swallow", "stall"])
async def test_a_black_hole_gives_nothing_and_closes_nothing(proxy: Proxy, trouble: str) -> None:
    proxy.change(**{trouble: True})
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await reader.read(1)
    writer.transport.abort()


async def test_a_connection_that_lost_bytes_does_not_go_on_when_the_weather_is_fair_again(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"a")
    assert await reader.read(1) == b"a"
    proxy.change(swallow=True)
    writer.write(b"b")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await reader.read(1)
    proxy.change()
    writer.write(b"c")
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read(1) == b""
    writer.transport.abort()
