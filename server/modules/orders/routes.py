"""HTTP operations of orders."""

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_FIELD, NOT_FOUND, Refused
from schemas.http.catalog import OfferView
from schemas.http.orders import OrderListView, OrderView, PlaceOrder
from schemas.requests.catalog import GetOffers
from server.kernel.config import Settings
from server.kernel.module import Call, Context, Endpoint, Reply
from server.ledger.ledger import Ledger
from server.ledger.rules import Held
from server.modules.orders import rules, store
from server.modules.orders.channel import save, tell
from server.modules.orders.rules import Cart, Order, Refusal


async def place_order(ctx: Context, call: Call) -> Reply:
    """Hold the units, then make the order. A crash between the two leaves a hold that ends by itself."""
    body: PlaceOrder = call.body
    _check_key(call, body.order_id)
    async with ctx.reading() as connection:
        known = await store.order(connection, body.order_id)
    if known is not None:
        return _repeated(known, body, ctx.actor.id)
    cart = rules.price_cart(body.lines, await _offers(ctx, body))
    if isinstance(cart, Refusal):
        raise _refused(cart)
    held = await _hold(ctx, body, cart)
    change = rules.placed(body, cart, (ctx.actor.id, ctx.actor.name), held, ctx.now_ms)
    if not await store.insert_order(ctx.store, change.order):
        # The same request came twice at the same time, and the other one was first.
        known = await store.order(ctx.store, body.order_id)
        assert known is not None, body.order_id
        return _repeated(known, body, ctx.actor.id)
    tell(ctx, change)
    return Reply(change.order.view, 201)


async def list_orders(ctx: Context, call: Call) -> Reply:
    """The caller's own orders."""
    async with ctx.reading() as connection:
        return Reply(OrderListView(orders=await store.orders_of(connection, ctx.actor.id)))


async def get_order(ctx: Context, call: Call) -> Reply:
    """One of the caller's own orders."""
    async with ctx.reading() as connection:
        return Reply(_own(await store.order(connection, call.path["order_id"]), ctx).view)


async def cancel_order(ctx: Context, call: Call) -> Reply:
    """Give an unpaid order up. The units go back on sale as soon as the ledger hears of it."""
    order = _own(await store.order(ctx.store, call.path["order_id"], lock=True), ctx)
    change = rules.cancelled_by_buyer(order, ctx.now_ms)
    if isinstance(change, Refusal):
        raise _refused(change)
    if change is None:
        return Reply(order.view)
    await save(ctx, change)
    return Reply(change.order.view)


async def _offers(ctx: Context, body: PlaceOrder) -> list[OfferView]:
    return await ctx.ask(GetOffers(show_id=body.show_id, skus=tuple(sorted({line.sku for line in body.lines}))))


async def _hold(ctx: Context, body: PlaceOrder, cart: Cart) -> Held:
    hold_ms = ctx.port(Settings).hold_duration_ms
    outcome = await ctx.port(Ledger).hold(body.show_id, body.order_id, ctx.actor.id, cart.demand, hold_ms)
    if not isinstance(outcome, Held):
        raise _refused(rules.refusal_of(outcome))
    if refusal := rules.hold_over(outcome, ctx.now_ms):
        raise _refused(refusal)
    return outcome


def _check_key(call: Call, order_id: str) -> None:
    key = call.headers.get("idempotency-key")
    if key is not None and key != order_id:
        raise Refused(INVALID_FIELD, "The Idempotency-Key of an order is its order_id; send both alike or leave the header out.")


def _repeated(known: Order, body: PlaceOrder, buyer_id: str) -> Reply:
    if not rules.is_repetition(known, body, buyer_id):
        raise _refused(Refusal(IDEMPOTENCY_CONFLICT, "An order with this id exists; make a new id for a new order."))
    return Reply(known.view, 201)


def _own(order: Order | None, ctx: Context) -> Order:
    if order is None:
        raise Refused(NOT_FOUND, "There is no such order.")
    if order.view.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's order.")
    return order


def _refused(refusal: Refusal) -> Refused:
    return Refused(refusal.error, refusal.detail, **refusal.extra)


ROUTES = (
    Endpoint(
        "POST",
        "/api/orders",
        place_order,
        "guest",
        "Place an order: all lines are held, or none",
        body=PlaceOrder,
        view=OrderView,
        status=201,
    ),
    Endpoint("GET", "/api/orders", list_orders, "guest", "List one's own orders, newest first", view=OrderListView),
    Endpoint("GET", "/api/orders/{order_id}", get_order, "guest", "Get one's own order", view=OrderView),
    Endpoint("POST", "/api/orders/{order_id}/cancel", cancel_order, "guest", "Give an unpaid order up", view=OrderView),
)
