"""Fixtures for every test: a real Valkey, real databases, and a clock that stands still."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey
from server.store.database import Database
from server.store.metadata import METADATA
from tests.fakes.clock import FakeClock
from tests.fakes.postgresql import PostgreSQL, find_binaries

hypothesis.settings.register_profile(
    "usual", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
"""No timed assertion: how long an example takes depends on what else the machine does."""
hypothesis.settings.load_profile("usual")
hypothesis.settings.register_profile("fuzz", max_examples=5_000, deadline=None)
"""`make fuzz`: for tests that do not say themselves how many examples they take."""


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """URL of a real Valkey with the product's own settings; one for the whole run."""
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        server = EmbeddedValkey(Path(folder))
        asyncio.run(server.start())
        try:
            yield server.url
        finally:
            asyncio.run(server.stop())


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """A client of that server, which is empty at the start of the test."""
    client = connect(valkey_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that only moves when told."""
    return FakeClock()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """URL of a real PostgreSQL; without one installed the tests that need it are skipped, and fail when `CI=true`."""
    binaries = find_binaries()
    if binaries is None:
        reason = "no PostgreSQL is installed (looked in /usr/lib/postgresql and PATH); `apt-get install postgresql` gives one"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with PostgreSQL(binaries) as server:
        yield server.url


@pytest.fixture
async def sqlite_database(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database with the tables of every module that the test run has imported."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}")
    await _create_tables(database)
    yield database
    await database.dispose()


@pytest.fixture
async def postgresql_database(postgresql_url: str) -> AsyncIterator[Database]:
    """A PostgreSQL database with the same tables, empty."""
    database = Database(postgresql_url)
    async with database.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await _create_tables(database)
    yield database
    await database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """The test runs twice: over SQLite and over PostgreSQL."""
    made: Database = request.getfixturevalue(f"{request.param}_database")
    return made


async def _create_tables(database: Database) -> None:
    async with database.begin() as connection:
        await connection.run_sync(METADATA.create_all)
