"""An installation with a show on air, beside a receiver of webhooks on this machine."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.store.database import Database
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.http.fake_media import served
from tests.modules.world import World, close_world, make_world


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    """A receiver at a real address."""
    made = WebhookReceiver()
    async with served(made.app()) as url:
        made.origin = url
        yield made
        made.release.set()


@pytest.fixture
async def world(database: Database, redis: Redis, receiver: WebhookReceiver) -> AsyncIterator[World]:
    """An installation that trusts the receiver; once over SQLite and once over PostgreSQL."""
    made = await make_world(database, redis, webhook_hosts=receiver.origin.removeprefix("http://"))
    await made.open_show()
    yield made
    receiver.release.set()
    await close_world(made)
