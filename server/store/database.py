"""The database: SQLite in a file by default, PostgreSQL by its URL. SQLAlchemy Core, asynchronous, no ORM."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, cast

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from server.kernel.errors import SetupError, Unavailable
from server.store.sqlite import Driver, DriverConnection

Dialect = Literal["sqlite", "postgresql"]

WAIT_S = 5.0
"""Longest wait for a connection of the pool, and for the write lock of SQLite."""
COMMAND_TIMEOUT_S = 15.0
READERS_MAX = 8
"""SQLite readers per process; each has a thread. Beyond them callers wait up to `WAIT_S`."""
CONNECTIONS_MAX = 12
"""PostgreSQL connections per process: eight processes fit into its default limit of 100."""


class Database:
    """One database of this process. SQLite: one writer, several readers (WAL); other processes may write at the same time."""

    def __init__(self, url: str, *, foreign_keys: bool = True, wait_s: float | None = None) -> None:
        """`sqlite+aiosqlite:///path` or `postgresql+asyncpg://…`; connects at the first use. SQLite migrations run without
        `foreign_keys`, because they make tables anew, and wait longer for the write lock than `WAIT_S`.

        Raises:
            SetupError: the URL names no database that we support.
        """
        self.url = parse_url(url)
        self._write_engine, self._read_engine = _engines(self.url, foreign_keys, WAIT_S if wait_s is None else wait_s)

    @property
    def dialect(self) -> Dialect:
        return "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"

    @property
    def path(self) -> Path | None:
        """File of a SQLite database."""
        return Path(self.url.database) if self.dialect == "sqlite" and self.url.database else None

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction: commit at the end of the block, roll back when it raises.

        SQLite: `BEGIN IMMEDIATE` with the first statement, so that nothing changes between reading and writing; writers wait
        for each other.
        PostgreSQL: READ COMMITTED; lock what you decide on (`with_for_update()`), or decide in the statement.

        Raises:
            Unavailable: no connection, or no write lock, in time; or the connection was lost (then the outcome is unknown).
        """
        with _translated():
            async with self._write_engine.begin() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A read-only transaction over one state of the database. Keep it short.

        Raises:
            Unavailable: no connection in time, or it was lost.
        """
        with _translated():
            async with self._read_engine.begin() as connection:
                yield connection

    async def check(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            Unavailable: it gives none.
        """
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        """Close every connection."""
        await self._read_engine.dispose()
        await self._write_engine.dispose()


def parse_url(url: str) -> URL:
    """The URL of a supported database.

    Raises:
        SetupError: it names none.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SetupError(f"DATABASE_URL={url!r} is not a URL: {error}") from error
    if parsed.drivername in ("sqlite", "sqlite+aiosqlite"):
        if not parsed.database or parsed.database == ":memory:":
            raise SetupError("DATABASE_URL: SQLite needs a file, because several processes share it")
        return parsed.set(drivername="sqlite+aiosqlite")
    if parsed.drivername in ("postgres", "postgresql", "postgresql+asyncpg"):
        return parsed.set(drivername="postgresql+asyncpg")
    raise SetupError(f"DATABASE_URL: {parsed.drivername!r} is not supported; use sqlite+aiosqlite or postgresql+asyncpg")


def _engines(url: URL, foreign_keys: bool, wait_s: float) -> tuple[AsyncEngine, AsyncEngine]:
    if url.get_backend_name() == "sqlite":
        writing = ["journal_mode=WAL", "synchronous=FULL", f"foreign_keys={'ON' if foreign_keys else 'OFF'}"]
        # One writer connection: writers of this process queue fairly in the pool; only other processes meet at the file's lock.
        reading = ["query_only=ON"]
        return _sqlite(url, "IMMEDIATE", 1, writing, wait_s), _sqlite(url, "DEFERRED", READERS_MAX, reading, wait_s)
    engine = _postgresql(url)
    return engine, engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")


def _sqlite(url: URL, mode: str, connections: int, pragmas: Sequence[str], wait_s: float) -> AsyncEngine:
    engine = create_async_engine(
        url,
        module=Driver(reads_only=mode == "DEFERRED"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=wait_s,
        connect_args={"isolation_level": None},  # how long it waits for locks, `set_up` says
    )

    def on_connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.set_up(pragmas, wait_s)

    def on_begin(connection: Connection) -> None:
        cast(DriverConnection, connection.connection.dbapi_connection).begin = f"BEGIN {mode}"

    # With `isolation_level=None` the driver begins nothing by itself (SQLAlchemy's recipe for Python below 3.12).
    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine


def _postgresql(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=WAIT_S,
        pool_pre_ping=True,
        connect_args={
            "timeout": WAIT_S,
            "command_timeout": COMMAND_TIMEOUT_S,
            # A process that was stopped or cut off in the middle of a transaction must not keep its locks.
            "server_settings": {
                "idle_in_transaction_session_timeout": "30000",
                "lock_timeout": "10000",
                "tcp_keepalives_idle": "5",
                "tcp_keepalives_interval": "2",
                "tcp_keepalives_count": "3",
            },
        },
    )


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable("the database is overloaded: no free connection") from error
    except (OperationalError, InterfaceError, DBAPIError) as error:
        if error.connection_invalidated or _passing(error.orig):
            raise Unavailable(f"the database cannot be reached: {error.orig!r}") from error
        raise
    except OSError as error:  # asyncpg: refused, no such socket, timed out
        raise Unavailable(f"the database cannot be reached: {error!r}") from error


def _passing(error: BaseException | None) -> bool:
    """Whether the same statement may succeed later: locked, shutting down, too many connections."""
    if isinstance(error, sqlite3.OperationalError):
        return error.sqlite_errorcode & 0xFF in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR,
        )
    # SQLSTATE classes: 08 connection, 53 resources, 57P0 shut-down, 55P03 lock not available, 40 serialisation and deadlock.
    state = str(getattr(error, "sqlstate", None) or "")
    return state[:2] in ("08", "53", "40") or state.startswith("57P0") or state == "55P03"
