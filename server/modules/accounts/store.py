"""Every query of the module `accounts`; what belongs to identity is in `server.auth.store`."""

from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from server.kernel.module import Store
from server.modules.accounts.tables import ERASURES

DUE_MAX = 20
"""Erasures of one round; each asks every module something."""


class Erasure(NamedTuple):
    """An erasure that will be told again."""

    actor_id: str
    erased_at_ms: int
    told: int


async def insert_erasure(store: Store, actor_id: str, now_ms: int, next_at_ms: int) -> None:
    """Remember to tell it again."""
    row = {"actor_id": actor_id, "erased_at_ms": now_ms, "told": 1, "next_at_ms": next_at_ms}
    await store.execute(insert(ERASURES).values(row).on_conflict_do_nothing())


async def due(store: Store, now_ms: int) -> list[Erasure]:
    """Erasures that are to be told now, the longest waiting first."""
    query = select(ERASURES).where(ERASURES.c.next_at_ms <= now_ms).order_by(ERASURES.c.next_at_ms).limit(DUE_MAX)
    return [Erasure(row.actor_id, row.erased_at_ms, row.told) for row in await store.execute(query)]


async def put_off(store: Store, actor_id: str, told: int, next_at_ms: int) -> None:
    """It was told `told` times, and will be again."""
    which = ERASURES.c.actor_id == actor_id
    await store.execute(update(ERASURES).where(which).values(told=told, next_at_ms=next_at_ms))


async def forget(store: Store, actor_id: str) -> None:
    """It was told for the last time."""
    await store.execute(delete(ERASURES).where(ERASURES.c.actor_id == actor_id))
