"""Identity over real databases and a real Valkey, with cheap hashes."""

from collections.abc import AsyncIterator, Iterator

import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis

from server.auth import tables  # noqa: F401 - its tables must be known before the databases are made
from server.auth.passwords import Passwords
from server.auth.service import Auth
from server.kernel.config import Settings
from server.store.database import Database
from tests.fakes.clock import FakeClock


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """Argon2id with the least cost: the tests are about what happens, not how long it takes."""
    made = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield made
    made.close()


@pytest.fixture
async def auth(database: Database, redis: Redis, clock: FakeClock, passwords: Passwords) -> AsyncIterator[Auth]:
    """The service under test, on SQLite and on PostgreSQL."""
    made = Auth(database, redis, clock, Settings(), passwords)
    yield made
    await made.close()
