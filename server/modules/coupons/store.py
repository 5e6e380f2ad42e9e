"""Every query of the module `coupons`."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from server.kernel.module import Store
from server.modules.coupons.rules import Coupon
from server.modules.coupons.tables import COUPONS

SHOWN_MAX = 100
"""Coupons in the studio's list, the newest."""

FIELDS = Coupon.__struct_fields__


async def insert_coupon(store: Store, made: Coupon) -> bool:
    """Store a new coupon; False when its id, or its code in this show, is taken."""
    row = {name: getattr(made, name) for name in FIELDS}
    done = await store.execute(insert(COUPONS).values(row).on_conflict_do_nothing())
    return bool(done.rowcount)


async def coupon(store: Store, coupon_id: str, *, lock: bool = False) -> Coupon | None:
    """A coupon; `lock` keeps others from changing it until the transaction ends."""
    query = select(COUPONS).where(COUPONS.c.coupon_id == coupon_id)
    return _coupon((await store.execute(query.with_for_update() if lock else query)).one_or_none())


async def coupon_of_code(store: Store, show_id: str, code: str) -> Coupon | None:
    """The coupon that has this code in a show."""
    query = select(COUPONS).where(COUPONS.c.show_id == show_id, COUPONS.c.code == code)
    return _coupon((await store.execute(query)).one_or_none())


async def coupons_of(store: Store, show_id: str) -> list[Coupon]:
    """The newest coupons of a show, newest first."""
    newest = (COUPONS.c.issued_at_ms.desc(), COUPONS.c.coupon_id.desc())
    rows = await store.execute(select(COUPONS).where(COUPONS.c.show_id == show_id).order_by(*newest).limit(SHOWN_MAX))
    return [Coupon(**{name: getattr(row, name) for name in FIELDS}) for row in rows]


async def set_state(store: Store, changed: Coupon) -> None:
    """Write the state of a coupon that was read under its lock."""
    await store.execute(update(COUPONS).where(COUPONS.c.coupon_id == changed.coupon_id).values(state=changed.state))


def _coupon(row: Any) -> Coupon | None:
    return None if row is None else Coupon(**{name: getattr(row, name) for name in FIELDS})
