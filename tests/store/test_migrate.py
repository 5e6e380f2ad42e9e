"""Migrations lead from nothing to exactly the tables that the program uses."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import CheckConstraint, Connection, Table, insert, inspect, text

from schemas.http.notifications import NotificationKind
from server.kernel.errors import SetupError
from server.modules.notifications.tables import ITEMS
from server.store import migrate
from server.store.database import Database
from server.store.metadata import METADATA


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/data/new.sqlite3"
        return
    url = request.getfixturevalue("postgresql_url")
    yield url


@pytest.fixture(autouse=True)
async def _emptied(request: pytest.FixtureRequest, empty_url: str) -> None:
    if empty_url.startswith("postgresql"):
        database = Database(empty_url)
        async with database.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await database.dispose()


async def test_the_migrations_make_exactly_the_tables_of_the_program(empty_url: str) -> None:
    migrate.import_tables()
    await migrate.upgrade(empty_url)
    assert await migrate.differences(empty_url) == []


async def test_a_migrated_database_takes_every_kind_of_notification(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    database = Database(empty_url)
    kinds = get_args(NotificationKind)
    async with database.begin() as connection:
        for number, kind in enumerate(kinds):
            row = {
                "actor_id": "acc_1",
                "notification_id": f"ntf_{number}",
                "kind": kind,
                "params": {},
                "link": "/",
                "created_at_ms": 1,
            }
            await connection.execute(insert(ITEMS).values(row))
    await database.dispose()
    assert len(kinds) > 6


async def test_an_upgrade_leaves_nothing_pending_and_can_be_repeated(empty_url: str) -> None:
    assert (await migrate.pending(empty_url))[0] == "0001"
    await migrate.upgrade(empty_url)
    assert await migrate.pending(empty_url) == []
    await migrate.upgrade(empty_url)


async def test_processes_that_start_together_upgrade_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate.upgrade(empty_url) for _ in range(4)))
    assert await migrate.pending(empty_url) == []


async def test_a_database_of_a_newer_version_is_refused(empty_url: str) -> None:
    await migrate.upgrade(empty_url)
    database = Database(empty_url)
    async with database.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.dispose()
    with pytest.raises(SetupError, match="newer version"):
        await migrate.upgrade(empty_url)


def test_every_table_begins_with_the_name_of_its_module_and_follows_the_naming_convention() -> None:
    migrate.import_tables()
    found = 0
    for name, module in list(sys.modules.items()):
        parts = name.split(".")
        if parts[0] == "server" and parts[-1] == "tables":
            tables = [value for value in vars(module).values() if isinstance(value, Table)]
            found += len(tables)
            assert [table.name for table in tables if not table.name.startswith(f"{parts[-2]}_")] == []
            assert [table.name for table in tables if table.primary_key.name != f"pk_{table.name}"] == []
    assert found >= 4


async def test_the_migrations_make_the_checks_of_the_program_too(empty_url: str) -> None:
    """Autogeneration does not compare them; a state that only the program knows would be refused where migrations were applied.
    PostgreSQL writes a check in its own way, so there the values in it are compared."""
    migrate.import_tables()
    await migrate.upgrade(empty_url)
    database = Database(empty_url)
    meaning = _values if database.dialect == "postgresql" else _words

    def read(connection: Connection) -> list[tuple[str, str, str]]:
        inspector = inspect(connection)
        tables = inspector.get_table_names()
        checks = [(table, check) for table in tables for check in inspector.get_check_constraints(table)]
        return sorted((table, str(check["name"]), meaning(check["sqltext"])) for table, check in checks)

    async with database.reading() as connection:
        found = await connection.run_sync(read)
    await database.dispose()
    wanted = [
        (table.name, str(check.name), meaning(str(check.sqltext)))
        for table in METADATA.tables.values()
        for check in (*table.constraints, *(check for column in table.columns for check in column.constraints))
        if isinstance(check, CheckConstraint) and check.name is not None
    ]
    assert found == sorted(wanted)


def _words(sql: str) -> str:
    return " ".join(sql.split())


def _values(sql: str) -> str:
    return " ".join(sorted(re.findall(r"'[^']*'", sql)))
