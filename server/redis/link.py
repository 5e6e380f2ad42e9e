"""A connection to Redis without a client library on the hot path: packed commands go out, hiredis parses what comes in.

`redis.asyncio` spends some 17 µs on each pub/sub message and 100 µs on each awaited command; here it is one µs and a share of a
write. How to connect (address, TLS, user) is still what `redis.asyncio` made of the URL.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis
from redis.asyncio import Redis
from redis.credentials import UsernamePasswordCredentialProvider

from server.kernel.errors import Unavailable
from server.redis.connection import CONNECT_TIMEOUT_S, UNREACHABLE
from server.redis.scripts import Argument

Reply = Any
"""What hiredis makes of RESP2: bytes, int, None, list, or a `hiredis.ReplyError` as a value."""


_MORE = object()
"""What the parser says when a reply has not come in whole."""


class Link(asyncio.Protocol):
    """One connection. Replies are matched with commands in order; pub/sub messages go to `on_message`, if there is one.

    `run_id` is the identity of the server process behind it: whatever this connection is told, that process has said.
    """

    def __init__(self, on_message: Callable[[bytes, bytes], None] | None = None) -> None:
        self.run_id = ""
        self.lost = asyncio.get_running_loop().create_future()
        """Done when the connection has ended."""
        self.received = 0
        """Reads from the socket so far: one that stops growing is silent."""
        self._on_message = on_message
        self._reader = hiredis.Reader(notEnoughData=_MORE)
        self._transport: asyncio.Transport | None = None
        self._answers: deque[asyncio.Future[Reply]] = deque()
        self._outgoing: list[bytes] = []

    @property
    def in_flight(self) -> int:
        """Commands without an answer yet."""
        return len(self._answers)

    def ask(self, *command: Argument) -> asyncio.Future[Reply]:
        """Send a command, in one write with what else is sent in this tick. The future raises `Unavailable` if the connection is
        lost; an error of the server is its result."""
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self.lost.done():
            _fail(answer)
            return answer
        self._answers.append(answer)
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._write)
        self._outgoing.append(hiredis.pack_command(cast(Any, command)))
        return answer

    def abort(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self) -> None:
        data, self._outgoing = b"".join(self._outgoing), []
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += 1
        reader, on_message = self._reader, self._on_message
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _MORE:
                if type(reply) is list and on_message is not None and reply[0] == b"smessage":
                    on_message(reply[1], reply[2])
                elif self._answers:
                    answer = self._answers.popleft()
                    if not answer.done():
                        answer.set_result(reply)
        except hiredis.ProtocolError:
            self.abort()  # not a Redis, or we have lost the thread

    def connection_lost(self, exc: Exception | None) -> None:
        answers, self._answers = self._answers, deque()
        for answer in answers:
            if not answer.done():
                _fail(answer)
        if not self.lost.done():
            self.lost.set_result(None)


def _fail(answer: asyncio.Future[Reply]) -> None:
    answer.set_exception(Unavailable("the connection to Redis was lost"))
    answer.exception()  # whoever asked may be gone; that is no reason for a warning


async def open_link(redis: Redis, on_message: Callable[[bytes, bytes], None] | None = None) -> Link:
    """A connection of its own to the server of `redis`, authenticated and ready.

    Raises:
        Unavailable: the server is away, does not answer in time, or refuses us.
    """
    link = Link(on_message)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await _connect(redis, link)
    except UNREACHABLE as error:
        link.abort()
        raise Unavailable(f"Redis cannot be reached: {error!r}") from error
    except BaseException:
        link.abort()
        raise
    return link


async def _connect(redis: Redis, link: Link) -> None:
    pool = redis.connection_pool
    how: Any = pool.connection_class(**pool.connection_kwargs)  # never connected: it only says what the URL means
    loop = asyncio.get_running_loop()
    if hasattr(how, "path"):
        await loop.create_unix_connection(lambda: link, how.path)
    else:
        context = how.ssl_context.get() if hasattr(how, "ssl_context") else None
        await loop.create_connection(lambda: link, how.host, how.port, ssl=context)
    asked: list[asyncio.Future[Reply]] = []
    if how.credential_provider or how.username or how.password:
        provider = how.credential_provider or UsernamePasswordCredentialProvider(how.username, how.password)
        asked.append(link.ask("AUTH", *await provider.get_credentials_async()))
    if how.db:
        asked.append(link.ask("SELECT", how.db))
    asked.append(link.ask("INFO", "server"))
    replies = await asyncio.gather(*asked)
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            raise Unavailable(f"Redis refuses: {reply}")
    link.run_id = run_id_of(replies[-1])


def run_id_of(info: bytes) -> str:
    """From the reply to INFO."""
    lines = dict(line.partition(":")[::2] for line in info.decode().splitlines())
    return lines["run_id"]
