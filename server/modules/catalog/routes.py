"""HTTP operations of the catalogue."""

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, NOT_ENOUGH_STOCK, NOT_FOUND, SHOW_ENDED, UNKNOWN_SKU, Refused
from schemas.events.catalog import PoolFunded, ProductPublished
from schemas.http.catalog import FundPool, OfferListView, OfferView, ProductListView, ProductView, PublishProduct
from schemas.requests.shows import GetShow
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.catalog import rules, store


async def list_products(ctx: Context, call: Call) -> Reply:
    """The shop's products with what the warehouse has of them."""
    async with ctx.reading() as connection:
        return Reply(ProductListView(products=await store.products(connection)))


async def publish_product(ctx: Context, call: Call) -> Reply:
    """Make a product. The same id with the same content again is the same answer."""
    body: PublishProduct = call.body
    if refusal := rules.check_new_product(body, ()):
        raise Refused(*refusal)
    if not await store.insert_product(ctx.store, body, ctx.now_ms):
        stored = await store.product(ctx.store, body.product_id)
        assert stored is not None, body.product_id
        if error := rules.check_republished(stored, body):
            raise Refused(error, "A product with this id exists; make a new id for a new product.")
        return Reply(stored, 201)
    if refusal := rules.check_new_product(body, await store.insert_variants(ctx.store, body)):
        raise Refused(*refusal)
    ctx.publish(ProductPublished(product_id=body.product_id, title=body.title, skus=[variant.sku for variant in body.variants]))
    return Reply(rules.product_view(body), 201)


async def fund_pool(ctx: Context, call: Call) -> Reply:
    """Move units from the warehouse into a show's pool: one transaction, and the ledger hears of it after the commit."""
    body: FundPool = call.body
    await _check_show(ctx, body.show_id)
    if (left := await store.on_hand(ctx.store, body.sku)) is None:
        raise Refused(UNKNOWN_SKU, "There is no such product; publish it first.", sku=body.sku)
    if await store.insert_move(ctx.store, body, ctx.now_ms):
        await _move(ctx, body, left)
    elif not await store.same_move(ctx.store, body):
        raise Refused(IDEMPOTENCY_CONFLICT, "This move was made with other content; make a new id for a new move.")
    (offer,) = await store.offers(ctx.store, body.show_id, [body.sku])
    return Reply(offer, 201)


async def list_offers(ctx: Context, call: Call) -> Reply:
    """What a show sells."""
    if await ctx.ask(GetShow(show_id=call.path["show_id"])) is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    async with ctx.reading() as connection:
        return Reply(OfferListView(offers=await store.offers(connection, call.path["show_id"], None)))


async def _check_show(ctx: Context, show_id: str) -> None:
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show decides what it sells.")
    if show.state == "ended":
        raise Refused(SHOW_ENDED, "Nothing can be added to a show that is over.")


async def _move(ctx: Context, body: FundPool, left: int) -> None:
    if not await store.take_from_warehouse(ctx.store, body.sku, body.quantity):
        raise Refused(NOT_ENOUGH_STOCK, f"Only {left} are left in the warehouse.", sku=body.sku, available=left)
    await store.fund_pool(ctx.store, body, ctx.now_ms)
    ctx.publish(
        PoolFunded(
            move_id=body.move_id,
            show_id=body.show_id,
            sku=body.sku,
            quantity=body.quantity,
            per_buyer_max=body.per_buyer_max,
        )
    )


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
        "POST",
        "/api/catalog/pools",
        fund_pool,
        "host",
        "Move units into the pool of a show",
        body=FundPool,
        view=OfferView,
        status=201,
    ),
    Endpoint("GET", "/api/catalog/offers/{show_id}", list_offers, "anyone", "List what a show sells", view=OfferListView),
)
