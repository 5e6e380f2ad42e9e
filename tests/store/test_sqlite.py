"""How often a transaction waits for the thread of its SQLite connection, and that nothing else changes by it."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from server.kernel.errors import Unavailable
from server.store import migrate
from server.store.database import Database

THINGS = Table("store_test_things", MetaData(), Column("id", Integer, primary_key=True), Column("name", String, nullable=False))


@pytest.fixture
async def database(sqlite_database: Database) -> Database:
    """A database with one table, whose connections are open."""
    async with sqlite_database.begin() as connection:
        await connection.run_sync(THINGS.metadata.create_all)
    await sqlite_database.check()
    return sqlite_database


@contextlib.contextmanager
def journeys(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the functions that were sent to a connection's thread and waited for."""
    seen: list[str] = []
    send: Any = aiosqlite.Connection._execute

    async def counted(self: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(function.__name__)
        return await send(self, function, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(aiosqlite.Connection, "_execute", counted)
        yield seen


async def test_a_statement_is_one_journey_and_nobody_waits_for_the_end_of_reading(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with journeys(monkeypatch) as seen:
        async with database.begin() as connection:
            await connection.execute(insert(THINGS), [{"id": number, "name": str(number)} for number in range(50)])
            assert await connection.scalar(select(func.count()).select_from(THINGS)) == 50
    assert seen == ["_run", "_run", "commit"]
    with journeys(monkeypatch) as seen:
        async with database.reading() as connection:
            rows = (await connection.execute(select(THINGS).order_by(THINGS.c.id))).all()
    assert [row.name for row in rows] == [str(number) for number in range(50)]
    assert seen == ["_run"]


async def test_a_transaction_without_a_statement_is_no_journey(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with journeys(monkeypatch) as seen:
        async with database.begin(), database.reading():
            pass
    assert seen == []


async def test_readers_see_one_state_and_the_next_reader_the_new_one(database: Database) -> None:
    async with database.reading() as reader:
        assert await reader.scalar(select(func.count()).select_from(THINGS)) == 0
        async with database.begin() as writer:
            await writer.execute(insert(THINGS).values(id=1, name="one"))
        assert await reader.scalar(select(func.count()).select_from(THINGS)) == 0, "the state of its first statement"
    for _ in range(20):  # on every connection of the pool
        async with database.reading() as reader:
            assert await reader.scalar(select(func.count()).select_from(THINGS)) == 1


async def test_a_failed_statement_leaves_the_transaction_to_its_owner(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(THINGS).values(id=1, name="one"))
        with pytest.raises(IntegrityError):
            await connection.execute(insert(THINGS).values(id=1, name="again"))
        await connection.execute(insert(THINGS).values(id=2, name="two"))

    async def fail() -> None:
        async with database.begin() as connection:
            await connection.execute(insert(THINGS).values(id=3, name="three"))
            await connection.execute(insert(THINGS).values(id=1, name="again"))

    with pytest.raises(IntegrityError):
        await fail()
    async with database.reading() as reader:
        assert list((await reader.execute(select(THINGS.c.id).order_by(THINGS.c.id))).scalars()) == [1, 2]


async def test_whoever_is_cancelled_in_a_statement_leaves_nothing_behind(database: Database) -> None:
    started = asyncio.Event()

    async def write() -> None:
        async with database.begin() as connection:
            await connection.execute(insert(THINGS).values(id=1, name="one"))
            started.set()
            numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
            await connection.execute(text(numbers))

    task = asyncio.ensure_future(write())
    await started.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.begin() as connection:
        assert await connection.scalar(select(func.count()).select_from(THINGS)) == 0


async def test_readers_cannot_write(database: Database) -> None:
    async def write() -> None:
        async with database.reading() as reader:
            await reader.execute(insert(THINGS).values(id=1, name="one"))

    with pytest.raises(OperationalError, match="readonly"):
        await write()


async def test_a_closed_connection_means_unavailable_and_then_it_works_again(database: Database) -> None:
    async def lose() -> None:
        async with database.reading() as reader:
            raw = await reader.get_raw_connection()
            driver = raw.driver_connection
            assert driver is not None
            await driver.close()
            await reader.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        await lose()
    await database.check()


async def test_an_upgrade_outwaits_a_writer_that_others_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.store.database.WAIT_S", 0.05)
    url = f"sqlite+aiosqlite:///{tmp_path}/shop.sqlite3"
    holder, other = Database(url), Database(url)

    async with holder.begin() as connection:
        await connection.execute(text("CREATE TABLE held (id INTEGER)"))
        upgrading = asyncio.ensure_future(migrate.upgrade(url))
        for _ in range(3):
            with pytest.raises(Unavailable):
                await write_nothing(other)
        assert not upgrading.done()
    await upgrading
    assert await migrate.pending(url) == []
    for database in (holder, other):
        await database.dispose()


async def test_those_who_open_a_new_file_at_the_same_time_all_get_in(tmp_path: Path) -> None:
    """Each in a thread, as roles are in processes: SQLite lets one of two wait who turn a file to WAL, and refuses the other."""

    async def come(number: int) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/{number}.sqlite3")
        await write_nothing(database)
        await database.dispose()

    for number in range(60):
        await asyncio.gather(*(asyncio.to_thread(asyncio.run, come(number)) for _ in range(6)))


async def write_nothing(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(text("SELECT 1"))
