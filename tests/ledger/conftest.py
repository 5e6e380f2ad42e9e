"""A blocking client beside the asynchronous one: property tests run thousands of short calls."""

from collections.abc import Iterator

import pytest
import redis


@pytest.fixture
def blocking(valkey_url: str) -> Iterator[redis.Redis]:
    """Client of an empty server that does not sync: these tests kill nothing, so they need not wait for the disk each time."""
    client = redis.Redis.from_url(valkey_url, protocol=2)
    client.flushall()
    client.config_set("appendfsync", "no")
    yield client
    client.config_set("appendfsync", "always")
    client.close()
