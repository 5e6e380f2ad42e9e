"""Connections to Redis or Valkey, with a deadline on everything: a server that is gone means `Unavailable`, never a hang."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import BusyLoadingError, ClusterDownError, MasterDownError, OutOfMemoryError, ReadOnlyError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from server.kernel.errors import SetupError, Unavailable

DEADLINE_MS = 3_000
"""A whole operation, its retries included: a buyer waits no longer for a refusal."""
COMMAND_TIMEOUT_S = 2.0
CONNECT_TIMEOUT_S = 1.0
RETRIES = 2
"""Enough for a connection that went stale while the server restarted. What we send may arrive twice without harm: scripts know
their command ids, consumers drop events that they have seen."""
CONNECTIONS_MAX = 128
"""Per process. A caller beyond them waits for a free one, up to the deadline."""

UNREACHABLE = (
    RedisConnectionError,
    RedisTimeoutError,
    BusyLoadingError,
    ReadOnlyError,
    MasterDownError,
    ClusterDownError,
    TryAgainError,
    OutOfMemoryError,
    OSError,
    TimeoutError,
)
"""What the client raises when the server is away, loading, demoted or full: all of it passes, none is our caller's fault."""


class _CancellableSend(AbstractConnection):
    """Sends under `asyncio.timeout`. The library's `asyncio.wait_for` of Python 3.11 swallows a cancellation that arrives just
    when the bytes have left (python/cpython#86296), and with it our deadlines; it also makes a task for every command."""

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        timeout_s, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(timeout_s):
                await super().send_packed_command(command, check_health)
        except TimeoutError:
            raise RedisTimeoutError("Timeout writing to socket") from None
        finally:
            self.socket_timeout = timeout_s


class _Tcp(_CancellableSend, Connection):
    pass


class _Tls(_CancellableSend, SSLConnection):
    pass


class _Unix(_CancellableSend, UnixDomainSocketConnection):
    pass


CONNECTION_CLASSES: dict[type, type] = {Connection: _Tcp, SSLConnection: _Tls, UnixDomainSocketConnection: _Unix}


def connect(url: str) -> Redis:
    """A client for `redis://…`, `rediss://…` or `unix://…`; connects at the first command. Close it with `aclose()`.

    Replies are bytes. Reads that wait in the server do not fit its timeouts: see `server.redis.blocking`.

    Raises:
        SetupError: the URL cannot be used.
    """
    try:
        options: dict[str, Any] = dict(parse_url(url))
    except ValueError as error:
        raise SetupError(f"{url!r} is not the URL of a Redis: {error}") from error
    options["connection_class"] = CONNECTION_CLASSES[options.get("connection_class", Connection)]
    pool = BlockingConnectionPool(
        max_connections=CONNECTIONS_MAX,
        timeout=DEADLINE_MS / 1000,
        socket_timeout=COMMAND_TIMEOUT_S,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(ExponentialWithJitterBackoff(base=0.01, cap=0.2), RETRIES),
        protocol=2,
        decode_responses=False,
        # What the library would tell the server of itself takes two commands and, for its version, 2 ms of ours per connection: a
        # storm of viewers opens a hundred.
        driver_info=None,
        **options,
    )
    return Redis.from_pool(pool)


@contextlib.asynccontextmanager
async def reaching(what: str = "Redis", deadline_ms: int = DEADLINE_MS) -> AsyncIterator[None]:
    """Run Redis commands under a deadline.

    Raises:
        Unavailable: the server did not answer in time, or cannot serve now.
    """
    try:
        async with asyncio.timeout(deadline_ms / 1000):
            yield
    except UNREACHABLE as error:
        raise Unavailable(f"{what} cannot be reached: {error!r}") from error


async def run_id(client: Redis) -> str:
    """Identity of the running server process; another one after every restart."""
    async with reaching():
        info = await client.info("server")
    return str(info["run_id"])
