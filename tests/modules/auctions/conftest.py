"""The auction house that these tests bid in."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from schemas.base import Event
from server.store.database import Database
from tests.modules.auctions.house import House, modules
from tests.modules.world import close_world, make_world


@pytest.fixture
async def house(database: Database, redis: Redis) -> AsyncIterator[House]:
    """A show on air with vases, and three people who may bid; once over SQLite and once over PostgreSQL."""
    heard: list[Event] = []
    world = await make_world(database, redis, modules=modules(heard))
    made = House(world, heard)
    await made.open()
    yield made
    await made.close()
    await close_world(world)
