"""Fixtures for every test: a real Valkey, real databases, and a clock that stands still."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import hypothesis
import pytest
from redis.asyncio import Redis
from sqlalchemy.engine import make_url

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


ALWAYS_ON_POSTGRESQL = (
    "tests/auth/",
    "tests/bus/",
    "tests/ledger/",
    "tests/store/",
    "tests/modules/accounts/",
    "tests/modules/orders/test_routes.py",
    "tests/modules/test_saga.py",
)
"""What the rest stands on, and one whole purchase. The other modules' tests run on SQLite, and on both with `make reference`."""


MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 4 * 1024**3


def pytest_configure() -> None:
    """What tests write stays in memory where there is plenty of it: servers that sync before they answer wait for the disk most
    of the time, and no test is about the disk. What they compile stays compiled."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN:
        os.environ["TMPDIR"] = str(MEMORY)  # for the processes that tests start, too
        tempfile.tempdir = None
    # Tests start hundreds of processes, and compiling our own modules is half of what a start costs.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is for `make reference`."""
    for item in items:
        call = getattr(item, "callspec", None)
        on_postgresql = call is not None and call.params.get("database") == "postgresql"
        if on_postgresql and not item.nodeid.startswith(ALWAYS_ON_POSTGRESQL):
            item.add_marker("reference")


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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and nothing in them. Making a hundred tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    asyncio.run(_create_tables(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
async def sqlite_database(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """A SQLite database with the tables of every module that the test run has imported."""
    path = tmp_path / "test.sqlite3"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}")
    yield database
    await database.dispose()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> str:
    """Name of a database with the same tables, empty."""
    name = "template_of_tests"

    async def make() -> None:
        await _administer(postgresql_url, f"CREATE DATABASE {name}")
        await _create_tables(_sibling(postgresql_url, name))

    asyncio.run(make())
    return name


@pytest.fixture
async def postgresql_database(postgresql_url: str, postgresql_template: str) -> AsyncIterator[Database]:
    """A PostgreSQL database with the same tables, empty."""
    name = "one_test"
    await _administer(postgresql_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await _administer(postgresql_url, f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    database = Database(_sibling(postgresql_url, name))
    yield database
    await database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """The test runs twice: over SQLite and over PostgreSQL."""
    made: Database = request.getfixturevalue(f"{request.param}_database")
    return made


async def _create_tables(url: str) -> None:
    database = Database(url)
    async with database.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await database.dispose()


async def _administer(url: str, statement: str) -> None:
    """A statement that may not stand in a transaction."""
    connection = await asyncpg.connect(user="tester", database="postgres", host=make_url(url).query["host"])
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _sibling(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
