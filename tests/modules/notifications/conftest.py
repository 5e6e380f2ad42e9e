"""An installation beside a push service on this machine."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.store.database import Database
from tests.fakes.push_service import FakePushService
from tests.http.fake_media import served
from tests.modules.world import World, close_world, make_world


@pytest.fixture
async def service() -> AsyncIterator[FakePushService]:
    """A push service at a real address."""
    made = FakePushService(now_s=0)
    async with served(made.app()) as url:
        made.origin = url
        yield made


@pytest.fixture
async def world(database: Database, redis: Redis, service: FakePushService) -> AsyncIterator[World]:
    """An empty installation that trusts the push service; once over SQLite and once over PostgreSQL."""
    made = await make_world(database, redis, service.origin.removeprefix("http://"))
    service.now_s = made.clock.now_ms() // 1_000
    yield made
    await close_world(made)
