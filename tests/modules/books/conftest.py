"""An installation with a show on air, whose host sells."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.store.database import Database
from tests.modules.world import World, close_world, make_world


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    """Once over SQLite and once over PostgreSQL."""
    made = await make_world(database, redis)
    await made.open_show()
    yield made
    await close_world(made)
