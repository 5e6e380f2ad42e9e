"""Every query of the module `catalog`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.http.catalog import (
    ChangePrice,
    FundPool,
    NewVariant,
    OfferView,
    PoolReturnView,
    ProductView,
    PublishProduct,
    StockEntryView,
    VariantView,
)
from schemas.money import Money
from server.kernel.module import Store
from server.modules.catalog import rules
from server.modules.catalog.tables import ENDED, MOVES, POOLS, PRICES, PRODUCTS, RETURNS, SALES, STOCK, VARIANTS

PRODUCTS_MAX = 500
"""Products in one list; a shop of this size fits on a page, more wait for the search."""


@dataclass(frozen=True)
class StockEntry:
    """A change of the warehouse."""

    entry_id: str
    sku: str
    change: int
    kind: str
    reason: str
    made_by: str


async def product(store: Store, product_id: str, now_ms: int) -> ProductView | None:
    """A product with its variants."""
    found = await _products(store, select(PRODUCTS).where(PRODUCTS.c.product_id == product_id), now_ms)
    return found[0] if found else None


async def product_of(store: Store, sku: str, now_ms: int) -> ProductView | None:
    """The product that a variant belongs to."""
    product_id = await store.scalar(select(VARIANTS.c.product_id).where(VARIANTS.c.sku == sku))
    return None if product_id is None else await product(store, product_id, now_ms)


async def lock_product(store: Store, product_id: str) -> None:
    """Keep others from changing a product until the transaction ends."""
    await store.execute(select(PRODUCTS.c.product_id).where(PRODUCTS.c.product_id == product_id).with_for_update())


async def products(store: Store, now_ms: int, *, archived: bool = False) -> list[ProductView]:
    """The newest products, newest first: those that are offered, or those that are archived."""
    wanted = PRODUCTS.c.archived_at_ms.is_not(None) if archived else PRODUCTS.c.archived_at_ms.is_(None)
    newest = select(PRODUCTS).where(wanted).order_by(PRODUCTS.c.published_at_ms.desc(), PRODUCTS.c.product_id.desc())
    return await _products(store, newest.limit(PRODUCTS_MAX), now_ms)


async def insert_product(store: Store, body: PublishProduct, now_ms: int) -> bool:
    """Store a product without its variants; False when there is one with this id already."""
    row = {
        "product_id": body.product_id,
        "title": body.title,
        "description": body.description,
        "image_url": body.image_url,
        "pictures": list(body.pictures),
        "published_at_ms": now_ms,
    }
    done = await store.execute(insert(PRODUCTS).values(row).on_conflict_do_nothing())
    return bool(done.rowcount)


async def insert_variants(store: Store, body: PublishProduct, now_ms: int) -> list[str]:
    """Store a product's variants; returns the SKUs that are taken, which are not stored."""
    taken = []
    for position, new in enumerate(body.variants):
        if not await insert_variant(store, body.product_id, position, new, now_ms):
            taken.append(new.sku)
    return taken


async def insert_variant(store: Store, product_id: str, position: int, new: NewVariant, now_ms: int) -> bool:
    """Store a variant of a product; False when its SKU is taken."""
    row = {
        "sku": new.sku,
        "product_id": product_id,
        "position": position,
        "label": new.label,
        "price_minor": new.price.amount_minor,
        "currency": new.price.currency,
        "on_hand": new.on_hand,
        "tax_rate_bp": new.tax_rate_bp,
    }
    done = await store.execute(insert(VARIANTS).values(row).on_conflict_do_nothing())
    if done.rowcount:
        await _insert_price(store, product_id, new.sku, new.price, now_ms)
    return bool(done.rowcount)


async def update_product(store: Store, changed: ProductView) -> None:
    """Write what is said and shown of a product that was read with its lock."""
    own_file = None if changed.pictures else changed.image_url
    values = {"title": changed.title, "description": changed.description, "pictures": changed.pictures, "image_url": own_file}
    await store.execute(update(PRODUCTS).where(PRODUCTS.c.product_id == changed.product_id).values(values))


async def archive(store: Store, product_id: str, archived_at_ms: int | None) -> bool:
    """Archive a product, or with None restore it; False when it is so already."""
    other = PRODUCTS.c.archived_at_ms.is_not(None) if archived_at_ms is None else PRODUCTS.c.archived_at_ms.is_(None)
    change = update(PRODUCTS).where(PRODUCTS.c.product_id == product_id, other).values(archived_at_ms=archived_at_ms)
    return bool((await store.execute(change)).rowcount)


async def is_archived(store: Store, sku: str) -> bool:
    """Whether the product of a variant is archived. Locked, so that nobody archives it between this and the move."""
    query = (
        select(PRODUCTS.c.archived_at_ms)
        .join(VARIANTS, VARIANTS.c.product_id == PRODUCTS.c.product_id)
        .where(VARIANTS.c.sku == sku)
        .with_for_update(of=PRODUCTS, read=True)
    )
    return await store.scalar(query) is not None


async def shows_that_sell(store: Store, product_id: str, limit: int) -> list[str]:
    """Shows that sell something of a product and are not over, the latest first."""
    query = (
        select(POOLS.c.show_id)
        .join(VARIANTS, VARIANTS.c.sku == POOLS.c.sku)
        .outerjoin(ENDED, ENDED.c.show_id == POOLS.c.show_id)
        .where(VARIANTS.c.product_id == product_id, ENDED.c.show_id.is_(None))
        .distinct()
        .order_by(POOLS.c.show_id.desc())
    )
    return [row.show_id for row in await store.execute(query.limit(limit))]


async def insert_move(store: Store, body: FundPool, now_ms: int) -> bool:
    """Note a move of units; False when it was made before."""
    row = {
        "move_id": body.move_id,
        "show_id": body.show_id,
        "sku": body.sku,
        "quantity": body.quantity,
        "per_buyer_max": body.per_buyer_max,
        "moved_at_ms": now_ms,
        "listed": body.listed,
    }
    done = await store.execute(insert(MOVES).values(row).on_conflict_do_nothing())
    return bool(done.rowcount)


async def same_move(store: Store, body: FundPool) -> bool:
    """Whether the move that was made under this id had the same content."""
    row = (await store.execute(select(MOVES).where(MOVES.c.move_id == body.move_id))).one()
    stored = (row.show_id, row.sku, row.quantity, row.per_buyer_max, row.listed)
    return stored == (body.show_id, body.sku, body.quantity, body.per_buyer_max, body.listed)


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
    """Put units into a show's pool; the last move decides how many one buyer may have, and whether they have a price."""
    row = {
        "show_id": body.show_id,
        "sku": body.sku,
        "funded": body.quantity,
        "sold": 0,
        "per_buyer_max": body.per_buyer_max,
        "opened_at_ms": now_ms,
        "listed": body.listed,
    }
    more = {"funded": POOLS.c.funded + body.quantity, "per_buyer_max": body.per_buyer_max, "listed": body.listed}
    statement = insert(POOLS).values(row).on_conflict_do_update(index_elements=["show_id", "sku"], set_=more)
    await store.execute(statement)


async def insert_sale(store: Store, show_id: str, hold_id: str, sku: str, quantity: int, now_ms: int) -> None:
    """Count units as sold out of their pool, once per hold."""
    row = {"hold_id": hold_id, "sku": sku, "show_id": show_id, "quantity": quantity, "sold_at_ms": now_ms}
    done = await store.execute(insert(SALES).values(row).on_conflict_do_nothing())
    if done.rowcount:
        pool = (POOLS.c.show_id == show_id) & (POOLS.c.sku == sku)
        await store.execute(update(POOLS).where(pool).values(sold=POOLS.c.sold + quantity))


async def undo_sale(store: Store, show_id: str, hold_id: str, sku: str, now_ms: int) -> None:
    """Count units as not sold any more, once."""
    sale = (SALES.c.hold_id == hold_id) & (SALES.c.sku == sku)
    if (quantity := await store.scalar(select(SALES.c.quantity).where(sale, SALES.c.restocked_at_ms.is_(None)))) is None:
        return
    undone = update(SALES).where(sale, SALES.c.restocked_at_ms.is_(None)).values(restocked_at_ms=now_ms)
    if (await store.execute(undone)).rowcount:
        pool = (POOLS.c.show_id == show_id) & (POOLS.c.sku == sku)
        await store.execute(update(POOLS).where(pool).values(sold=POOLS.c.sold - quantity))


async def pools(store: Store, show_id: str) -> list[rules.Pool]:
    """What a show was given, in the order in which its pools were opened."""
    query = select(POOLS).where(POOLS.c.show_id == show_id).order_by(POOLS.c.opened_at_ms, POOLS.c.sku)
    return [rules.Pool(row.sku, row.funded, row.per_buyer_max, row.listed) for row in await store.execute(query)]


async def pool_free(store: Store, show_id: str, sku: str) -> tuple[int, int] | None:
    """Units of a pool that are not sold, and its limit per buyer; None when there is no such pool."""
    query = select(POOLS.c.funded - POOLS.c.sold, POOLS.c.per_buyer_max).where(POOLS.c.show_id == show_id, POOLS.c.sku == sku)
    row = (await store.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def insert_return(store: Store, move_id: str, show_id: str, sku: str, quantity: int, now_ms: int) -> bool:
    """Note that units shall come back; False when that was asked before."""
    row = {"move_id": move_id, "show_id": show_id, "sku": sku, "quantity": quantity, "state": "asked", "asked_at_ms": now_ms}
    return bool((await store.execute(insert(RETURNS).values(row).on_conflict_do_nothing())).rowcount)


async def get_return(store: Store, move_id: str) -> PoolReturnView | None:
    """A return and how it stands."""
    row = (await store.execute(select(RETURNS).where(RETURNS.c.move_id == move_id))).one_or_none()
    if row is None:
        return None
    return PoolReturnView(move_id=row.move_id, show_id=row.show_id, sku=row.sku, quantity=row.quantity, state=row.state)


async def end_return(store: Store, move_id: str, state: str) -> bool:
    """Note how a return ended, once."""
    asked = (RETURNS.c.move_id == move_id) & (RETURNS.c.state == "asked")
    return bool((await store.execute(update(RETURNS).where(asked).values(state=state))).rowcount)


async def open_returns(store: Store, show_id: str) -> bool:
    """Whether units of the show are on their way back."""
    query = select(RETURNS.c.move_id).where(RETURNS.c.show_id == show_id, RETURNS.c.state == "asked").limit(1)
    return await store.scalar(query) is not None


async def take_from_pool(store: Store, show_id: str, sku: str, quantity: int) -> None:
    """Take units out of a pool; the table's CHECK refuses those that are sold."""
    pool = (POOLS.c.show_id == show_id) & (POOLS.c.sku == sku)
    await store.execute(update(POOLS).where(pool).values(funded=POOLS.c.funded - quantity))


async def change_stock(store: Store, entry: StockEntry, now_ms: int) -> bool:
    """Change what is in the warehouse and note why, once; False when there would be less than nothing. Two at once both count:
    the change is one statement."""
    noted = await store.execute(insert(STOCK).values(**vars(entry), at_ms=now_ms).on_conflict_do_nothing())
    if not noted.rowcount:
        return True
    enough = (VARIANTS.c.sku == entry.sku) & (VARIANTS.c.on_hand + entry.change >= 0)
    done = await store.execute(update(VARIANTS).where(enough).values(on_hand=VARIANTS.c.on_hand + entry.change))
    return bool(done.rowcount)


async def stock_entry(store: Store, entry_id: str) -> StockEntry | None:
    """A change that was made before."""
    row = (await store.execute(select(STOCK).where(STOCK.c.entry_id == entry_id))).one_or_none()
    return None if row is None else StockEntry(row.entry_id, row.sku, row.change, row.kind, row.reason, row.made_by)


async def stock_history(store: Store, sku: str, limit: int) -> list[StockEntryView]:
    """Changes of the warehouse, the latest first."""
    query = select(STOCK).where(STOCK.c.sku == sku).order_by(STOCK.c.at_ms.desc(), STOCK.c.entry_id).limit(limit)
    rows = await store.execute(query)
    return [StockEntryView(change=row.change, kind=row.kind, reason=row.reason, at_ms=row.at_ms) for row in rows]


async def change_price(store: Store, body: ChangePrice, now_ms: int) -> bool:
    """Set the price, once per change; False when the change was made before."""
    if not await _insert_price(store, body.change_id, body.sku, body.price, now_ms):
        return False
    values: dict[str, Any] = {"price_minor": body.price.amount_minor, "currency": body.price.currency}
    values |= {} if body.tax_rate_bp is None else {"tax_rate_bp": body.tax_rate_bp}
    await store.execute(update(VARIANTS).where(VARIANTS.c.sku == body.sku).values(values))
    return True


async def changed_price(store: Store, change_id: str) -> tuple[str, Money] | None:
    """SKU and price of a change that was made before."""
    row = (await store.execute(select(PRICES).where(PRICES.c.change_id == change_id))).one_or_none()
    return None if row is None else (row.sku, _price(row))


async def variant(store: Store, sku: str, now_ms: int) -> VariantView | None:
    """A variant as it stands."""
    row = (await store.execute(select(VARIANTS).where(VARIANTS.c.sku == sku))).one_or_none()
    return None if row is None else _variant(row, (await _lowest(store, [row], now_ms)).get(sku))


async def insert_ended(store: Store, show_id: str, ended_at_ms: int) -> None:
    """Note that a show is over."""
    row = {"show_id": show_id, "ended_at_ms": ended_at_ms, "rounds": 0, "emptied": False}
    await store.execute(insert(ENDED).values(row).on_conflict_do_nothing())


async def shows_to_empty(store: Store, limit: int) -> list[tuple[str, int]]:
    """Shows that are over and may have something in their pools, with the number of the round."""
    waiting = select(ENDED).where(ENDED.c.emptied.is_(False)).order_by(ENDED.c.rounds, ENDED.c.show_id).limit(limit)
    return [(row.show_id, row.rounds) for row in await store.execute(waiting)]


async def next_round(store: Store, show_id: str, emptied: bool) -> None:
    """The show was looked at."""
    values = {"rounds": ENDED.c.rounds + 1, "emptied": emptied}
    await store.execute(update(ENDED).where(ENDED.c.show_id == show_id).values(values))


async def shows_to_compare(store: Store, since_ms: int, limit: int) -> list[str]:
    """Shows whose pools were opened lately, the latest first."""
    query = select(POOLS.c.show_id).where(POOLS.c.opened_at_ms >= since_ms).distinct().order_by(POOLS.c.show_id.desc())
    return [row.show_id for row in await store.execute(query.limit(limit))]


async def pool_totals(store: Store, show_id: str) -> dict[str, tuple[int, int]]:
    """Funded and sold units by SKU."""
    rows = await store.execute(select(POOLS.c.sku, POOLS.c.funded, POOLS.c.sold).where(POOLS.c.show_id == show_id))
    return {row.sku: (row.funded, row.sold) for row in rows}


async def offers(store: Store, show_id: str, skus: Sequence[str] | None, now_ms: int) -> list[OfferView]:
    """What a show sells, in the order in which its pools were opened."""
    query = (
        select(VARIANTS, PRODUCTS.c.title, PRODUCTS.c.image_url, PRODUCTS.c.pictures, POOLS.c.per_buyer_max, POOLS.c.listed)
        .join(VARIANTS, VARIANTS.c.sku == POOLS.c.sku)
        .join(PRODUCTS, PRODUCTS.c.product_id == VARIANTS.c.product_id)
        .where(POOLS.c.show_id == show_id)
        .order_by(POOLS.c.opened_at_ms, POOLS.c.sku)
    )
    if skus is not None:
        query = query.where(POOLS.c.sku.in_(skus))
    rows = list(await store.execute(query))
    lowest = await _lowest(store, rows, now_ms)
    return [_offer(row, lowest.get(row.sku)) for row in rows]


async def _insert_price(store: Store, change_id: str, sku: str, price: Money, now_ms: int) -> bool:
    row = {"change_id": change_id, "sku": sku, "price_minor": price.amount_minor, "currency": price.currency, "from_ms": now_ms}
    return bool((await store.execute(insert(PRICES).values(row).on_conflict_do_nothing())).rowcount)


async def _lowest(store: Store, variants: Sequence[Any], now_ms: int) -> dict[str, Money]:
    """The lowest price of the last 30 days by SKU, in the currency of now."""
    known: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    query = select(PRICES).where(PRICES.c.sku.in_([row.sku for row in variants])).order_by(PRICES.c.from_ms)
    for row in await store.execute(query):
        known[row.sku, row.currency].append((row.from_ms, row.price_minor))
    found = {}
    for row in variants:
        amount_minor = rules.lowest_price(row.price_minor, known[row.sku, row.currency], now_ms)
        found[row.sku] = Money(amount_minor=amount_minor, currency=row.currency)
    return found


async def _products(store: Store, query: Any, now_ms: int) -> list[ProductView]:
    rows = list(await store.execute(query))
    ids = [row.product_id for row in rows]
    variants: dict[str, list[VariantView]] = defaultdict(list)
    found = select(VARIANTS).where(VARIANTS.c.product_id.in_(ids)).order_by(VARIANTS.c.position)
    of_products = list(await store.execute(found))
    lowest = await _lowest(store, of_products, now_ms)
    for row in of_products:
        variants[row.product_id].append(_variant(row, lowest.get(row.sku)))
    return [
        ProductView(
            product_id=row.product_id,
            title=row.title,
            description=row.description,
            image_url=rules.main_picture(row.pictures, row.image_url),
            variants=variants[row.product_id],
            pictures=list(row.pictures),
            archived=row.archived_at_ms is not None,
        )
        for row in rows
    ]


def _variant(row: Any, lowest: Money | None) -> VariantView:
    return VariantView(
        sku=row.sku,
        label=row.label,
        price=_price(row),
        on_hand=row.on_hand,
        tax_rate_bp=row.tax_rate_bp,
        lowest_30d=lowest,
    )


def _offer(row: Any, lowest: Money | None) -> OfferView:
    return OfferView(
        sku=row.sku,
        product_id=row.product_id,
        title=row.title,
        label=row.label,
        image_url=rules.main_picture(row.pictures, row.image_url),
        price=_price(row),
        per_buyer_max=row.per_buyer_max,
        listed=row.listed,
        tax_rate_bp=row.tax_rate_bp,
        lowest_30d=lowest,
    )


def _price(row: Any) -> Money:
    return Money(amount_minor=row.price_minor, currency=row.currency)
