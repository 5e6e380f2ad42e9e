"""How many are, and were, on a show: for those who count it from outside of the web processes."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, cast

from redis.asyncio import Redis

from server.channels.log import counts_key, here_key, met_key
from server.redis.connection import reaching

VIEWERS = "presence"
"""The kind of channel that everybody who watches a show is on."""
REACTIONS = "reactions"


class Seen(NamedTuple):
    """`viewers` are there now; `unique` have been there at all, each once however often they came; `reactions` is a total that
    only grows, until Redis is lost. Somebody who stayed for less than a second may be missing."""

    viewers: int
    unique: int
    reactions: int


class Audience:
    """Looks at the channels' Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def count(self, show_ids: Sequence[str]) -> list[Seen]:
        """The audience of each show, in their order.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        return list(await asyncio.gather(*(self._count(show_id) for show_id in show_ids)))

    async def _count(self, show_id: str) -> Seen:
        presence = f"{VIEWERS}:{show_id}"
        async with reaching():
            seconds, micros = await self._redis.time()
            here = cast("list[bytes]", await self._redis.hvals(here_key(presence)))
            unique = await self._redis.scard(met_key(presence))
            totals = cast("list[bytes]", await self._redis.hvals(counts_key(f"{REACTIONS}:{show_id}")))
        now_ms = seconds * 1_000 + micros // 1_000
        viewers = 0
        for entry in here:  # as presence.lua writes it
            expires_ms, count, _ = entry.split(b" ", 2)
            viewers += int(count) if int(expires_ms) > now_ms else 0
        return Seen(viewers, unique, sum(int(total) for total in totals))
