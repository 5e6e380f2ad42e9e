"""Dead letters: events that a module could not handle, kept with the reason until somebody replays or deletes them."""

import traceback
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from server.bus.tables import DEAD_LETTERS, INBOX, OUTBOX
from server.bus.topics import replay_topic
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.store.database import Database

RELAY = "(relay)"
"""`module` of a push that could not be published."""

ERROR_LENGTH_MAX = 8_000


@dataclass(frozen=True)
class DeadLetter:
    """A row of `bus_dead_letters`. `event_type` is empty when the entry could not be read."""

    id: int
    module: str
    stream: str
    entry_id: str
    event_type: str
    envelope: bytes
    error: str
    attempts: int
    failed_at_ms: int
    replayed_at_ms: int | None


def letter(
    module: str, stream: str, entry_id: str, event_type: str, envelope: bytes, error: BaseException, attempts: int, now_ms: int
) -> dict[str, Any]:
    """Values of a new row; the last lines of the traceback are kept."""
    text = "".join(traceback.format_exception(error))[-ERROR_LENGTH_MAX:]
    return {
        "module": module,
        "stream": stream,
        "entry_id": entry_id,
        "event_type": event_type,
        "envelope": envelope,
        "error": text,
        "attempts": attempts,
        "failed_at_ms": now_ms,
    }


async def list_dead_letters(
    database: Database, *, module: str | None = None, replayed: bool = False, limit: int = 100
) -> list[DeadLetter]:
    """The newest letters, oldest first; those that were replayed already only with `replayed`."""
    query = select(DEAD_LETTERS).order_by(DEAD_LETTERS.c.id.desc()).limit(limit)
    if module is not None:
        query = query.where(DEAD_LETTERS.c.module == module)
    if not replayed:
        query = query.where(DEAD_LETTERS.c.replayed_at_ms.is_(None))
    async with database.reading() as connection:
        rows = (await connection.execute(query)).all()
    return [DeadLetter(**row._mapping) for row in reversed(rows)]


async def count_dead_letters(database: Database) -> int:
    """How many letters nobody has replayed."""
    async with database.reading() as connection:
        query = select(func.count()).select_from(DEAD_LETTERS).where(DEAD_LETTERS.c.replayed_at_ms.is_(None))
        return int(await connection.scalar(query) or 0)


async def replay(database: Database, clock: Clock, letter_id: int) -> bool:
    """Give a letter to its module once more, through the outbox; False when there is none, or it was replayed before.

    Only that module gets it again, and its inbox still drops an event that has had its effect in the meantime.
    """
    async with database.begin() as connection:
        found = DEAD_LETTERS.c.id == letter_id
        row = (await connection.execute(select(DEAD_LETTERS).where(found))).one_or_none()
        if row is None or row.replayed_at_ms is not None:
            return False
        await connection.execute(update(DEAD_LETTERS).where(found).values(replayed_at_ms=clock.now_ms()))
        again: dict[str, Any] = {"kind": "event", "target": replay_topic(row.module)}
        if row.module == RELAY:
            again = {"kind": "push", "target": row.stream}
        again |= {"message_id": new_id("rpl", clock), "payload": row.envelope, "version": None, "created_at_ms": clock.now_ms()}
        await connection.execute(insert(OUTBOX).values(again))
        return True


async def prune_inbox(database: Database, before_ms: int) -> int:
    """Forget events that were handled before a moment; returns how many."""
    async with database.begin() as connection:
        done = await connection.execute(delete(INBOX).where(INBOX.c.handled_at_ms < before_ms))
        return int(done.rowcount)
