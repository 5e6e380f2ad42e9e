"""HTTP operations of a buyer: from the quote to the return."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from schemas.errors import HOLD_EXPIRED, IDEMPOTENCY_CONFLICT, INVALID_FIELD, NO_ADDRESS_ON_FILE, NOT_FOUND, Refusal, Refused
from schemas.http.orders import (
    AddressView,
    NewLine,
    OrderListView,
    OrderView,
    PlaceOrder,
    QuoteOrder,
    QuoteView,
    RequestReturn,
    SendTo,
    ShippingView,
)
from schemas.requests.catalog import GetOffers
from schemas.requests.coupons import GetCoupon
from schemas.requests.flash_sales import GetSales, SaleTerms
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Call, Context, Endpoint, Reply
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.rules import Held, Hold
from server.modules.orders import rules, store
from server.modules.orders.channel import Placed, place, save
from server.modules.orders.routes.common import bought_by, known, read_order, seen_by
from server.modules.orders.rules import Cart, Change, Order, Who
from server.modules.orders.store import Placing

ResultT = TypeVar("ResultT")


class Own(NamedTuple):
    """What the shop knows of a buyer's delivery."""

    address: AddressView | None
    options: list[ShippingView]
    bundled: list[str]


async def quote(ctx: Context, call: Call) -> Reply:
    """What a cart would cost. Nothing is held; the order may find other prices, and says so."""
    body: QuoteOrder = call.body
    cart = await _goods(ctx, body.show_id, body.lines, body.coupon)
    own = await _own_delivery(ctx, body.show_id, body.address_id)
    country = own.address.country if own.address else body.country
    options = rules.offered_shipping(cart, own.options, country, own.bundled) if country else []
    if country and own.options:
        cart = _sure(rules.with_shipping(cart, body.shipping, own.options, country, own.bundled))
    view = QuoteView(
        lines=cart.lines,
        amounts=cart.amounts,
        options=options,
        shipping=cart.shipping.option_id if cart.shipping else None,
        country=country,
        needs_address=bool(own.options) and own.address is None,
    )
    return Reply(view)


async def place_order(ctx: Context, call: Call) -> Reply:
    """Hold the units, then make the order. A crash between the two leaves a hold that ends by itself."""
    body: PlaceOrder = call.body
    _check_key(call, body.order_id)
    own = await ctx.read_together(store.before_placing, Placing(body.order_id, body.show_id, ctx.actor.id, body.address_id))
    if own.order is not None:
        return _repeated(own.order, body, ctx.actor.id)
    if own.address is None and body.address_id is not None:
        raise Refused(NO_ADDRESS_ON_FILE, "You have no address with this id; choose another one or save it first.")
    cart = await _goods(ctx, body.show_id, body.lines, body.coupon)
    country = own.address.country if own.address else None
    cart = _sure(rules.with_shipping(cart, body.shipping, own.options, country, own.bundled))
    held = await _hold(ctx, body, cart)
    show = await ctx.ask(GetShow(show_id=body.show_id))
    assert show is not None, f"an offer of a show that does not exist: {body.show_id}"
    who = Who(ctx.actor.id, ctx.actor.name, show.host_id, own.address)
    change = rules.placed(body, cart, who, held, ctx.now_ms)
    if not await ctx.write_together(place, Placed(change, ctx.actor)):
        # The same request came twice at the same time and the other one was first, or another order has the hold.
        async with ctx.reading() as connection:
            found = await store.order(connection, body.order_id)
        if found is None:
            raise Refused(HOLD_EXPIRED, "There is an order for this hold already; look at your orders.")
        return _repeated(found, body, ctx.actor.id)
    return Reply(change.order.view, 201)


async def list_orders(ctx: Context, call: Call) -> Reply:
    """The caller's own orders."""
    async with ctx.reading() as connection:
        return Reply(OrderListView(orders=await store.orders_of(connection, ctx.actor.id)))


async def get_order(ctx: Context, call: Call) -> Reply:
    """An order that the caller has bought or sold."""
    return Reply(seen_by(await read_order(ctx, call.path["order_id"]), ctx).view)


async def cancel_order(ctx: Context, call: Call) -> Reply:
    """Give an unpaid order up. The units go back on sale as soon as the ledger hears of it."""
    order = bought_by(known(await store.order(ctx.store, call.path["order_id"], lock=True)), ctx)
    return await _write(ctx, order, rules.cancelled_by_buyer(order, ctx.now_ms))


async def send_to(ctx: Context, call: Call) -> Reply:
    """Let the goods go to another of one's own addresses."""
    body: SendTo = call.body
    async with ctx.reading() as connection:
        address = await store.address(connection, ctx.actor.id, body.address_id)
    if address is None:
        raise Refused(NOT_FOUND, "You have no address with this id.")
    order = bought_by(known(await store.order(ctx.store, call.path["order_id"], lock=True)), ctx)
    return await _write(ctx, order, rules.moved(order, address, ctx.now_ms))


async def received(ctx: Context, call: Call) -> Reply:
    """The goods have come."""
    order = bought_by(known(await store.order(ctx.store, call.path["order_id"], lock=True)), ctx)
    return await _write(ctx, order, rules.delivered(order, ctx.now_ms))


async def request_return(ctx: Context, call: Call) -> Reply:
    """Ask the shop to take units back."""
    order = bought_by(known(await store.order(ctx.store, call.path["order_id"], lock=True)), ctx)
    return await _write(ctx, order, rules.return_requested(order, call.body, ctx.now_ms))


async def _write(ctx: Context, order: Order, change: Change | Refusal | None) -> Reply:
    """Refuse, write, or answer with what is there already."""
    if isinstance(change, Refusal):
        raise change.refused()
    if change is None:
        return Reply(order.view)
    await save(ctx, order, change)
    return Reply(change.order.view)


async def _goods(ctx: Context, show_id: str, lines: Sequence[NewLine], code: str | None) -> Cart:
    """The cart at the prices of now, with the coupon's discount."""
    offers = await ctx.ask(GetOffers(show_id=show_id, skus=tuple(sorted({line.sku for line in lines}))))
    sale_ids = tuple(sorted({line.sale_id for line in lines if line.sale_id is not None}))
    sales: list[SaleTerms] = await ctx.ask(GetSales(show_id=show_id, sale_ids=sale_ids)) if sale_ids else []
    cart = _sure(rules.price_cart(lines, offers, sales))
    if code is None:
        return cart
    terms = await ctx.ask(GetCoupon(show_id=show_id, code=code))
    new_buyer = True
    if terms is not None and terms.new_buyers_only:
        show = await ctx.ask(GetShow(show_id=show_id))
        async with ctx.reading() as connection:
            new_buyer = show is None or not await store.has_bought(connection, ctx.actor.id, show.host_id)
    return _sure(rules.with_coupon(cart, code, terms, sales, new_buyer=new_buyer))


async def _own_delivery(ctx: Context, show_id: str, address_id: str | None) -> Own:
    """The chosen address, or the usual one, and what the shop offers. A shop that delivers nothing asks nobody where to."""
    async with ctx.reading() as connection:
        options = await store.shipping_options(connection)
        if not options and address_id is None:
            return Own(None, [], [])
        address = await store.address(connection, ctx.actor.id, address_id)
        if address is None and address_id is not None:
            raise Refused(NO_ADDRESS_ON_FILE, "You have no address with this id; choose another one or save it first.")
        bundled = [] if address is None else await store.bundled(connection, ctx.actor.id, show_id, address)
    return Own(address, options, bundled)


async def _hold(ctx: Context, body: PlaceOrder, cart: Cart) -> Held:
    if body.hold_id is not None:
        events = await ctx.port(LedgerHistory).events(body.show_id, body.hold_id)
        return _sure(rules.waited_hold(events, body.hold_id, ctx.actor.id, cart, ctx.now_ms))
    hold = Hold(
        command_id=body.order_id,
        buyer_id=ctx.actor.id,
        lines=cart.demand,
        hold_ms=ctx.port(Settings).hold_duration_ms,
        coupon=cart.coupon or "",
    )
    outcome = await ctx.port(Ledger).submit(body.show_id, hold)
    if not isinstance(outcome, Held):
        raise rules.refusal_of(outcome).refused()
    if refusal := rules.hold_over(outcome, ctx.now_ms):
        raise refusal.refused()
    return outcome


def _check_key(call: Call, order_id: str) -> None:
    key = call.headers.get("idempotency-key")
    if key is not None and key != order_id:
        raise Refused(INVALID_FIELD, "The Idempotency-Key of an order is its order_id; send both alike or leave the header out.")


def _repeated(order: Order, body: PlaceOrder, buyer_id: str) -> Reply:
    if not rules.is_repetition(order, body, buyer_id):
        raise Refusal(IDEMPOTENCY_CONFLICT, "An order with this id exists; make a new id for a new order.").refused()
    return Reply(order.view, 201)


def _sure(result: ResultT | Refusal) -> ResultT:
    if isinstance(result, Refusal):
        raise result.refused()
    return result


ROUTES = (
    Endpoint("POST", "/api/orders/quote", quote, "guest", "What a cart would cost; nothing is held", QuoteOrder, QuoteView),
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
    Endpoint("GET", "/api/orders/{order_id}", get_order, "guest", "Get an order that one has bought or sold", view=OrderView),
    Endpoint("POST", "/api/orders/{order_id}/cancel", cancel_order, "guest", "Give an unpaid order up", view=OrderView),
    Endpoint(
        "POST", "/api/orders/{order_id}/address", send_to, "guest", "Send an order somewhere else", body=SendTo, view=OrderView
    ),
    Endpoint("POST", "/api/orders/{order_id}/received", received, "guest", "Say that the goods have come", view=OrderView),
    Endpoint(
        "POST",
        "/api/orders/{order_id}/returns",
        request_return,
        "guest",
        "Ask the shop to take units back",
        body=RequestReturn,
        view=OrderView,
    ),
)
