"""HTTP operations of the host: what is to be sent, what comes back, and money back."""

from collections.abc import Callable, Sequence

from schemas.errors import FORBIDDEN, INVALID_FIELD, NOT_FOUND, Refusal, Refused
from schemas.http.orders import (
    DecideReturn,
    DeliverOrders,
    OrderListView,
    OrderView,
    PackingView,
    PackOrders,
    ParcelListView,
    ReceiveReturn,
    RefundOrder,
    ShipOrders,
    WithdrawOrder,
)
from schemas.requests.shows import GetShow
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.orders import rules, store
from server.modules.orders.channel import save
from server.modules.orders.routes.common import is_packer, known, sent_by, sold_by
from server.modules.orders.rules import Change, Order

Step = Callable[[Order], Change | Refusal | None]


async def list_of_show(ctx: Context, call: Call) -> Reply:
    """Orders of one's own show."""
    show_id = await _own_show(ctx, call)
    which = call.query.get("filter", "all")
    if which not in store.FILTERS:
        raise Refused(INVALID_FIELD, f"`filter` is one of: {', '.join(store.FILTERS)}.", field="filter")
    async with ctx.reading() as connection:
        found = await store.page_of_show(connection, show_id, which, call.query.get("before"))
    page = found[: store.LIST_MAX]
    return Reply(OrderListView(orders=page, next=page[-1].order_id if len(found) > len(page) else None))


async def list_parcels(ctx: Context, call: Call) -> Reply:
    """What is to be sent, by buyer and address."""
    show_id = await _own_show(ctx, call)
    async with ctx.reading() as connection:
        return Reply(ParcelListView(parcels=rules.parcels(await store.to_send(connection, show_id))))


async def list_packing(ctx: Context, call: Call) -> Reply:
    """What is to be sent, without amounts."""
    async with ctx.reading() as connection:
        found = await store.to_pack(connection, None if is_packer(ctx) else ctx.actor.id)
    return Reply(PackingView(parcels=rules.packing(found)))


async def pack(ctx: Context, call: Call) -> Reply:
    """All of these orders, or none."""
    body: PackOrders = call.body
    return await _each(ctx, body.order_ids, lambda order: rules.packed(order, ctx.now_ms))


async def ship(ctx: Context, call: Call) -> Reply:
    """All of these orders, or none."""
    body: ShipOrders = call.body
    return await _each(ctx, body.order_ids, lambda order: rules.shipped(order, body, ctx.now_ms), one_parcel=True)


async def deliver(ctx: Context, call: Call) -> Reply:
    """All of these orders, or none."""
    body: DeliverOrders = call.body
    return await _each(ctx, body.order_ids, lambda order: rules.delivered(order, ctx.now_ms))


async def withdraw(ctx: Context, call: Call) -> Reply:
    """Cancel a confirmed order that was not shipped: its units are on sale again and its buyer gets everything back."""
    body: WithdrawOrder = call.body
    return await _one(ctx, call, lambda order: rules.withdrawn(order, body.reason, ctx.now_ms))


async def refund(ctx: Context, call: Call) -> Reply:
    """Give money back without goods."""
    body: RefundOrder = call.body

    def step(order: Order) -> Change | Refusal | None:
        request = rules.digest(body)
        again = rules.repeated(order, body.refund_id, request)
        if again is not False:
            return None if again is True else again
        wish = rules.wanted(order, body, request)
        return wish if isinstance(wish, Refusal) else rules.refund(order, wish, ctx.now_ms)

    return await _one(ctx, call, step)


async def decide_return(ctx: Context, call: Call) -> Reply:
    """Accept or refuse a return."""
    body: DecideReturn = call.body
    return_id = call.path["return_id"]
    return await _one(
        ctx,
        call,
        lambda order: rules.return_decided(order, return_id, accept=body.accept, note=body.note, now_ms=ctx.now_ms),
    )


async def receive_return(ctx: Context, call: Call) -> Reply:
    """The goods of a return are back: the buyer gets their money."""
    body: ReceiveReturn = call.body
    return_id = call.path["return_id"]
    return await _one(
        ctx,
        call,
        lambda order: rules.return_received(order, return_id, restock=body.restock, shipping=body.shipping, now_ms=ctx.now_ms),
    )


async def _own_show(ctx: Context, call: Call) -> str:
    show = await ctx.ask(GetShow(show_id=call.path["show_id"]))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This show belongs to another host.")
    return show.show_id


async def _one(ctx: Context, call: Call, step: Step) -> Reply:
    order = sold_by(known(await store.order(ctx.store, call.path["order_id"], lock=True)), ctx)
    change = step(order)
    if isinstance(change, Refusal):
        raise change.refused()
    if change is None:
        return Reply(order.view)
    await save(ctx, order, change)
    return Reply(change.order.view)


async def _each(ctx: Context, order_ids: Sequence[str], step: Step, *, one_parcel: bool = False) -> Reply:
    """The same with several orders, all or none."""
    found = await store.orders(ctx.store, order_ids)
    missing = set(order_ids) - {order.view.order_id for order in found}
    if missing:
        raise Refused(NOT_FOUND, f"There is no order {min(missing)}.", order_id=min(missing))
    if one_parcel and (refusal := rules.check_parcel(found)):
        raise refusal.refused()
    views = []
    for order in found:
        change = step(sent_by(order, ctx))
        if isinstance(change, Refusal):
            raise change.refused()
        if change is not None:
            await save(ctx, order, change)
        views.append(order.view if change is None else change.order.view)
    if is_packer(ctx):
        return Reply(status=204)  # it is done; what the orders are worth is not for them
    return Reply(OrderListView(orders=views))


ORDER = "/api/orders/{order_id}"

ROUTES = (
    Endpoint(
        "GET",
        "/api/orders/shows/{show_id}",
        list_of_show,
        "host",
        "List the orders of one's own show, newest first (`filter`, `before`)",
        view=OrderListView,
    ),
    Endpoint(
        "GET",
        "/api/orders/shows/{show_id}/parcels",
        list_parcels,
        "host",
        "List what is to be sent, by buyer and address",
        view=ParcelListView,
    ),
    Endpoint(
        "GET", "/api/orders/packing", list_packing, "packer", "List what is to be packed, without amounts", view=PackingView
    ),
    Endpoint("POST", "/api/orders/pack", pack, "packer", "Say that orders are packed", body=PackOrders, view=OrderListView),
    Endpoint("POST", "/api/orders/ship", ship, "packer", "Say that a parcel is sent", body=ShipOrders, view=OrderListView),
    Endpoint(
        "POST", "/api/orders/deliver", deliver, "packer", "Say that orders have arrived", body=DeliverOrders, view=OrderListView
    ),
    Endpoint("POST", f"{ORDER}/withdraw", withdraw, "host", "Cancel a paid order, all back", body=WithdrawOrder, view=OrderView),
    Endpoint("POST", f"{ORDER}/refunds", refund, "host", "Give money back", body=RefundOrder, view=OrderView),
    Endpoint(
        "POST",
        f"{ORDER}/returns/{{return_id}}/decide",
        decide_return,
        "host",
        "Accept or refuse a return",
        body=DecideReturn,
        view=OrderView,
    ),
    Endpoint(
        "POST",
        f"{ORDER}/returns/{{return_id}}/receive",
        receive_return,
        "host",
        "Say that the goods of a return are back",
        body=ReceiveReturn,
        view=OrderView,
    ),
)
