"""Every query of the module `giveaways`."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from server.kernel.module import Store
from server.modules.giveaways.rules import Entrant, Giveaway, running
from server.modules.giveaways.tables import ENTRIES, GIVEAWAYS
from server.store.rows import rows_of

SHOWN_MAX = 20
"""Giveaways in a list, the newest."""
DUE_MAX = 20
"""Draws of one round; the next one comes within a second."""

FIELDS = Giveaway.__struct_fields__
ENTRANT_FIELDS = Entrant.__struct_fields__


async def giveaway(store: Store, giveaway_id: str, *, lock: bool = False) -> Giveaway | None:
    """A giveaway; `lock` keeps others from changing it until the transaction ends."""
    query = select(GIVEAWAYS).where(GIVEAWAYS.c.giveaway_id == giveaway_id)
    row = (await store.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _giveaway(row)


async def giveaways_of(store: Store, show_id: str) -> list[Giveaway]:
    """The newest giveaways of a show, newest first."""
    newest = (GIVEAWAYS.c.asked_at_ms.desc(), GIVEAWAYS.c.giveaway_id.desc())
    rows = await store.execute(select(GIVEAWAYS).where(GIVEAWAYS.c.show_id == show_id).order_by(*newest).limit(SHOWN_MAX))
    return [_giveaway(row) for row in rows]


async def in_state(store: Store, state: str, ended_before_ms: int) -> list[Giveaway]:
    """Giveaways in this state whose time was over before, oldest first."""
    found = (GIVEAWAYS.c.state == state) & (GIVEAWAYS.c.ends_at_ms <= ended_before_ms)
    rows = await store.execute(select(GIVEAWAYS).where(found).order_by(GIVEAWAYS.c.ends_at_ms).limit(DUE_MAX))
    return [_giveaway(row) for row in rows]


async def insert_giveaway(store: Store, made: Giveaway) -> bool:
    """Store a new giveaway; False when its id is taken, or another one of the show is running."""
    done = await store.execute(insert(GIVEAWAYS).values(_row(made)).on_conflict_do_nothing())
    return bool(done.rowcount)


async def update_giveaway(store: Store, changed: Giveaway) -> None:
    """Write a giveaway that was read under its lock."""
    await store.execute(update(GIVEAWAYS).where(GIVEAWAYS.c.giveaway_id == changed.giveaway_id).values(_row(changed)))


async def put_entry(
    store: Store, giveaway_id: str, show_id: str, entrant_id: str, *, name: str = "", seq: int | None = None
) -> None:
    """Note that somebody takes part. The answer to them knows their name, the log their place; the later one adds its own."""
    row = {"giveaway_id": giveaway_id, "show_id": show_id, "entrant_id": entrant_id, "name": name, "seq": seq}
    first = insert(ENTRIES).values({**row, "present": False, "won": False})
    news = {"seq": seq} if seq is not None else {"name": name}
    await store.execute(first.on_conflict_do_update(index_elements=["giveaway_id", "entrant_id"], set_=news))


async def say_here(store: Store, giveaway_id: str, entrant_id: str, now_ms: int) -> bool:
    """Note a "here"; False when this person does not take part."""
    own = (ENTRIES.c.giveaway_id == giveaway_id) & (ENTRIES.c.entrant_id == entrant_id)
    done = await store.execute(update(ENTRIES).where(own).values(here_at_ms=now_ms))
    return bool(done.rowcount)


async def close_roll_call(store: Store, giveaway_id: str) -> None:
    """Whoever said "here" by now is on the list of the draw."""
    here = (ENTRIES.c.giveaway_id == giveaway_id) & ENTRIES.c.here_at_ms.is_not(None) & ENTRIES.c.seq.is_not(None)
    await store.execute(update(ENTRIES).where(here).values(present=True))


async def entrants(store: Store, giveaway_id: str) -> list[Entrant]:
    """Who takes part, in the order of the ledger's log, as far as it was heard."""
    heard = (ENTRIES.c.giveaway_id == giveaway_id) & ENTRIES.c.seq.is_not(None)
    return [_entrant(row) for row in await store.execute(select(ENTRIES).where(heard).order_by(ENTRIES.c.seq))]


async def has_entered(store: Store, giveaway_id: str, entrant_id: str) -> bool:
    """Whether somebody takes part."""
    own = (ENTRIES.c.giveaway_id == giveaway_id) & (ENTRIES.c.entrant_id == entrant_id)
    return bool(await store.scalar(select(func.count()).select_from(ENTRIES).where(own)))


async def set_winners(store: Store, giveaway_id: str, winners: Collection[str]) -> None:
    """These won."""
    won = (ENTRIES.c.giveaway_id == giveaway_id) & ENTRIES.c.entrant_id.in_(list(winners))
    await store.execute(update(ENTRIES).where(won).values(won=True))


async def winners(store: Store, giveaway_ids: Sequence[str]) -> dict[str, list[Entrant]]:
    """Who won these giveaways."""
    found: dict[str, list[Entrant]] = {giveaway_id: [] for giveaway_id in giveaway_ids}
    query = select(ENTRIES).where(ENTRIES.c.giveaway_id.in_(giveaway_ids), ENTRIES.c.won).order_by(ENTRIES.c.seq)
    for row in await store.execute(query):
        found[row.giveaway_id].append(_entrant(row))
    return found


async def present(store: Store, giveaway_ids: Sequence[str]) -> dict[str, int]:
    """How many said "here" in time."""
    counted = select(ENTRIES.c.giveaway_id, func.count()).where(ENTRIES.c.giveaway_id.in_(giveaway_ids), ENTRIES.c.present)
    return {row[0]: row[1] for row in await store.execute(counted.group_by(ENTRIES.c.giveaway_id))}


async def entries_of(store: Store, show_id: str, entrant_id: str) -> list[tuple[str, bool]]:
    """What somebody takes part in, and whether they said "here"."""
    own = (ENTRIES.c.show_id == show_id) & (ENTRIES.c.entrant_id == entrant_id)
    rows = await store.execute(select(ENTRIES.c.giveaway_id, ENTRIES.c.here_at_ms).where(own).order_by(ENTRIES.c.giveaway_id))
    return [(row.giveaway_id, row.here_at_ms is not None) for row in rows]


def _giveaway(row: Any) -> Giveaway:
    return Giveaway(**{name: getattr(row, name) for name in FIELDS})


def _entrant(row: Any) -> Entrant:
    return Entrant(**{name: getattr(row, name) for name in ENTRANT_FIELDS})


def _row(known: Giveaway) -> dict[str, Any]:
    return {**{name: getattr(known, name) for name in FIELDS}, "running": running(known)}


async def forget_person(store: Store, actor_id: str) -> None:
    """Somebody's entries have no name any more."""
    await store.execute(update(ENTRIES).where(ENTRIES.c.entrant_id == actor_id).values(name=ERASED_NAME))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """In which giveaways somebody took part."""
    return {"entries": await rows_of(store, ENTRIES, ENTRIES.c.entrant_id == actor_id)}
