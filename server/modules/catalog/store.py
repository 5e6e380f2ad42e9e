"""Every query of the module `catalog`."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.http.catalog import FundPool, OfferView, ProductView, PublishProduct, VariantView
from schemas.money import Money
from server.kernel.module import Store
from server.modules.catalog.tables import MOVES, POOLS, PRODUCTS, SALES, VARIANTS

PRODUCTS_MAX = 500
"""Products in one list; a shop of this size fits on a page, more wait for the search."""


async def product(store: Store, product_id: str) -> ProductView | None:
    """A product with its variants."""
    found = await _products(store, select(PRODUCTS).where(PRODUCTS.c.product_id == product_id))
    return found[0] if found else None


async def products(store: Store) -> list[ProductView]:
    """The newest products, newest first."""
    newest = select(PRODUCTS).order_by(PRODUCTS.c.published_at_ms.desc(), PRODUCTS.c.product_id.desc())
    return await _products(store, newest.limit(PRODUCTS_MAX))


async def insert_product(store: Store, body: PublishProduct, now_ms: int) -> bool:
    """Store a product without its variants; False when there is one with this id already."""
    row = {
        "product_id": body.product_id,
        "title": body.title,
        "description": body.description,
        "image_url": body.image_url,
        "published_at_ms": now_ms,
    }
    done = await store.execute(insert(PRODUCTS).values(row).on_conflict_do_nothing())
    return bool(done.rowcount)


async def insert_variants(store: Store, body: PublishProduct) -> list[str]:
    """Store a product's variants; returns the SKUs that are taken, which are not stored."""
    taken = []
    for position, new in enumerate(body.variants):
        row = {
            "sku": new.sku,
            "product_id": body.product_id,
            "position": position,
            "label": new.label,
            "price_minor": new.price.amount_minor,
            "currency": new.price.currency,
            "on_hand": new.on_hand,
        }
        done = await store.execute(insert(VARIANTS).values(row).on_conflict_do_nothing())
        if not done.rowcount:
            taken.append(new.sku)
    return taken


async def insert_move(store: Store, body: FundPool, now_ms: int) -> bool:
    """Note a move of units; False when it was made before."""
    row = {
        "move_id": body.move_id,
        "show_id": body.show_id,
        "sku": body.sku,
        "quantity": body.quantity,
        "per_buyer_max": body.per_buyer_max,
        "moved_at_ms": now_ms,
    }
    done = await store.execute(insert(MOVES).values(row).on_conflict_do_nothing())
    return bool(done.rowcount)


async def same_move(store: Store, body: FundPool) -> bool:
    """Whether the move that was made under this id had the same content."""
    row = (await store.execute(select(MOVES).where(MOVES.c.move_id == body.move_id))).one()
    return (row.show_id, row.sku, row.quantity, row.per_buyer_max) == (
        body.show_id,
        body.sku,
        body.quantity,
        body.per_buyer_max,
    )


async def on_hand(store: Store, sku: str) -> int | None:
    """Units in the warehouse, or None when there is no such variant."""
    found: int | None = await store.scalar(select(VARIANTS.c.on_hand).where(VARIANTS.c.sku == sku))
    return found


async def take_from_warehouse(store: Store, sku: str, quantity: int) -> bool:
    """Take units, all or none; check and change are one statement."""
    enough = (VARIANTS.c.sku == sku) & (VARIANTS.c.on_hand >= quantity)
    done = await store.execute(update(VARIANTS).where(enough).values(on_hand=VARIANTS.c.on_hand - quantity))
    return bool(done.rowcount)


async def fund_pool(store: Store, body: FundPool, now_ms: int) -> None:
    """Put units into a show's pool; the last move decides how many one buyer may have."""
    row = {
        "show_id": body.show_id,
        "sku": body.sku,
        "funded": body.quantity,
        "sold": 0,
        "per_buyer_max": body.per_buyer_max,
        "opened_at_ms": now_ms,
    }
    more = {"funded": POOLS.c.funded + body.quantity, "per_buyer_max": body.per_buyer_max}
    statement = insert(POOLS).values(row).on_conflict_do_update(index_elements=["show_id", "sku"], set_=more)
    await store.execute(statement)


async def insert_sale(store: Store, show_id: str, hold_id: str, sku: str, quantity: int, now_ms: int) -> None:
    """Count units as sold out of their pool, once per hold."""
    row = {"hold_id": hold_id, "sku": sku, "show_id": show_id, "quantity": quantity, "sold_at_ms": now_ms}
    done = await store.execute(insert(SALES).values(row).on_conflict_do_nothing())
    if done.rowcount:
        pool = (POOLS.c.show_id == show_id) & (POOLS.c.sku == sku)
        await store.execute(update(POOLS).where(pool).values(sold=POOLS.c.sold + quantity))


async def offers(store: Store, show_id: str, skus: Sequence[str] | None) -> list[OfferView]:
    """What a show sells, in the order in which its pools were opened."""
    query = (
        select(VARIANTS, PRODUCTS.c.title, PRODUCTS.c.image_url, POOLS.c.per_buyer_max)
        .join(VARIANTS, VARIANTS.c.sku == POOLS.c.sku)
        .join(PRODUCTS, PRODUCTS.c.product_id == VARIANTS.c.product_id)
        .where(POOLS.c.show_id == show_id)
        .order_by(POOLS.c.opened_at_ms, POOLS.c.sku)
    )
    if skus is not None:
        query = query.where(POOLS.c.sku.in_(skus))
    return [_offer(row) for row in await store.execute(query)]


async def _products(store: Store, query: Any) -> list[ProductView]:
    rows = list(await store.execute(query))
    ids = [row.product_id for row in rows]
    variants: dict[str, list[VariantView]] = defaultdict(list)
    found = select(VARIANTS).where(VARIANTS.c.product_id.in_(ids)).order_by(VARIANTS.c.position)
    for row in await store.execute(found):
        variants[row.product_id].append(_variant(row))
    return [
        ProductView(
            product_id=row.product_id,
            title=row.title,
            description=row.description,
            image_url=row.image_url,
            variants=variants[row.product_id],
        )
        for row in rows
    ]


def _variant(row: Any) -> VariantView:
    return VariantView(sku=row.sku, label=row.label, price=_price(row), on_hand=row.on_hand)


def _offer(row: Any) -> OfferView:
    return OfferView(
        sku=row.sku,
        product_id=row.product_id,
        title=row.title,
        label=row.label,
        image_url=row.image_url,
        price=_price(row),
        per_buyer_max=row.per_buyer_max,
    )


def _price(row: Any) -> Money:
    return Money(amount_minor=row.price_minor, currency=row.currency)
