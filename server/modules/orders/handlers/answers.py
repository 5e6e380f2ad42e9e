"""The answers of the module `orders`."""

from schemas.http.orders import AddressView, OrderView
from schemas.requests.orders import GetAddress, GetOrder, HasBought
from server.kernel.module import Context
from server.modules.orders import store


async def get_order(request: GetOrder, ctx: Context) -> OrderView | None:
    """The order."""
    async with ctx.reading() as connection:
        found = await store.order(connection, request.order_id)
    return None if found is None else found.view


async def get_address(request: GetAddress, ctx: Context) -> AddressView | None:
    """Where somebody's orders usually go."""
    async with ctx.reading() as connection:
        return await store.address(connection, request.actor_id, None)


async def has_bought(request: HasBought, ctx: Context) -> bool:
    """Whether somebody has ever paid for an order of this seller."""
    async with ctx.reading() as connection:
        return await store.has_bought(connection, request.actor_id, request.seller_id)
