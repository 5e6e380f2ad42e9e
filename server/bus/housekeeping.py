"""Keeps the bus from growing: trims topics, forgets old inbox rows. Any number of workers may run it; it does no harm twice."""

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis

from server.bus.dead_letters import prune_inbox
from server.bus.topics import trim
from server.kernel.clock import Clock
from server.kernel.tasks import forever
from server.store.database import Database

EVERY_S = 30.0
INBOX_KEPT_MS = 7 * 24 * 3_600_000
"""An event can come again as long as it is unacknowledged somewhere; a week without any worker is more than any outage."""


class Housekeeping:
    """`topics` are the static topics, as `Sources.topics` lists them."""

    def __init__(self, database: Database, redis: Redis, topics: Sequence[str], clock: Clock) -> None:
        self._database = database
        self._redis = redis
        self._topics = tuple(topics)
        self._clock = clock

    async def run(self) -> None:
        """Clean up for ever; end it by cancelling."""
        await forever(self._step, "housekeeping")

    async def step(self) -> None:
        """Clean up once.

        Raises:
            Unavailable: Redis or the database is away.
        """
        for topic in self._topics:
            await trim(self._redis, topic)
        await prune_inbox(self._database, self._clock.now_ms() - INBOX_KEPT_MS)

    async def _step(self) -> None:
        await self.step()
        await asyncio.sleep(EVERY_S)
