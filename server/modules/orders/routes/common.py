"""What the operations share: who may touch an order, and how a refusal reaches the client."""

from schemas.errors import FORBIDDEN, NOT_FOUND, Refused
from server.auth.actors import PACKER
from server.kernel.module import Context
from server.modules.orders import store
from server.modules.orders.rules import Order


async def read_order(ctx: Context, order_id: str) -> Order:
    """The order, outside the write transaction."""
    async with ctx.reading() as connection:
        return known(await store.order(connection, order_id))


def known(order: Order | None) -> Order:
    """The order, which exists."""
    if order is None:
        raise Refused(NOT_FOUND, "There is no such order.")
    return order


def bought_by(order: Order, ctx: Context) -> Order:
    """The order, which is the caller's own."""
    if order.view.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's order.")
    return order


def sold_by(order: Order, ctx: Context) -> Order:
    """The order, which was placed in a show of the caller."""
    if order.view.seller_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This order belongs to another host's show.")
    return order


def seen_by(order: Order, ctx: Context) -> Order:
    """The order, which the caller has bought or sold."""
    return order if order.view.seller_id == ctx.actor.id else bought_by(order, ctx)


def is_packer(ctx: Context) -> bool:
    """Whether the caller packs for the whole shop, and sees no money."""
    return PACKER in ctx.actor.roles and not ctx.actor.is_host


def sent_by(order: Order, ctx: Context) -> Order:
    """The order, which the caller may pack and send: a packer those of all shows, a host their own."""
    return order if is_packer(ctx) else sold_by(order, ctx)
