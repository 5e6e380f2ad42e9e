"""Products and pools over HTTP, and the stock on the screens."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from schemas.errors import (
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    NOT_ENOUGH_STOCK,
    NOT_FOUND,
    SHOW_ENDED,
    UNKNOWN_SKU,
    Refused,
)
from schemas.events.ledger import HoldCommitted, LineState
from schemas.http.catalog import OfferListView, OfferView, ProductListView, ProductView
from schemas.requests.catalog import GetOffers
from server.kernel.module import SYSTEM
from server.ledger.log import read_log
from server.modules.catalog.channel import StockChannel
from server.modules.catalog.tables import POOLS, VARIANTS
from tests.modules.world import BUYER, HOST, OTHER_HOST, PRICE, SHOW_ID, World, an_id, refused


async def numbers(world: World, sku: str = "DRESS-M") -> dict[str, int]:
    """Where the units are, as SQL has it."""
    async with world.database.reading() as connection:
        on_hand = await connection.scalar(select(VARIANTS.c.on_hand).where(VARIANTS.c.sku == sku))
        pool = (await connection.execute(select(POOLS.c.funded, POOLS.c.sold).where(POOLS.c.sku == sku))).one_or_none()
    return {"on_hand": on_hand or 0, "funded": pool.funded if pool else 0, "sold": pool.sold if pool else 0}


async def test_a_product_is_published_once(world: World) -> None:
    first = await world.publish("DRESS-M", 10)
    again = await world.publish("DRESS-M", 10)
    assert (first.status, first.view) == (again.status, again.view) == (201, first.view)
    assert isinstance(first.view, ProductView)
    assert (await world.call(HOST, "GET", "/api/catalog/products")).view == ProductListView(products=[first.view])
    with refused(IDEMPOTENCY_CONFLICT):
        await world.publish("DRESS-L", 10)
    with refused(INVALID_FIELD):
        await world.publish("DRESS-M", 10, number=2)
    assert (await world.call(HOST, "GET", "/api/catalog/products")).view == ProductListView(products=[first.view])


async def test_units_move_from_the_warehouse_into_a_pool_and_into_the_ledger_once(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    await world.publish("DRESS-M", 10)
    for _ in range(2):
        reply = await world.fund("DRESS-M", 4, per_buyer_max=2)
        await world.settle()
        assert reply.status == 201
        assert isinstance(reply.view, OfferView)
        assert (reply.view.sku, reply.view.per_buyer_max) == ("DRESS-M", 2)
    assert await numbers(world) == {"on_hand": 6, "funded": 4, "sold": 0}
    assert await world.pool() == (4, 0, 0)
    await world.fund("DRESS-M", 6, per_buyer_max=5, number=2)
    await world.settle()
    assert await numbers(world) == {"on_hand": 0, "funded": 10, "sold": 0}
    assert await world.pool() == (10, 0, 0)
    with refused(NOT_ENOUGH_STOCK) as refusal:
        await world.fund("DRESS-M", 1, number=3)
    assert refusal.extra == {"sku": "DRESS-M", "available": 0}
    with refused(IDEMPOTENCY_CONFLICT):
        await world.fund("DRESS-M", 5, number=1)


async def test_shows_that_want_the_same_units_at_once_never_get_them_twice(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    await world.publish("DRESS-M", 10)

    async def fund(number: int) -> bool:
        try:
            await world.fund("DRESS-M", 3, number=number)
        except Refused as refusal:
            return refusal.error != NOT_ENOUGH_STOCK
        return True

    assert sum(await asyncio.gather(*(fund(number) for number in range(1, 7)))) == 3
    assert await numbers(world) == {"on_hand": 1, "funded": 9, "sold": 0}


async def test_only_the_host_fills_the_pools_of_a_show_that_goes_on(world: World) -> None:
    await world.call(OTHER_HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Hats"})
    await world.publish("DRESS-M", 10)
    with refused(FORBIDDEN):
        await world.fund("DRESS-M", 1)
    body = {"move_id": an_id("mov", 1), "show_id": SHOW_ID, "sku": "DRESS-M", "quantity": 1}
    with refused(UNKNOWN_SKU):
        await world.call(OTHER_HOST, "POST", "/api/catalog/pools", {**body, "sku": "HAT"})
    await world.call(OTHER_HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await world.call(OTHER_HOST, "POST", "/api/catalog/pools", body)
    with refused(NOT_FOUND):
        await world.call(OTHER_HOST, "POST", "/api/catalog/pools", {**body, "show_id": an_id("shw", 9)})


async def test_anyone_sees_what_a_show_sells(world: World) -> None:
    await world.open_show(per_buyer_max=3)
    view = (await world.call(BUYER, "GET", f"/api/catalog/offers/{SHOW_ID}")).view
    assert isinstance(view, OfferListView)
    assert [(offer.sku, offer.title, offer.price.amount_minor) for offer in view.offers] == [
        ("DRESS-M", "Dress", PRICE["amount_minor"])
    ]
    async with world.units(SYSTEM) as ctx:
        assert await ctx.ask(GetOffers(show_id=SHOW_ID)) == view.offers
        assert await ctx.ask(GetOffers(show_id=SHOW_ID, skus=("HAT",))) == []
    with refused(NOT_FOUND):
        await world.call(BUYER, "GET", f"/api/catalog/offers/{an_id('shw', 9)}")


async def test_what_the_ledger_sold_is_counted_once(world: World) -> None:
    await world.open_show(funded=5)
    await world.order(BUYER, 1, quantity=2)
    await world.pay(BUYER, 1, 1)
    assert await numbers(world) == {"on_hand": 5, "funded": 5, "sold": 2}
    facts = [event async for event in read_log(world.redis, SHOW_ID) if isinstance(event, HoldCommitted)]
    assert len(facts) == 1
    await world.handle("catalog", facts[0])
    assert await numbers(world) == {"on_hand": 5, "funded": 5, "sold": 2}


async def test_sql_refuses_more_sold_than_the_pool_was_given_whatever_the_ledger_says(world: World) -> None:
    await world.open_show(funded=5)
    line = LineState(sku="DRESS-M", quantity=6, available=0, held=0, sold=6)
    lie: dict[str, Any] = {"show_id": SHOW_ID, "epoch": "e", "seq": 1, "command_id": "c", "at_ms": 1}
    with pytest.raises(IntegrityError):
        await world.handle("catalog", HoldCommitted(**lie, hold_id="ord_x", buyer_id=BUYER.id, lines=[line]))
    assert (await numbers(world))["sold"] == 0


async def test_an_old_snapshot_of_the_stock_and_the_pushes_after_it_are_the_new_snapshot(world: World) -> None:
    await world.open_show(funded=5)
    kind = StockChannel()
    old = await world.snapshot(kind, SHOW_ID)
    seen = len([event async for event in read_log(world.redis, SHOW_ID)])
    await world.publish("HAT", 2, number=2)
    await world.fund("HAT", 2, number=2)
    await world.settle()
    await world.order(BUYER, 1, quantity=2)
    await world.order(BUYER, 2, sku="HAT")
    await world.pass_time(1_000)
    await world.pay(BUYER, 1, 1)
    await world.call(BUYER, "POST", f"/api/orders/{an_id('ord', 2)}/cancel")
    await world.settle()
    await world.order(BUYER, 3)
    await world.expire_holds()

    state = old
    events = [event async for event in read_log(world.redis, SHOW_ID)]
    for event in events[seen:]:
        publication = kind.project(event)
        state = state if publication is None else kind.apply(state, publication)
    assert {type(event).__name__ for event in events} == {
        "StockFunded",
        "StockHeld",
        "HoldExtended",
        "HoldCommitted",
        "HoldReleased",
        "HoldExpired",
    }
    assert state == await world.snapshot(kind, SHOW_ID)
    assert [(pool.sku, pool.available, pool.held, pool.sold) for pool in state.pools] == [
        ("DRESS-M", 3, 0, 2),
        ("HAT", 2, 0, 0),
    ]
