"""Brings a database to the tables of this version. For developers: `python -m server.store.migrate revision "what changes"`."""

import asyncio
import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from server.kernel.errors import SetupError
from server.store.database import Database, parse_url
from server.store.metadata import METADATA

FOLDER = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x65666D69  # "efmi"
OTHERS_S = 120.0
"""Roles that start together upgrade once: the others wait until it is done, and tables of a long season take their time."""

ResultT = TypeVar("ResultT")


async def upgrade(url: str) -> None:
    """Apply every migration that is missing, all in one transaction. Processes that start at the same time wait for each other.

    Raises:
        SetupError: the database is of a newer version than this program, or its folder cannot be written.
        Unavailable: the database is away.
    """
    _make_folder(url)

    def run(connection: Connection) -> None:
        applied = _applied(connection)
        unknown = applied - {script.revision for script in _scripts().walk_revisions()}
        if unknown:
            raise SetupError(f"the database is of a newer version ({', '.join(unknown)}): install that version, or use a backup")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    await _within(url, run)


async def pending(url: str) -> list[str]:
    """Names of the migrations that the database lacks, oldest first.

    Raises:
        Unavailable: the database is away.
    """
    _make_folder(url)
    applied = await _within(url, _applied)
    done = {step.revision for head in applied for step in _scripts().iterate_revisions(head, "base")}
    return [step.revision for step in reversed(list(_scripts().walk_revisions())) if step.revision not in done]


async def differences(url: str) -> list[Any]:
    """What autogeneration would change: empty when the migrations describe the tables that the program has imported."""

    def run(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    return await _within(url, run)


def import_tables() -> None:
    """Import every `tables` module of the server, so that `METADATA` is complete; for the developer command and for tests."""
    package = importlib.import_module("server")
    for info in pkgutil.walk_packages(package.__path__, "server."):
        if info.name.rpartition(".")[2] == "tables":
            importlib.import_module(info.name)


async def make_revision(message: str) -> None:
    """Write a new migration into `versions/`: the difference between the migrations so far and the tables."""
    import_tables()
    number = f"{len(list(_scripts().walk_revisions())) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/empty.sqlite3"
        await upgrade(url)

        def run(connection: Connection) -> None:
            config = _config()
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=number)

        await _within(url, run)


async def _within(url: str, function: Callable[[Connection], ResultT]) -> ResultT:
    database = Database(url, foreign_keys=False, wait_s=OTHERS_S)
    try:
        async with database.begin() as connection:
            if database.dialect == "postgresql":  # SQLite's write transaction excludes others by itself
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            return await connection.run_sync(function)
    finally:
        await database.dispose()


def _applied(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _make_folder(url: str) -> None:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"cannot use the folder of {parsed.database}: {error.strerror}") from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    # Of use to `revision` only, which needs the development tools: new steps look like the rest of the code.
    config.set_section_option("post_write_hooks", "hooks", "ruff")
    config.set_section_option("post_write_hooks", "ruff.type", "module")
    config.set_section_option("post_write_hooks", "ruff.module", "ruff")
    config.set_section_option("post_write_hooks", "ruff.options", "format REVISION_SCRIPT_FILENAME")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "revision":
        sys.exit('usage: python -m server.store.migrate revision "what changes"')
    asyncio.run(make_revision(sys.argv[2]))
