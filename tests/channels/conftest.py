"""Fixtures of the websocket side."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.channels.log import ChannelLog
from tests.channels.site import Site, running_site


@pytest.fixture
async def site(redis: Redis) -> AsyncIterator[Site]:
    """A web node with the default limits."""
    async with running_site(redis) as site:
        yield site


@pytest.fixture
async def log(redis: Redis) -> AsyncIterator[ChannelLog]:
    """Logs of channels on the test's Redis."""
    log = ChannelLog(redis)
    yield log
    await log.close()
