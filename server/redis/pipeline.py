"""Commands of many callers over one connection: what is asked in one tick leaves in one write, and each gets its own answer.

Awaited one by one a command costs a round trip and a hundred µs of this process; together they cost a share of both.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis.asyncio import Redis

from server.kernel.errors import Unavailable
from server.redis.connection import COMMAND_TIMEOUT_S
from server.redis.link import Link, Reply, open_link
from server.redis.scripts import Argument, Script

IN_FLIGHT_MAX = 10_000
"""Commands without an answer; one more is refused at once. More would not be answered before their deadline."""
ATTEMPTS = 3
PAUSE_S = 0.05
"""Before another attempt, doubled each time: a connection that went stale is made anew at once. A command that was sent and not
answered is sent again, so it must be one that may arrive twice."""

Arguments = Sequence[Argument] | Callable[[str], Sequence[Argument]]
"""Arguments of a script, or what makes them from the run id of the server process that will get them."""


class Pipeline:
    """Connects at the first command, and anew when the connection is lost. Close it with `close`."""

    def __init__(self, redis: Redis) -> None:
        """`redis` says where the server is."""
        self._redis = redis
        self._link: Link | None = None
        self._connecting = asyncio.Lock()
        self._closed = False

    async def command(self, *command: Argument) -> Reply:
        """The reply to a command.

        Raises:
            Unavailable: no answer in time; whether it was carried out is not known.
            hiredis.ReplyError: the server refuses it.
        """
        return await self._until_answered(lambda link: _checked(link.ask(*command)))

    async def script(self, script: Script, keys: Sequence[str], arguments: Arguments) -> Reply:
        """The reply of a script. Raises as `command`."""

        async def run(link: Link) -> Reply:
            args = arguments(link.run_id) if callable(arguments) else arguments
            reply = await link.ask("EVALSHA", script.sha, len(keys), *keys, *args)
            if isinstance(reply, hiredis.ReplyError) and str(reply).startswith("NOSCRIPT"):
                # A server that restarted has forgotten it; the text loads it again.
                reply = await link.ask("EVAL", script.text, len(keys), *keys, *args)
            if isinstance(reply, hiredis.ReplyError):
                raise reply
            return reply

        return await self._until_answered(run)

    def close(self) -> None:
        """Drop the connection; whoever waits gets `Unavailable`."""
        self._closed = True
        if self._link is not None:
            self._link.abort()

    async def _until_answered(self, work: Callable[[Link], Any]) -> Reply:
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                return await self._attempts(work)
        except TimeoutError as error:
            if self._link is not None:
                self._link.abort()  # it is silent: the next command connects anew, or learns at once that it cannot
            raise Unavailable(f"Redis did not answer within {COMMAND_TIMEOUT_S} s") from error

    async def _attempts(self, work: Callable[[Link], Any]) -> Reply:
        pause_s = PAUSE_S
        for attempt in range(ATTEMPTS):
            try:
                return await work(await self._ready())
            except Unavailable:
                if self._closed or attempt == ATTEMPTS - 1:
                    raise
            except hiredis.ReplyError as error:
                if not str(error).startswith(_PASSING) or attempt == ATTEMPTS - 1:
                    raise _translated(error) from error
            await asyncio.sleep(pause_s)
            pause_s *= 2
        raise AssertionError

    async def _ready(self) -> Link:
        if self._link is None or self._link.lost.done():
            async with self._connecting:
                if self._closed:
                    raise Unavailable("we are shutting down")
                if self._link is None or self._link.lost.done():
                    self._link = await open_link(self._redis)
        if self._link.in_flight >= IN_FLIGHT_MAX:
            raise Unavailable(f"{IN_FLIGHT_MAX} commands wait for Redis")
        return self._link


_PASSING = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "OOM")
"""Errors of a server that cannot serve now, and none of which is our caller's fault."""


async def _checked(answer: asyncio.Future[Reply]) -> Reply:
    reply = await answer
    if isinstance(reply, hiredis.ReplyError):
        raise reply
    return reply


def _translated(error: hiredis.ReplyError) -> Exception:
    return Unavailable(f"Redis cannot serve now: {error}") if str(error).startswith(_PASSING) else error
