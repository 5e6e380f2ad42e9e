"""Every query of the module `shows`."""

from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from schemas.http.shows import RunItem, ShowView
from server.kernel.module import Store
from server.modules.shows.rules import Run, Show
from server.modules.shows.tables import INGEST, RUN_ITEMS, RUNS, SHOWS
from server.store.rows import rows_of

SHOWS_MAX = 200
"""Shows of each state in one list; older ones are for the search."""

VIEW_FIELDS = ShowView.__struct_fields__
ITEM_FIELDS = RunItem.__struct_fields__
SERVER_FIELDS = ("stream_at_ms", "stream_node_id", "version")


async def show(store: Store, show_id: str, *, lock: bool = False) -> Show | None:
    """A show. `lock` keeps others from changing it until the transaction ends (in SQLite every write transaction does)."""
    query = select(SHOWS).where(SHOWS.c.show_id == show_id)
    row = (await store.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _show(row)


async def shows(store: Store, actor_id: str) -> list[ShowView]:
    """The shows that an actor may see in a list, the newest of each state; rehearsals are in none."""
    found: list[ShowView] = []
    for state in ("live", "scheduled", "ended"):
        query = (
            select(SHOWS)
            .where(SHOWS.c.state == state, or_(SHOWS.c.unlisted.is_(False), SHOWS.c.host_id == actor_id))
            .where(SHOWS.c.rehearsal_of.is_(None))
            .order_by(SHOWS.c.scheduled_at_ms.desc())
            .limit(SHOWS_MAX)
        )
        found += [_show(row).view for row in await store.execute(query)]
    return found


async def rehearsal(store: Store, show_id: str) -> Show | None:
    """The rehearsal of a show that has not ended. There is one at most: whoever makes one has locked the show."""
    query = select(SHOWS).where(SHOWS.c.rehearsal_of == show_id, SHOWS.c.state != "ended")
    row = (await store.execute(query)).one_or_none()
    return None if row is None else _show(row)


async def live_rehearsals(store: Store) -> list[ShowView]:
    """The rehearsals that are live, the oldest first."""
    query = select(SHOWS).where(SHOWS.c.state == "live", SHOWS.c.rehearsal_of.is_not(None))
    rows = await store.execute(query.order_by(SHOWS.c.started_at_ms, SHOWS.c.show_id).limit(SHOWS_MAX))
    return [_show(row).view for row in rows]


async def forgotten_rehearsal(store: Store, before_ms: int) -> str | None:
    """The oldest rehearsal that was made before that moment and has not ended."""
    query = select(SHOWS.c.show_id).where(SHOWS.c.rehearsal_of.is_not(None), SHOWS.c.state != "ended")
    query = query.where(SHOWS.c.scheduled_at_ms < before_ms).order_by(SHOWS.c.scheduled_at_ms).limit(1)
    found: str | None = await store.scalar(query)
    return found


async def insert_show(store: Store, made: Show, token: str, now_ms: int) -> bool:
    """Store a new show with its stream token; False when there is one with this id already."""
    done = await store.execute(insert(SHOWS).values(_row(made)).on_conflict_do_nothing())
    if done.rowcount:
        await store.execute(insert(INGEST).values(show_id=made.view.show_id, token=token, made_at_ms=now_ms))
    return bool(done.rowcount)


async def update_show(store: Store, changed: Show) -> None:
    """Write a show that was read with `lock`."""
    await store.execute(update(SHOWS).where(SHOWS.c.show_id == changed.view.show_id).values(_row(changed)))


async def ingest_token(store: Store, show_id: str) -> str | None:
    """The token with which the host publishes."""
    found: str | None = await store.scalar(select(INGEST.c.token).where(INGEST.c.show_id == show_id))
    return found


async def run(store: Store, show_id: str) -> Run:
    """The run of a show; an empty one at version 0 when nothing was planned. For a change the show is locked."""
    row = (await store.execute(select(RUNS).where(RUNS.c.show_id == show_id))).one_or_none()
    if row is None:
        return Run()
    rows = await store.execute(select(RUN_ITEMS).where(RUN_ITEMS.c.show_id == show_id).order_by(RUN_ITEMS.c.position))
    items = tuple(RunItem(**{name: getattr(each, name) for name in ITEM_FIELDS}) for each in rows)
    return Run(items=items, current_id=row.current_id, current_since_ms=row.current_since_ms, version=row.version)


async def save_run(store: Store, show_id: str, before: Run, after: Run) -> None:
    """Write a run that was read while its show was locked."""
    head = {"version": after.version, "current_id": after.current_id, "current_since_ms": after.current_since_ms}
    first = insert(RUNS).values(show_id=show_id, **head)
    await store.execute(first.on_conflict_do_update(index_elements=["show_id"], set_=head))
    if after.items == before.items:
        return
    await store.execute(delete(RUN_ITEMS).where(RUN_ITEMS.c.show_id == show_id))
    rows = [{"show_id": show_id, "position": at, **_item_row(item)} for at, item in enumerate(after.items)]
    if rows:
        await store.execute(insert(RUN_ITEMS), rows)


def _item_row(item: RunItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in ITEM_FIELDS}


def _show(row: Any) -> Show:
    view = ShowView(**{name: getattr(row, name) for name in VIEW_FIELDS})
    return Show(view=view, pinned=tuple(row.pinned), **{name: getattr(row, name) for name in SERVER_FIELDS})


def _row(show: Show) -> dict[str, Any]:
    fields = {name: getattr(show.view, name) for name in VIEW_FIELDS}
    return {**fields, "pinned": list(show.pinned), **{name: getattr(show, name) for name in SERVER_FIELDS}}


async def unfinished(store: Store, host_id: str) -> list[ShowView]:
    """Shows of a host that have not ended."""
    query = select(SHOWS).where(SHOWS.c.host_id == host_id, SHOWS.c.state != "ended").order_by(SHOWS.c.scheduled_at_ms)
    return [_show(row).view for row in await store.execute(query.limit(SHOWS_MAX))]


async def forget_person(store: Store, actor_id: str) -> None:
    """The shows of a host have no name of theirs any more."""
    await store.execute(update(SHOWS).where(SHOWS.c.host_id == actor_id).values(host_name=ERASED_NAME))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """The shows that somebody hosted."""
    return {"hosted": await rows_of(store, SHOWS, SHOWS.c.host_id == actor_id, ("stream_node_id",))}
