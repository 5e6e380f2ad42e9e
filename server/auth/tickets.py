"""Single-use tickets for the first frame of a websocket: 45 seconds, in Redis, gone with the first look (`GETDEL`)."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import hiredis
from redis.asyncio import Redis

from server.auth.sessions import TOKEN_LENGTH_MAX, token_hash
from server.kernel.errors import Unavailable
from server.kernel.ids import new_secret
from server.redis.pipeline import Pipeline

T = TypeVar("T")

TICKET_MS = 45_000
"""Long enough for a slow phone to open a websocket, short enough to be worthless in a log."""
DEADLINE_S = 3


class Tickets:
    """Tickets bound to a session: a ticket of a session that has ended opens nothing."""

    def __init__(self, redis: Redis) -> None:
        # One connection for all: thousands of viewers who come back at once need one ticket each.
        self._redis = Pipeline(redis)

    def close(self) -> None:
        """Drop the connection."""
        self._redis.close()

    async def issue(self, session_hash: str) -> str:
        """A fresh ticket.

        Raises:
            Unavailable: Redis did not answer.
        """
        ticket = new_secret()
        await _in_time(self._redis.command("SET", _key(ticket), session_hash, "PX", TICKET_MS))
        return ticket

    async def redeem(self, ticket: str) -> str | None:
        """The session's hash for a ticket that is good, once; None for any other.

        Raises:
            Unavailable: Redis did not answer; the ticket may be used up.
        """
        if len(ticket) > TOKEN_LENGTH_MAX:
            return None
        value = await _in_time(self._redis.command("GETDEL", _key(ticket)))
        if value is None:
            return None
        return value.decode() if isinstance(value, bytes) else str(value)


def _key(ticket: str) -> str:
    return f"auth:ticket:{token_hash(ticket)}"


async def _in_time(answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await answer
    except (hiredis.ReplyError, TimeoutError) as error:
        raise Unavailable("tickets cannot be kept just now") from error
