"""Transactions, the same over SQLite and PostgreSQL."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from server.kernel.errors import SetupError, Unavailable
from server.store.database import Database

METADATA = MetaData()  # of its own: the product's tables are not needed here
COUNTERS = Table("store_test_counters", METADATA, Column("id", Integer, primary_key=True), Column("n", Integer, nullable=False))
CHILDREN = Table(
    "store_test_children",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("counter_id", ForeignKey("store_test_counters.id"), nullable=False),
)

WRITER = """
import asyncio, sys
from sqlalchemy import text
from server.store.database import Database
async def main():
    database = Database(sys.argv[1])
    for _ in range(25):
        async with database.begin() as connection:
            n = (await connection.execute(text("SELECT n FROM store_test_counters WHERE id = 1"))).scalar_one()
            await connection.execute(text("UPDATE store_test_counters SET n = :n WHERE id = 1"), {"n": n + 1})
    await database.dispose()
asyncio.run(main())
"""


@pytest.fixture
async def sqlite_database(sqlite_database: Database) -> Database:
    """The shared fixture, with the tables of these tests."""
    return await with_tables(sqlite_database)


@pytest.fixture
async def postgresql_database(postgresql_database: Database) -> Database:
    """The shared fixture, with the tables of these tests."""
    return await with_tables(postgresql_database)


async def with_tables(database: Database) -> Database:
    async with database.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    return database


async def write_nothing(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(text("SELECT 1"))


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(COUNTERS)) or 0)


async def test_a_block_commits_or_leaves_nothing(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(COUNTERS).values(id=1, n=0))

    async def fail_half_way() -> None:
        async with database.begin() as connection:
            await connection.execute(insert(COUNTERS).values(id=2, n=0))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await fail_half_way()
    assert await count(database) == 1


async def test_reading_sees_one_state_and_cannot_write(database: Database) -> None:
    async with database.reading() as connection:
        before = await connection.scalar(select(func.count()).select_from(COUNTERS))
        async with database.begin() as writing:
            await writing.execute(insert(COUNTERS).values(id=1, n=0))
        assert await connection.scalar(select(func.count()).select_from(COUNTERS)) == before
    assert await count(database) == 1
    with pytest.raises(DBAPIError):
        async with database.reading() as connection:
            await connection.execute(insert(COUNTERS).values(id=2, n=0))
    assert await count(database) == 1


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await connection.execute(insert(CHILDREN).values(id=1, counter_id=404))


async def test_concurrent_writers_of_one_process_lose_no_update(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(COUNTERS).values(id=1, n=0))

    async def add_one() -> None:
        async with database.begin() as connection:
            query = select(COUNTERS.c.n).where(COUNTERS.c.id == 1).with_for_update()
            n = int(await connection.scalar(query) or 0)
            await connection.execute(update(COUNTERS).values(n=n + 1))

    await asyncio.gather(*(add_one() for _ in range(40)))
    async with database.reading() as connection:
        assert await connection.scalar(select(COUNTERS.c.n)) == 40


async def test_sqlite_processes_that_read_and_then_write_wait_for_each_other(sqlite_database: Database) -> None:
    async with sqlite_database.begin() as connection:
        await connection.execute(insert(COUNTERS).values(id=1, n=0))
    url = sqlite_database.url.render_as_string(hide_password=False)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, url]) for _ in range(3)]  # noqa: ASYNC220 - the test waits for them
    assert [await asyncio.to_thread(writer.wait, 60) for writer in writers] == [0, 0, 0]
    async with sqlite_database.reading() as connection:
        assert await connection.scalar(select(COUNTERS.c.n)) == 75


async def test_sqlite_is_durable_and_readers_do_not_wait_for_the_writer(sqlite_database: Database) -> None:
    async with sqlite_database.begin() as connection:
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2  # FULL
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
        await connection.execute(insert(COUNTERS).values(id=1, n=0))
        assert await count(sqlite_database) == 0


async def test_a_lock_that_is_never_released_means_unavailable(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.database.WAIT_S", 0.2)
    other = Database(sqlite_database.url.render_as_string(hide_password=False))
    try:
        async with sqlite_database.begin() as connection:
            await connection.execute(insert(COUNTERS).values(id=1, n=0))
            with pytest.raises(Unavailable):
                await write_nothing(other)
    finally:
        await other.dispose()


async def test_a_server_that_is_away_means_unavailable(tmp_path: Path) -> None:
    for url in (f"postgresql://someone@/shop?host={tmp_path}", "postgresql+asyncpg://someone@127.0.0.1:1/shop"):
        database = Database(url)
        with pytest.raises(Unavailable):
            await database.check()
        await database.dispose()


async def test_a_connection_that_the_server_ended_means_unavailable_and_then_it_works_again(
    postgresql_database: Database,
) -> None:
    async def end_own_session() -> None:
        async with postgresql_database.begin() as connection:
            pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with postgresql_database.begin() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await connection.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        await end_own_session()
    await postgresql_database.check()


@pytest.mark.parametrize("url", ["nonsense", "mysql://localhost/shop", "sqlite+aiosqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_work_is_one_clear_line(url: str) -> None:
    with pytest.raises(SetupError, match="DATABASE_URL"):
        Database(url)
