"""The world that the modules' tests live in."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.store.database import Database
from tests.fakes import follows
from tests.modules.world import World, make_world


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    """An installation without products; once over SQLite and once over PostgreSQL."""
    made = await make_world(database, redis)
    yield made
    follows.FOLLOWERS.clear()
    await made.ledger.close()
    for consumer in made.consumers.values():
        for intake in consumer._intakes:
            await intake.aclose()
