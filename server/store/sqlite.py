"""SQLite through aiosqlite with one journey to the connection's thread per statement.

Each connection of aiosqlite has a thread, and each call of it waits for that thread and then for a turn of the event loop.
SQLAlchemy's adapter makes four calls of a query (open a cursor, execute, fetch, close), three of `BEGIN`, and one to end: eight
waits for one read. In a crowd, when a turn of the loop takes ten milliseconds, these waits are what people wait for. Here a
statement is one call, `BEGIN` travels with the first statement, and the end of a transaction that only read is not waited for.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.util.concurrency import await_

AGAIN_S = 0.01
"""Between two tries to set up a connection."""


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """What `create_async_engine(module=…)` takes for a driver."""

    def __init__(self, *, reads_only: bool) -> None:
        """`reads_only`: its transactions change nothing, so nobody waits for their end."""
        super().__init__(aiosqlite, sqlite3)
        self._reads_only = reads_only

    def connect(self, *arg: Any, **kw: Any) -> "DriverConnection":
        """A connection, once it is open."""
        connection = DriverConnection(self, super().connect(*arg, **kw)._connection)
        connection.reads_only = self._reads_only
        return connection


class DriverConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose statements are one call each."""

    __slots__ = ("begin", "is_open", "reads_only")

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.begin: str | None = None
        """The `BEGIN …` of a transaction that has not had its first statement."""
        self.is_open = False
        """Whether the transaction has had it."""
        self.reads_only = False

    def cursor(self, server_side: bool = False) -> Any:
        """A cursor that fetches everything at once."""
        assert not server_side, "a transaction is too short to fetch rows one by one"
        return _Cursor(self)

    def commit(self) -> None:
        """Commit the transaction, if it ever began."""
        if self._ends():
            super().commit()

    def rollback(self) -> None:
        """Roll the transaction back, if it ever began."""
        if self._ends():
            super().rollback()

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """The result of a function that runs in the connection's thread."""
        try:
            return await_(self._connection._execute(function, self._connection._conn, *args))
        except Exception as error:  # noqa: BLE001 - raised again as SQLAlchemy expects it
            self._handle_exception(error)

    def set_up(self, pragmas: Sequence[str], wait_s: float) -> None:
        """Set `name=value` pairs of a new connection, in one journey."""
        self.call(_set_up, pragmas, wait_s)

    def _ends(self) -> bool:
        """Whether the caller must see to the end of a transaction; the pool asks for an end when there was one already."""
        was_open, self.begin, self.is_open = self.is_open, None, False
        if not was_open:
            return False
        if self.reads_only and self._connection._connection is not None:
            # Whatever is asked next of this connection comes after it.
            self._connection._tx.put_nowait((None, self._connection._connection.rollback))
            return False
        return True


class _Done(NamedTuple):
    """What is left of a statement."""

    description: Any
    rowcount: int
    lastrowid: int | None
    rows: list[Any]


class _Cursor:
    """The part of a DB-API cursor (PEP 249) that SQLAlchemy uses."""

    arraysize = 1

    def __init__(self, connection: DriverConnection) -> None:
        self._connection = connection
        self._done = _Done(None, -1, None, [])
        self._rows: deque[Any] = deque()

    @property
    def description(self) -> Any:
        """Names of the columns; None when the statement has no rows."""
        return self._done.description

    @property
    def rowcount(self) -> int:
        """Rows that the statement changed."""
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Row id of the last row that was inserted."""
        return self._done.lastrowid

    def execute(self, operation: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement and fetch its rows."""
        self._run(sqlite3.Cursor.execute, operation, parameters)

    def executemany(self, operation: str, seq_of_parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement that has no rows, once per parameters."""
        self._run(sqlite3.Cursor.executemany, operation, seq_of_parameters)

    def fetchone(self) -> Any:
        """The next row."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        """The rest of the rows."""
        rest = list(self._rows)
        self._rows.clear()
        return rest

    def __iter__(self) -> Iterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    def close(self) -> None:
        """Forget the rows."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """SQLAlchemy asks for it before it leaves asynchronous code; the real cursor is closed already."""

    def _run(self, method: Callable[..., Any], operation: str, parameters: Any) -> None:
        begin, self._connection.begin = self._connection.begin, None
        self._connection.is_open |= begin is not None
        self._done = self._connection.call(_run, begin, method, operation, parameters)
        self._rows = deque(self._done.rows)


def _set_up(connection: sqlite3.Connection, pragmas: Sequence[str], wait_s: float) -> None:
    """In the connection's thread. Of two who turn a new file to WAL at the same time SQLite refuses one at once, because both
    waiting would be for ever: who was refused comes again."""
    connection.execute("PRAGMA busy_timeout=0").close()  # what is waited is waited here
    for pragma in pragmas:
        for attempts_left in range(int(wait_s / AGAIN_S), -1, -1):
            try:
                connection.execute(f"PRAGMA {pragma}").close()
                break
            except sqlite3.OperationalError as error:
                if not attempts_left or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(AGAIN_S)
    connection.execute(f"PRAGMA busy_timeout={int(wait_s * 1000)}").close()


def _run(connection: sqlite3.Connection, begin: str | None, method: Callable[..., Any], operation: str, parameters: Any) -> _Done:
    """In the connection's thread."""
    cursor = connection.cursor()
    try:
        if begin is not None:
            cursor.execute(begin)
        method(cursor, operation, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()
