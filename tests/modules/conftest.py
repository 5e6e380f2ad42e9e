"""The world that the modules' tests live in."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.store.database import Database
from tests.modules.world import World, close_world, make_world


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    """An installation without products; once over SQLite and once over PostgreSQL."""
    made = await make_world(database, redis)
    yield made
    await close_world(made)
