"""Every query of the module `pictures`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from schemas.http.pictures import PictureView, picture_url
from server.kernel.module import Store
from server.modules.pictures.tables import PICTURES

SWEPT_MAX = 200
"""Pictures that one round of the job sweeps; an hour later come the next ones."""


async def find_upload(store: Store, owner_id: str, digest: str) -> PictureView | None:
    """The picture that this owner made of the same file, unless it is swept."""
    same = (PICTURES.c.owner_id == owner_id) & (PICTURES.c.digest == digest) & PICTURES.c.swept_at_ms.is_(None)
    row = (await store.execute(select(PICTURES).where(same).order_by(PICTURES.c.picture_id).limit(1))).one_or_none()
    return None if row is None else _view(row)


async def renew(store: Store, picture_id: str, now_ms: int) -> bool:
    """Its day begins anew; False when it was swept meanwhile."""
    alive = (PICTURES.c.picture_id == picture_id) & PICTURES.c.swept_at_ms.is_(None)
    return bool((await store.execute(update(PICTURES).where(alive).values(uploaded_at_ms=now_ms))).rowcount)


async def insert_picture(store: Store, view: PictureView, owner_id: str, digest: str, now_ms: int) -> None:
    """Store a picture whose files are on the disk."""
    row = {"picture_id": view.picture_id, "owner_id": owner_id, "digest": digest, "width": view.width, "height": view.height}
    await store.execute(insert(PICTURES).values(**row, uploaded_at_ms=now_ms))


async def use(store: Store, owner_id: str, picture_ids: Sequence[str], now_ms: int) -> list[str]:
    """Keep pictures for good; returns those that cannot be. Check and change are one statement: the job that sweeps either comes
    before, and the picture is refused, or sees that it is used."""
    missing = []
    for picture_id in sorted(set(picture_ids)):  # in one order, so that two who use the same ones do not wait in a circle
        own = (PICTURES.c.picture_id == picture_id) & (PICTURES.c.owner_id == owner_id) & PICTURES.c.swept_at_ms.is_(None)
        if not (await store.execute(update(PICTURES).where(own).values(used_at_ms=now_ms))).rowcount:
            missing.append(picture_id)
    return missing


async def swept(store: Store) -> list[str]:
    """Pictures whose files shall go."""
    query = select(PICTURES.c.picture_id).where(PICTURES.c.swept_at_ms.is_not(None)).order_by(PICTURES.c.swept_at_ms)
    return [row.picture_id for row in await store.execute(query.limit(SWEPT_MAX))]


async def known(store: Store, picture_ids: Sequence[str]) -> set[str]:
    """Those of the pictures that have a row."""
    query = select(PICTURES.c.picture_id).where(PICTURES.c.picture_id.in_(picture_ids))
    return {row.picture_id for row in await store.execute(query)}


async def mark_unused(store: Store, before_ms: int, now_ms: int) -> None:
    """Nobody may use these any more: they were uploaded before then, and nobody has."""
    unused = PICTURES.c.used_at_ms.is_(None) & PICTURES.c.swept_at_ms.is_(None) & (PICTURES.c.uploaded_at_ms < before_ms)
    await store.execute(update(PICTURES).where(unused).values(swept_at_ms=now_ms))


async def forget(store: Store, picture_ids: Sequence[str]) -> None:
    """Their files are gone."""
    await store.execute(delete(PICTURES).where(PICTURES.c.picture_id.in_(picture_ids), PICTURES.c.swept_at_ms.is_not(None)))


def _view(row: Any) -> PictureView:
    url = picture_url(row.picture_id)
    return PictureView(picture_id=row.picture_id, url=url, width=row.width, height=row.height)
