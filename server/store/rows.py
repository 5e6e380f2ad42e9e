"""Whole rows as JSON would have them, for handing somebody what is kept of them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Table, select

ROWS_MAX = 10_000
"""Of one table for one person: years of talking. A file with more would not open in an editor either."""


async def rows_of(reader: Any, table: Table, which: ColumnElement[bool], without: Collection[str] = ()) -> list[dict[str, Any]]:
    """Rows of a table, in the order of their keys, without some columns. `reader` is a connection or a unit's store."""
    columns = [column for column in table.c if column.name not in without]
    query = select(*columns).where(which).order_by(*table.primary_key.columns).limit(ROWS_MAX)
    return [dict(row._mapping) for row in await reader.execute(query)]
