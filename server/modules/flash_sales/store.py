"""Every query of the module `flash_sales`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from server.kernel.module import Store
from server.modules.flash_sales.rules import Item, Sale, Waiter, running
from server.modules.flash_sales.tables import ITEMS, SALES, WAITS
from server.store.rows import rows_of

SHOWN_MAX = 50
"""Sales in the studio's list, the newest."""
WAITS_MAX = 20
"""Places in line of one person in one show that a page is told of, the newest."""

SALE_FIELDS = tuple(name for name in Sale.__struct_fields__ if name != "items")
ITEM_FIELDS = Item.__struct_fields__
WAIT_FIELDS = Waiter.__struct_fields__


async def sale(store: Store, sale_id: str, *, lock: bool = False) -> Sale | None:
    """A sale with its products; `lock` keeps others from changing it until the transaction ends."""
    query = select(SALES).where(SALES.c.sale_id == sale_id)
    found = await _sales(store, query.with_for_update() if lock else query)
    return found[0] if found else None


async def sales_of(store: Store, show_id: str, sale_ids: Sequence[str] | None = None) -> list[Sale]:
    """The newest sales of a show, or these of them; newest first."""
    query = select(SALES).where(SALES.c.show_id == show_id)
    if sale_ids is not None:
        query = query.where(SALES.c.sale_id.in_(sale_ids))
    newest = query.order_by(SALES.c.asked_at_ms.desc(), SALES.c.sale_id.desc())
    return await _sales(store, newest.limit(SHOWN_MAX) if sale_ids is None else newest)


async def unfinished(store: Store, show_id: str) -> list[Sale]:
    """Sales of a show that nobody has ended."""
    query = select(SALES).where(SALES.c.show_id == show_id, SALES.c.state.in_(("opening", "open")), SALES.c.closing.is_(False))
    return await _sales(store, query.order_by(SALES.c.sale_id))


async def insert_sale(store: Store, made: Sale) -> bool:
    """Store a new sale without its products; False when there is one with this id already."""
    done = await store.execute(insert(SALES).values(_row(made)).on_conflict_do_nothing())
    return bool(done.rowcount)


async def insert_items(store: Store, made: Sale) -> list[str]:
    """Store a new sale's products; returns those that another running sale of the show has, which are not stored."""
    stacked = []
    for position, item in enumerate(made.items):
        fields = {name: getattr(item, name) for name in ITEM_FIELDS}
        row = {**fields, "sale_id": made.sale_id, "show_id": made.show_id, "position": position, "running": True}
        done = await store.execute(insert(ITEMS).values(row).on_conflict_do_nothing())
        if not done.rowcount:
            stacked.append(item.sku)
    return stacked


async def update_sale(store: Store, changed: Sale) -> None:
    """Write a sale that was read under its lock."""
    await store.execute(update(SALES).where(SALES.c.sale_id == changed.sale_id).values(_row(changed)))
    if not running(changed):
        await store.execute(update(ITEMS).where(ITEMS.c.sale_id == changed.sale_id).values(running=False))


async def wait(store: Store, wait_id: str) -> Waiter | None:
    """A place in line."""
    row = (await store.execute(select(WAITS).where(WAITS.c.wait_id == wait_id))).one_or_none()
    return None if row is None else _wait(row)


async def waits_of(store: Store, show_id: str, buyer_id: str) -> list[Waiter]:
    """Somebody's newest places in the lines of a show, newest first."""
    own = (WAITS.c.show_id == show_id) & (WAITS.c.buyer_id == buyer_id)
    query = select(WAITS).where(own).order_by(WAITS.c.joined_at_ms.desc(), WAITS.c.wait_id.desc())
    return [_wait(row) for row in await store.execute(query.limit(WAITS_MAX))]


async def place(store: Store, found: Waiter) -> int:
    """How many stand in line up to this place, itself included. Whose fact was not heard yet stands behind all others."""
    ahead = (WAITS.c.show_id == found.show_id) & (WAITS.c.sku == found.sku) & (WAITS.c.state == "waiting")
    ahead &= WAITS.c.wait_id != found.wait_id
    if found.seq is not None:
        ahead &= WAITS.c.seq < found.seq
    counted: int | None = await store.scalar(select(func.count()).select_from(WAITS).where(ahead))
    return 1 + (counted or 0)


async def put_wait(store: Store, known: Waiter) -> None:
    """Note a place in line. Told twice, by the answer and by the log, what came last in the line's order stays: `waiting` never
    comes after `served` or `left`."""
    row = {name: getattr(known, name) for name in WAIT_FIELDS}
    first = insert(WAITS).values(row)
    news = {"state": first.excluded.state, "expires_at_ms": first.excluded.expires_at_ms}
    where = or_(WAITS.c.state == "waiting", WAITS.c.state == first.excluded.state)
    await store.execute(first.on_conflict_do_update(index_elements=["wait_id"], set_=news, where=where))
    if known.seq is not None:
        await store.execute(update(WAITS).where(WAITS.c.wait_id == known.wait_id, WAITS.c.seq.is_(None)).values(seq=known.seq))


async def leave(store: Store, wait_id: str) -> None:
    """Somebody stands in line no more, or does not want what they were given."""
    await store.execute(update(WAITS).where(WAITS.c.wait_id == wait_id).values(state="left"))


async def _sales(store: Store, query: Any) -> list[Sale]:
    rows = list(await store.execute(query))
    ids = [row.sale_id for row in rows]
    items: dict[str, list[Item]] = {sale_id: [] for sale_id in ids}
    found = select(ITEMS).where(ITEMS.c.sale_id.in_(ids)).order_by(ITEMS.c.position)
    for row in await store.execute(found):
        items[row.sale_id].append(Item(**{name: getattr(row, name) for name in ITEM_FIELDS}))
    return [Sale(**{name: getattr(row, name) for name in SALE_FIELDS}, items=tuple(items[row.sale_id])) for row in rows]


def _wait(row: Any) -> Waiter:
    return Waiter(**{name: getattr(row, name) for name in WAIT_FIELDS})


def _row(known: Sale) -> dict[str, Any]:
    return {name: getattr(known, name) for name in SALE_FIELDS}


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """For what somebody stood in line."""
    return {"waits": await rows_of(store, WAITS, WAITS.c.buyer_id == actor_id)}
