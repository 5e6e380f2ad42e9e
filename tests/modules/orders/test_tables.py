"""A migrated database keeps exactly the promises that the tables state: no check is missing, none of an older version is left."""

import re
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, text

from server.modules.orders import tables
from server.store import migrate
from server.store.database import Database

TABLES = [tables.ORDERS, tables.LINES, tables.ATTEMPTS, tables.REFUNDS, tables.RETURNS, tables.SHIPPING]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
async def test_a_migrated_table_has_the_checks_of_the_program_and_no_others(table: "tables.Table", tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/shop.sqlite3"
    await migrate.upgrade(url)
    database = Database(url)
    async with database.reading() as connection:
        made = str(await connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table.name}))
    await database.dispose()
    found = sorted(re.findall(r"CONSTRAINT (ck_\w+) CHECK \((.*)\),?\s*$", made, re.MULTILINE))
    wanted = sorted((str(each.name), str(each.sqltext)) for each in table.constraints if isinstance(each, CheckConstraint))
    assert found == wanted
