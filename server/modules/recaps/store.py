"""Every query of the module `recaps`."""

from collections.abc import Sequence

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.ids import REHEARSAL_PREFIX
from server.kernel.module import Store
from server.modules.recaps.rules import MINUTE_MS, Fact, Minute, Show
from server.modules.recaps.tables import FACTS, MINUTES, SHOWS

COUNTED = "message"
"""Kind of fact that is only counted, by minute: a show may have a hundred thousand of them."""
LIVE_MAX = 1_000
"""Live shows whose audience one round counts."""


async def add_fact(store: Store, show_id: str, fact: Fact) -> None:
    """Note what happened; what is known already stays as it is."""
    await store.execute(insert(FACTS).values(show_id=show_id, **fact._asdict()).on_conflict_do_nothing())


async def begin(store: Store, show: Show) -> None:
    """A show has begun."""
    await store.execute(insert(SHOWS).values(show._asdict()).on_conflict_do_nothing())


async def end(store: Store, show_id: str, ended_at_ms: int) -> None:
    """A show is over."""
    await store.execute(update(SHOWS).where(SHOWS.c.show_id == show_id).values(ended_at_ms=ended_at_ms))


async def show(store: Store, show_id: str, *, lock: bool = False) -> Show | None:
    """A show since it began; None before."""
    query = select(SHOWS).where(SHOWS.c.show_id == show_id)
    row = (await store.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else Show(*row)


async def live(store: Store) -> list[str]:
    """The shows whose audience is counted."""
    query = select(SHOWS.c.show_id).where(SHOWS.c.ended_at_ms.is_(None)).order_by(SHOWS.c.show_id).limit(LIVE_MAX)
    return [row.show_id for row in await store.execute(query)]


async def previous(store: Store, before: Show) -> Show | None:
    """The same host's last show before this one; a rehearsal was none."""
    query = select(SHOWS).where(SHOWS.c.host_id == before.host_id, SHOWS.c.started_at_ms < before.started_at_ms)
    query = query.where(~SHOWS.c.show_id.startswith(REHEARSAL_PREFIX, autoescape=True))
    row = (await store.execute(query.order_by(SHOWS.c.started_at_ms.desc()).limit(1))).one_or_none()
    return None if row is None else Show(*row)


async def save_sample(store: Store, after: Show, added: Sequence[Minute]) -> None:
    """Write what a count of the audience has changed; the show was read with `lock`."""
    await store.execute(update(SHOWS).where(SHOWS.c.show_id == after.show_id).values(after._asdict()))
    for minute in added:
        fresh = insert(MINUTES).values(show_id=after.show_id, **minute._asdict())
        sums = {name: MINUTES.c[name] + getattr(minute, name) for name in ("viewer_ms", "sampled_ms", "reactions")}
        known = select(func.max(MINUTES.c.viewers_peak)).where(
            MINUTES.c.show_id == after.show_id, MINUTES.c.at_ms == minute.at_ms
        )
        peak = max(minute.viewers_peak, int(await store.scalar(known) or 0))
        upsert = fresh.on_conflict_do_update(index_elements=["show_id", "at_ms"], set_={**sums, "viewers_peak": peak})
        await store.execute(upsert)


async def audience(store: Store, show_id: str) -> list[Minute]:
    """The minutes in which anybody was counted, in their order."""
    query = select(*(MINUTES.c[name] for name in Minute._fields)).where(MINUTES.c.show_id == show_id)
    return [Minute(*row) for row in await store.execute(query.order_by(MINUTES.c.at_ms))]


async def facts(store: Store, show_id: str) -> list[Fact]:
    """What happened in a show; what is only counted comes as one fact per minute."""
    whole = select(*(FACTS.c[name] for name in Fact._fields)).where(FACTS.c.show_id == show_id, FACTS.c.kind != COUNTED)
    found = [Fact(*row) for row in await store.execute(whole)]
    at_ms = (FACTS.c.at_ms - FACTS.c.at_ms % literal(MINUTE_MS)).label("minute_ms")
    counted = select(at_ms, func.count().label("number")).where(FACTS.c.show_id == show_id, FACTS.c.kind == COUNTED)
    rows = await store.execute(counted.group_by("minute_ms"))
    return found + [Fact(COUNTED, str(row.minute_ms), row.minute_ms, quantity=row.number) for row in rows]
