"""HTTP operations of what is kept for later orders: a person's addresses and the shop's ways of delivery."""

import msgspec

from schemas.errors import IDEMPOTENCY_CONFLICT, INVALID_FIELD, NOT_FOUND, Refused
from schemas.http.orders import (
    ADDRESSES_MAX,
    OPTIONS_MAX,
    AddressListView,
    AddressView,
    ChangeAddress,
    SaveAddress,
    SaveShipping,
    ShippingListView,
)
from server.kernel.module import Call, Context, Endpoint, Reply, Store
from server.modules.orders import store


async def list_addresses(ctx: Context, call: Call) -> Reply:
    """One's own."""
    async with ctx.reading() as connection:
        return Reply(_addresses(await store.addresses(connection, ctx.actor.id)))


async def save_address(ctx: Context, call: Call) -> Reply:
    """Keep an address. The same body again changes nothing."""
    body: SaveAddress = call.body
    if not await store.insert_address(ctx.store, ctx.actor.id, body, ctx.now_ms):
        known = await store.address(ctx.store, ctx.actor.id, body.address_id)
        if known is None or _fields(body) != msgspec.structs.asdict(known):
            raise Refused(IDEMPOTENCY_CONFLICT, "An address with this id exists; make a new id for a new address.")
    elif await store.count_addresses(ctx.store, ctx.actor.id) > ADDRESSES_MAX:
        raise Refused(INVALID_FIELD, f"One person keeps at most {ADDRESSES_MAX} addresses; delete one first.")
    return Reply(_addresses(await store.addresses(ctx.store, ctx.actor.id)), 201)


async def change_address(ctx: Context, call: Call) -> Reply:
    """Change an address, or make it the usual one. Orders that were placed keep the old one."""
    if not await store.change_address(ctx.store, ctx.actor.id, call.path["address_id"], call.body, ctx.now_ms):
        raise Refused(NOT_FOUND, "You have no address with this id.")
    return Reply(_addresses(await store.addresses(ctx.store, ctx.actor.id)))


async def delete_address(ctx: Context, call: Call) -> Reply:
    """Forget an address; one that is not there is forgotten already."""
    await store.delete_address(ctx.store, ctx.actor.id, call.path["address_id"])
    return Reply(_addresses(await store.addresses(ctx.store, ctx.actor.id)))


async def list_shipping(ctx: Context, call: Call) -> Reply:
    """The shop's ways of delivery."""
    async with ctx.reading() as connection:
        return Reply(ShippingListView(options=await store.shipping_options(connection)))


async def save_shipping(ctx: Context, call: Call) -> Reply:
    """Offer a way of delivery, or change it for orders to come."""
    body: SaveShipping = call.body
    if body.free_from is not None and body.free_from.currency != body.price.currency:
        raise Refused(INVALID_FIELD, "`free_from` is in the currency of the price.", field="free_from")
    await store.save_shipping(ctx.store, body)
    return Reply(await _options(ctx.store))


async def delete_shipping(ctx: Context, call: Call) -> Reply:
    """Offer a way of delivery no more."""
    await store.delete_shipping(ctx.store, call.path["option_id"])
    return Reply(await _options(ctx.store))


async def _options(connection: Store) -> ShippingListView:
    options = await store.shipping_options(connection)
    if len(options) > OPTIONS_MAX:
        raise Refused(INVALID_FIELD, f"A shop has at most {OPTIONS_MAX} ways of delivery; delete one first.")
    return ShippingListView(options=options)


def _addresses(found: list[AddressView]) -> AddressListView:
    return AddressListView(addresses=found, default_id=found[0].address_id if found else None)


def _fields(body: SaveAddress) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(body).items() if name != "default"}


ADDRESSES = "/api/orders/addresses"
SHIPPING = "/api/orders/shipping"

ROUTES = (
    Endpoint("GET", ADDRESSES, list_addresses, "guest", "List one's own addresses, the usual one first", view=AddressListView),
    Endpoint("POST", ADDRESSES, save_address, "guest", "Keep an address", SaveAddress, AddressListView, 201),
    Endpoint(
        "PATCH",
        f"{ADDRESSES}/{{address_id}}",
        change_address,
        "guest",
        "Change one's own address",
        ChangeAddress,
        AddressListView,
    ),
    Endpoint("DELETE", f"{ADDRESSES}/{{address_id}}", delete_address, "guest", "Forget one's own address", view=AddressListView),
    Endpoint("GET", SHIPPING, list_shipping, "anyone", "List the shop's ways of delivery", view=ShippingListView),
    Endpoint("POST", SHIPPING, save_shipping, "host", "Offer or change a way of delivery", SaveShipping, ShippingListView),
    Endpoint(
        "DELETE", f"{SHIPPING}/{{option_id}}", delete_shipping, "host", "Offer a way of delivery no more", view=ShippingListView
    ),
)
