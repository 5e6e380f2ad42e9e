"""HTTP operations of payments."""

from schemas.errors import (
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    NOT_FOUND,
    PAYMENT_IN_PROGRESS,
    Refused,
)
from schemas.http.orders import OrderView
from schemas.http.payments import PaymentView, PayOrder
from schemas.requests.orders import GetOrder
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.payments import rules, store
from server.modules.payments.adapters import Providers
from server.modules.payments.rules import Payment


async def pay_order(ctx: Context, call: Call) -> Reply:
    """Begin to pay an order; the outcome comes on the order's channel. The same id again is the same answer."""
    body: PayOrder = call.body
    _check_provider(ctx, body.provider)
    order = await _own_order(ctx, body.order_id)
    async with ctx.reading() as connection:
        known = await store.payment(connection, body.payment_id)
    if known is not None:
        return _repeated(known, body, ctx.actor.id)
    if refusal := rules.check_payable(order, ctx.now_ms):
        raise Refused(*refusal)
    change = rules.created(body, order, ctx.now_ms)
    if not await store.insert_payment(ctx.store, change.payment):
        known = await store.payment(ctx.store, body.payment_id)
        if known is None:
            raise Refused(PAYMENT_IN_PROGRESS, "Wait for the payment that is under way.")
        return _repeated(known, body, ctx.actor.id)
    assert change.event is not None
    ctx.publish(change.event)
    return Reply(rules.payment_view(change.payment), 202)


async def get_payment(ctx: Context, call: Call) -> Reply:
    """One of the caller's own payments."""
    async with ctx.reading() as connection:
        found = await store.payment(connection, call.path["payment_id"])
    if found is None:
        raise Refused(NOT_FOUND, "There is no such payment.")
    if found.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's payment.")
    return Reply(rules.payment_view(found))


def _check_provider(ctx: Context, name: str) -> None:
    providers = ctx.port(Providers)
    if name not in providers:
        raise Refused(INVALID_FIELD, f"There is no provider {name!r}; this shop has {', '.join(providers.names)}.")


async def _own_order(ctx: Context, order_id: str) -> OrderView:
    order = await ctx.ask(GetOrder(order_id=order_id))
    if order is None:
        raise Refused(NOT_FOUND, "There is no such order.")
    if order.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's order.")
    return order


def _repeated(known: Payment, body: PayOrder, buyer_id: str) -> Reply:
    if not rules.is_repetition(known, body, buyer_id):
        raise Refused(IDEMPOTENCY_CONFLICT, "A payment with this id exists; make a new id for a new payment.")
    return Reply(rules.payment_view(known), 202)


ROUTES = (
    Endpoint(
        "POST",
        "/api/payments",
        pay_order,
        "guest",
        "Begin to pay an order",
        body=PayOrder,
        view=PaymentView,
        status=202,
    ),
    Endpoint("GET", "/api/payments/{payment_id}", get_payment, "guest", "Get one's own payment", view=PaymentView),
)
