"""News that somebody's session has ended or that their rights have changed, for every web node: `PUBLISH channels:revoked`.

Rare, and only news: whoever was not listening looks at everybody again. So a plain publication is enough, and no log is kept.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis

from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.redis.connection import UNREACHABLE, reaching

CHANNEL = "channels:revoked"
PROBE_S = 5.0
"""How long the line may be silent before it is asked for a sign of life."""

log = get_logger(__name__)


class Revoked(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of news. `sessions` are hashes, as the table of sessions has them."""

    actors: Sequence[str] = ()
    sessions: Sequence[str] = ()


async def announce(redis: Redis, revoked: Revoked) -> None:
    """Tell every node that listens now.

    Raises:
        Unavailable: Redis did not take it in time.
    """
    async with reaching():
        await redis.publish(CHANNEL, msgspec.json.encode(revoked))


async def listen(redis: Redis, on_begin: Callable[[], object], on_news: Callable[[Revoked], object]) -> None:
    """Hand on news until the line is lost. `on_begin` is called once it stands: from then on nothing is missed.

    Raises:
        Unavailable: the line could not be had, or is lost.
    """
    pubsub = redis.pubsub()
    try:
        async with reaching():
            await pubsub.subscribe(CHANNEL)
        while True:
            message = await _next(pubsub)
            if message["type"] == "subscribe":
                on_begin()
            elif message["type"] == "message":
                _hand_on(message["data"], on_news)
    except UNREACHABLE as error:
        raise Unavailable(f"the line for revocations is lost: {error!r}") from error
    finally:
        await pubsub.aclose()  # type: ignore[no-untyped-call]


async def _next(pubsub: Any) -> dict[str, Any]:
    """The next message; a line that is silent is asked for a sign of life, and lost when none comes."""
    asked = False
    while True:
        message: dict[str, Any] | None = await pubsub.get_message(timeout=PROBE_S)
        if message is not None:
            if message["type"] != "pong":
                return message
            asked = False
        elif asked:
            raise TimeoutError("no answer to a ping")
        else:
            async with asyncio.timeout(PROBE_S):
                await pubsub.ping()
            asked = True


def _hand_on(data: bytes, on_news: Callable[[Revoked], object]) -> None:
    try:
        revoked = msgspec.json.decode(data, type=Revoked)
    except msgspec.DecodeError as error:
        log.error("news of a revocation that cannot be read", error=repr(error))  # noqa: TRY400 - the data says it all
        return
    on_news(revoked)
