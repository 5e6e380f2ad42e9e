"""Servers that a test may stop, hang and restart."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from redis.asyncio import Redis

from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey

PATIENCE_S = 10.0


@contextlib.asynccontextmanager
async def own_valkey(folder: Path) -> AsyncIterator[tuple[EmbeddedValkey, Redis]]:
    """A server of the test's own, and a client of it."""
    server = EmbeddedValkey(folder)
    await server.start()
    client = connect(server.url)
    try:
        yield server, client
    finally:
        await client.aclose()
        await server.stop()


@contextlib.contextmanager
def hung(server: EmbeddedValkey) -> Iterator[None]:
    """The server keeps its connections and answers nothing."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def kill(server: EmbeddedValkey) -> None:
    """`kill -9`, and wait for its end."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens by itself and tells nobody."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.005)
