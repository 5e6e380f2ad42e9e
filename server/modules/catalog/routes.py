"""HTTP operations of the catalogue."""

import msgspec

from schemas.errors import (
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    NOT_ENOUGH_STOCK,
    NOT_FOUND,
    PRODUCT_ARCHIVED,
    SHOW_ENDED,
    UNKNOWN_PICTURE,
    UNKNOWN_SKU,
    Refusal,
    Refused,
)
from schemas.events.catalog import PoolReturnAsked, PriceChanged, ProductChanged, ProductPublished
from schemas.http.catalog import (
    ChangePrice,
    CountStock,
    EditProduct,
    FundPool,
    NewVariant,
    OfferListView,
    OfferView,
    PoolReturnView,
    ProductListView,
    ProductView,
    PublishProduct,
    ReturnUnits,
    StockHistoryView,
    VariantView,
)
from schemas.ids import is_rehearsal
from schemas.requests.pictures import UsePictures
from schemas.requests.shows import GetShow
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.catalog import rules, store

SHOWS_TOLD_MAX = 100
"""Shows that are told of a changed product; nobody prepares more than this at a time."""
HISTORY_MAX = 100
"""Changes of the stock on one page."""


async def list_products(ctx: Context, call: Call) -> Reply:
    """The shop's products with what the warehouse has of them; with `?archived=1` those that are not offered any more."""
    archived = call.query.get("archived") == "1"
    async with ctx.reading() as connection:
        return Reply(ProductListView(products=await store.products(connection, ctx.now_ms, archived=archived)))


async def publish_product(ctx: Context, call: Call) -> Reply:
    """Make a product. The same id with the same content again is the same answer."""
    body: PublishProduct = call.body
    if refusal := rules.check_new_product(body, ()):
        raise refusal.refused()
    if not await store.insert_product(ctx.store, body, ctx.now_ms):
        stored = await store.product(ctx.store, body.product_id, ctx.now_ms)
        assert stored is not None, body.product_id
        if error := rules.check_republished(stored, body):
            raise Refused(error, "A product with this id exists; make a new id for a new product.")
        return Reply(stored, 201)
    if refusal := rules.check_new_product(body, await store.insert_variants(ctx.store, body, ctx.now_ms)):
        raise refusal.refused()
    await _use_pictures(ctx, tuple(body.pictures))
    ctx.publish(ProductPublished(product_id=body.product_id, title=body.title, skus=[variant.sku for variant in body.variants]))
    return Reply(rules.product_view(body), 201)


async def edit_product(ctx: Context, call: Call) -> Reply:
    """Say or show something else of a product. The same again changes nothing."""
    body: EditProduct = call.body
    before = await _product(ctx, call)
    after = rules.edited(before, body)
    if isinstance(after, Refusal):
        raise after.refused()
    if after != before:
        await _use_pictures(ctx, rules.new_pictures(before.pictures, after.pictures))
        await store.update_product(ctx.store, after)
        await _tell_changed(ctx, after)
    return Reply(after)


async def add_variant(ctx: Context, call: Call) -> Reply:
    """One more variant of a product. The same again changes nothing."""
    body: NewVariant = call.body
    before = await _product(ctx, call)
    if rules.is_variant(before, body):
        return Reply(before, 201)
    if refusal := rules.check_variant(before, body):
        raise refusal.refused()
    if not await store.insert_variant(ctx.store, before.product_id, len(before.variants), body, ctx.now_ms):
        raise Refused(INVALID_FIELD, f"Another variant has the SKU {body.sku} already; choose another one.", field="/sku")
    after = await store.product(ctx.store, before.product_id, ctx.now_ms)
    assert after is not None, before
    await _tell_changed(ctx, after)
    return Reply(after, 201)


async def archive_product(ctx: Context, call: Call) -> Reply:
    """Offer a product for no further show; what is in a show stays there."""
    return await _archive(ctx, call, ctx.now_ms)


async def restore_product(ctx: Context, call: Call) -> Reply:
    """Offer an archived product again."""
    return await _archive(ctx, call, None)


async def fund_pool(ctx: Context, call: Call) -> Reply:
    """Move units from the warehouse (in a rehearsal out of nothing) into a show's pool: one transaction, and the ledger hears of
    it after the commit."""
    body: FundPool = call.body
    await _check_show(ctx, body.show_id)
    if (left := await store.on_hand(ctx.store, body.sku)) is None:
        raise Refused(UNKNOWN_SKU, "There is no such product; publish it first.", sku=body.sku)
    if await store.insert_move(ctx.store, body, ctx.now_ms):
        if await store.is_archived(ctx.store, body.sku):
            raise Refused(PRODUCT_ARCHIVED, "Restore the product before you bring it into a show.", sku=body.sku)
        await _move(ctx, body, left)
    elif not await store.same_move(ctx.store, body):
        raise Refused(IDEMPOTENCY_CONFLICT, "This move was made with other content; make a new id for a new move.")
    (offer,) = await store.offers(ctx.store, body.show_id, [body.sku], ctx.now_ms)
    return Reply(offer, 201)


async def return_units(ctx: Context, call: Call) -> Reply:
    """Take free units out of a show's pool: the ledger lets go of them, then the warehouse has them; 202 until then."""
    body: ReturnUnits = call.body
    await _check_show(ctx, body.show_id, ended_too=True)
    pool = await store.pool_free(ctx.store, body.show_id, body.sku)
    if pool is None:
        raise Refused(UNKNOWN_SKU, "The show has no pool of this product.", sku=body.sku)
    free, per_buyer_max = pool
    if await store.insert_return(ctx.store, body.move_id, body.show_id, body.sku, body.quantity, ctx.now_ms):
        if body.quantity > free:
            raise Refused(NOT_ENOUGH_STOCK, f"Only {free} are not sold.", sku=body.sku, available=free)
        ctx.publish(
            PoolReturnAsked(
                move_id=body.move_id,
                show_id=body.show_id,
                sku=body.sku,
                quantity=body.quantity,
                per_buyer_max=per_buyer_max,
            )
        )
    found = await store.get_return(ctx.store, body.move_id)
    assert found is not None, body.move_id
    if (found.show_id, found.sku, found.quantity) != (body.show_id, body.sku, body.quantity):
        raise Refused(IDEMPOTENCY_CONFLICT, "This move was made with other content; make a new id for a new move.")
    return Reply(found, 202)


async def count_stock(ctx: Context, call: Call) -> Reply:
    """Correct what the warehouse has; the difference to what the page showed is applied, so that nothing is lost."""
    body: CountStock = call.body
    if await store.on_hand(ctx.store, body.sku) is None:
        raise Refused(UNKNOWN_SKU, "There is no such product; publish it first.", sku=body.sku)
    entry = store.StockEntry(body.edit_id, body.sku, body.counted - body.shown, "counted", body.reason, ctx.actor.id)
    before = await store.stock_entry(ctx.store, body.edit_id)
    if before is not None and before != entry:
        raise Refused(IDEMPOTENCY_CONFLICT, "This count was made with other content; make a new id for a new count.")
    if not await store.change_stock(ctx.store, entry, ctx.now_ms):
        left = await store.on_hand(ctx.store, body.sku) or 0
        detail = f"Units have left the warehouse meanwhile, {left} are there now; count again."
        raise Refused(NOT_ENOUGH_STOCK, detail, sku=body.sku, available=left)
    return Reply(await store.variant(ctx.store, body.sku, ctx.now_ms))


async def change_price(ctx: Context, call: Call) -> Reply:
    """Set the price of a variant; orders that were placed keep theirs."""
    body: ChangePrice = call.body
    if await store.on_hand(ctx.store, body.sku) is None:
        raise Refused(UNKNOWN_SKU, "There is no such product; publish it first.", sku=body.sku)
    if await store.change_price(ctx.store, body, ctx.now_ms):
        ctx.publish(PriceChanged(sku=body.sku, price=body.price, changed_at_ms=ctx.now_ms))
        product = await store.product_of(ctx.store, body.sku, ctx.now_ms)
        assert product is not None, body.sku
        # Who watches sees the new price before they order at the old one and are refused.
        await _tell_changed(ctx, product)
    elif await store.changed_price(ctx.store, body.change_id) != (body.sku, body.price):
        raise Refused(IDEMPOTENCY_CONFLICT, "This change was made with other content; make a new id for a new change.")
    return Reply(await store.variant(ctx.store, body.sku, ctx.now_ms))


async def stock_history(ctx: Context, call: Call) -> Reply:
    """Why the warehouse has what it has."""
    async with ctx.reading() as connection:
        return Reply(StockHistoryView(entries=await store.stock_history(connection, call.path["sku"], HISTORY_MAX)))


async def list_offers(ctx: Context, call: Call) -> Reply:
    """What a show sells."""
    if await ctx.ask(GetShow(show_id=call.path["show_id"])) is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    async with ctx.reading() as connection:
        return Reply(OfferListView(offers=await store.offers(connection, call.path["show_id"], None, ctx.now_ms)))


async def _product(ctx: Context, call: Call) -> ProductView:
    await store.lock_product(ctx.store, call.path["product_id"])
    found = await store.product(ctx.store, call.path["product_id"], ctx.now_ms)
    if found is None:
        raise Refused(NOT_FOUND, "There is no such product.")
    return found


async def _archive(ctx: Context, call: Call, archived_at_ms: int | None) -> Reply:
    before = await _product(ctx, call)
    after = msgspec.structs.replace(before, archived=archived_at_ms is not None)
    if await store.archive(ctx.store, before.product_id, archived_at_ms):
        await _tell_changed(ctx, after)
    return Reply(after)


async def _use_pictures(ctx: Context, picture_ids: tuple[str, ...]) -> None:
    if picture_ids and (missing := await ctx.ask(UsePictures(owner_id=ctx.actor.id, picture_ids=picture_ids))):
        raise Refused(
            UNKNOWN_PICTURE, "Upload it again; it is gone, or somebody else's.", field="/pictures", picture_id=missing[0]
        )


async def _tell_changed(ctx: Context, product: ProductView) -> None:
    show_ids = await store.shows_that_sell(ctx.store, product.product_id, SHOWS_TOLD_MAX)
    skus = [variant.sku for variant in product.variants]
    ctx.publish(
        ProductChanged(
            product_id=product.product_id,
            title=product.title,
            skus=skus,
            archived=product.archived,
            show_ids=show_ids,
            changed_at_ms=ctx.now_ms,
        )
    )


async def _check_show(ctx: Context, show_id: str, *, ended_too: bool = False) -> None:
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show decides what it sells.")
    if show.state == "ended" and not ended_too:
        raise Refused(SHOW_ENDED, "Nothing can be added to a show that is over.")


async def _move(ctx: Context, body: FundPool, left: int) -> None:
    taken = is_rehearsal(body.show_id) or await store.take_from_warehouse(ctx.store, body.sku, body.quantity)
    if not taken:
        raise Refused(NOT_ENOUGH_STOCK, f"Only {left} are left in the warehouse.", sku=body.sku, available=left)
    await store.fund_pool(ctx.store, body, ctx.now_ms)
    ctx.publish(rules.funded(body))


ROUTES = (
    Endpoint("GET", "/api/catalog/products", list_products, "host", "List the products of the shop", view=ProductListView),
    Endpoint(
        "POST",
        "/api/catalog/products",
        publish_product,
        "host",
        "Publish a product",
        body=PublishProduct,
        view=ProductView,
        status=201,
    ),
    Endpoint(
        "PATCH",
        "/api/catalog/products/{product_id}",
        edit_product,
        "host",
        "Edit a product",
        body=EditProduct,
        view=ProductView,
    ),
    Endpoint(
        "POST",
        "/api/catalog/products/{product_id}/variants",
        add_variant,
        "host",
        "Add a variant to a product",
        body=NewVariant,
        view=ProductView,
        status=201,
    ),
    Endpoint(
        "POST",
        "/api/catalog/products/{product_id}/archive",
        archive_product,
        "host",
        "Archive a product",
        view=ProductView,
    ),
    Endpoint(
        "POST",
        "/api/catalog/products/{product_id}/restore",
        restore_product,
        "host",
        "Restore an archived product",
        view=ProductView,
    ),
    Endpoint(
        "POST",
        "/api/catalog/pools",
        fund_pool,
        "host",
        "Move units into the pool of a show",
        body=FundPool,
        view=OfferView,
        status=201,
    ),
    Endpoint(
        "POST",
        "/api/catalog/returns",
        return_units,
        "host",
        "Move units from the pool of a show back into the warehouse",
        body=ReturnUnits,
        view=PoolReturnView,
        status=202,
    ),
    Endpoint("POST", "/api/catalog/stock", count_stock, "host", "Correct the stock", body=CountStock, view=VariantView),
    Endpoint("GET", "/api/catalog/stock/{sku}", stock_history, "host", "List changes of the stock", view=StockHistoryView),
    Endpoint("POST", "/api/catalog/prices", change_price, "host", "Change a price", body=ChangePrice, view=VariantView),
    Endpoint("GET", "/api/catalog/offers/{show_id}", list_offers, "anyone", "List what a show sells", view=OfferListView),
)
