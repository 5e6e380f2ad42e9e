"""A flash sale from the host's wish to its end, with the real ledger and the real database."""

import asyncio
from typing import Any

import msgspec
import pytest

from schemas.errors import (
    ALREADY_RUNNING,
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    NOT_FOUND,
    SHOW_ENDED,
    UNKNOWN_SKU,
    WRONG_CURRENCY,
    Refused,
    WireError,
)
from schemas.events.flash_sales import FlashSaleRequested
from schemas.http.flash_sales import FlashSalesState
from schemas.requests.flash_sales import GetSales
from server.kernel.module import SYSTEM
from server.ledger.log import read_log
from server.ledger.rules import LimitReached, SaleNotOpen, SoldOut
from server.modules.flash_sales.channel import FlashSaleChannel
from tests.modules.flash_sales import sale
from tests.modules.flash_sales.sale import FLASH, MINUTE_MS, SKU, body, hold, holds, now, start
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, PRICE, SHOW_ID, World, an_id, refused


async def shown(world: World) -> FlashSalesState:
    state = await world.snapshot(FlashSaleChannel(), SHOW_ID)
    assert isinstance(state, FlashSalesState)
    return state


async def end_time(world: World, ms: int) -> None:
    await world.pass_time(ms)
    await world.ledger.sweep(SHOW_ID)
    await world.settle()


async def test_a_sale_starts_at_once_sells_at_its_price_and_ends_by_itself(world: World) -> None:
    await world.open_show()
    asked = await start(world)
    assert (asked.state, asked.starts_at_ms) == ("opening", 0)
    opened = await now(world)
    assert opened.state == "open"
    assert opened.ends_at_ms - opened.starts_at_ms == 5 * MINUTE_MS
    assert [item.price.amount_minor for item in opened.items] == [999]
    assert opened.items[0].normal_price.amount_minor == PRICE["amount_minor"]
    assert opened.items[0].lowest_30d.amount_minor <= 1_999
    await holds(world, BUYER, 1, 2)
    assert await hold(world, BUYER, 2) == LimitReached(SKU, 2)
    await holds(world, OTHER_BUYER, 3)
    assert await hold(world, OTHER_BUYER, 4) == SoldOut(SKU, 0), "three units at this price, though the pool has more"
    await end_time(world, 5 * MINUTE_MS)
    over = await now(world)
    assert (over.state, over.reason) == ("over", "time")
    assert await hold(world, HOST, 5) == SaleNotOpen(an_id("sal", 1), "over")


async def test_a_countdown_holds_buyers_back(world: World) -> None:
    await world.open_show()
    await start(world, starts_in_ms=10_000)
    opened = await now(world)
    assert await hold(world, BUYER, 1) == SaleNotOpen(opened.sale_id, "announced", opened.starts_at_ms)
    await world.pass_time(10_000)
    await holds(world, BUYER, 2)


async def test_the_host_ends_a_sale_early_and_may_sell_the_product_in_another(world: World) -> None:
    await world.open_show()
    await start(world)
    with refused(ALREADY_RUNNING):
        await start(world, 2)
    for _ in range(2):
        await world.call(HOST, "POST", f"/api/flash_sales/{an_id('sal', 1)}/close")
        await world.settle()
    over = await now(world)
    assert (over.state, over.reason) == ("over", "host")
    await start(world, 2)
    assert (await now(world, 2)).state == "open"


async def test_of_two_sales_of_one_product_at_the_same_moment_one_is_made(world: World) -> None:
    await world.open_show()

    async def attempt(number: int) -> bool:
        try:
            await world.call(HOST, "POST", "/api/flash_sales", body(number))
        except Refused as error:
            return error.error != ALREADY_RUNNING
        return True

    assert sorted(await asyncio.gather(attempt(1), attempt(2))) == [False, True]


async def test_a_sale_that_is_ended_before_the_ledger_heard_of_it_never_opens(world: World) -> None:
    await world.open_show()
    await world.call(HOST, "POST", "/api/flash_sales", body())
    await world.call(HOST, "POST", f"/api/flash_sales/{an_id('sal', 1)}/close")
    await world.settle()
    over = await now(world)
    assert (over.state, over.reason, over.starts_at_ms) == ("over", "host", 0)
    assert await hold(world, BUYER, 1) == SaleNotOpen(an_id("sal", 1), "unknown")
    await start(world, 2)


async def test_a_sale_ends_with_its_show(world: World) -> None:
    await world.open_show()
    await start(world)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    await world.settle()
    assert (await now(world)).state == "over"
    assert (await shown(world)).sales == []


async def test_the_same_request_again_is_the_same_sale_and_another_one_is_not(world: World) -> None:
    await world.open_show()
    first = await start(world)
    again = (await world.call(HOST, "POST", "/api/flash_sales", body())).view
    assert again is not None
    assert first.sale_id == again.sale_id  # type: ignore[attr-defined]
    for change in ({"lasts_ms": MINUTE_MS}, {"starts_in_ms": 20_000}, {"coupons_allowed": True}):
        with refused(IDEMPOTENCY_CONFLICT):
            await world.call(HOST, "POST", "/api/flash_sales", body(**change))
    await world.handle("flash_sales", FlashSaleRequested(sale_id=first.sale_id, show_id=SHOW_ID))
    await world.settle()
    assert len((await shown(world)).sales) == 1


async def test_a_crash_between_the_ledger_and_sql_heals(world: World) -> None:
    """The ledger has opened the sale, and the process died before anybody noted it: the fact comes again."""
    await world.open_show()
    await world.call(HOST, "POST", "/api/flash_sales", body())
    event = FlashSaleRequested(sale_id=an_id("sal", 1), show_id=SHOW_ID)
    await world.handle("flash_sales", event)
    assert (await now(world)).state == "opening"
    await world.handle("flash_sales", event)
    await world.settle()
    assert (await now(world)).state == "open"
    assert await world.dead_letters() == 0


async def test_a_product_that_the_ledger_does_not_know_refuses_the_sale_after_a_while(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    await world.publish(SKU, 10)
    await world.fund(SKU, 5)
    await world.call(HOST, "POST", "/api/flash_sales", body())
    world.clock.advance(31_000)
    await world.handle("flash_sales", FlashSaleRequested(sale_id=an_id("sal", 1), show_id=SHOW_ID))
    stuck = await now(world)
    assert (stuck.state, stuck.reason) == ("refused", "unknown_sku")


async def test_players_see_announced_sales_and_every_unit_that_moves(world: World) -> None:
    await world.open_show()
    kind = FlashSaleChannel()
    before = await shown(world)
    await start(world)
    await holds(world, BUYER, 1, 2)
    await holds(world, OTHER_BUYER, 2, sale=None)
    (seen,) = (await shown(world)).sales
    assert [(item.available, item.held, item.sold) for item in seen.items] == [(1, 2, 0)]
    assert seen.items[0].price.amount_minor == 999
    await folds_to_the_snapshot(world, kind, before)
    await world.expire_holds()
    await world.call(HOST, "POST", f"/api/flash_sales/{an_id('sal', 1)}/close")
    await world.settle()
    assert (await shown(world)).sales == []
    await folds_to_the_snapshot(world, kind, before)


async def folds_to_the_snapshot(world: World, kind: FlashSaleChannel, state: FlashSalesState) -> None:
    """The log's entries, as viewers get them, lead to what a viewer who comes now is given."""
    async for event in read_log(world.redis, SHOW_ID):
        publication = kind.project(event)
        if publication is not None:
            state = kind.apply(state, publication)
    assert state == await shown(world)


async def test_orders_learn_prices_whatever_has_become_of_the_sale(world: World) -> None:
    await world.open_show()
    await start(world, coupons_allowed=True)
    async with world.units(SYSTEM) as ctx:
        ids = (an_id("sal", 1), an_id("sal", 9))
        (terms,) = await ctx.ask(GetSales(show_id=SHOW_ID, sale_ids=ids))
        assert await ctx.ask(GetSales(show_id=an_id("shw", 2), sale_ids=ids)) == []
    assert (terms.sale_id, terms.prices[SKU].amount_minor, terms.coupons_allowed) == (an_id("sal", 1), 999, True)


ITEM = {"sku": SKU, "price": FLASH, "quantity_max": 3}

BAD: list[tuple[dict[str, Any], WireError]] = [
    ({"show_id": an_id("shw", 9)}, NOT_FOUND),
    ({"items": [{**ITEM, "sku": "NO-SUCH"}]}, UNKNOWN_SKU),
    ({"items": [ITEM, ITEM]}, INVALID_FIELD),
    ({"items": [{**ITEM, "price": PRICE}]}, INVALID_FIELD),
    ({"items": [{**ITEM, "price": {"amount_minor": 2_500, "currency": "EUR"}}]}, INVALID_FIELD),
    ({"items": [{**ITEM, "price": {"amount_minor": 0, "currency": "EUR"}}]}, INVALID_FIELD),
    ({"items": [{**ITEM, "price": {"amount_minor": 999, "currency": "USD"}}]}, WRONG_CURRENCY),
    ({"items": [ITEM, {**ITEM, "sku": "B", "price": {"amount_minor": 9, "currency": "USD"}}]}, WRONG_CURRENCY),
    ({"starts_in_ms": 1}, INVALID_FIELD),
    ({"starts_in_ms": 9_999}, INVALID_FIELD),
]


@pytest.mark.parametrize(("change", "error"), BAD)
async def test_a_sale_that_makes_no_sense_is_refused_by_name(world: World, change: dict[str, Any], error: WireError) -> None:
    await world.open_show()
    with refused(error):
        await start(world, **change)
    assert (await shown(world)).sales == []


MALFORMED: list[dict[str, Any]] = [
    {"items": []},
    {"items": [{**ITEM, "quantity_max": 0}]},
    {"items": [{**ITEM, "quantity_max": -1}]},
    {"items": [{**ITEM, "quantity_max": 10**9}]},
    {"items": [{**ITEM, "quantity_max": 1.5}]},
    {"items": [{**ITEM, "per_buyer_max": 0}]},
    {"items": [{**ITEM, "price": {"amount_minor": -1, "currency": "EUR"}}]},
    {"items": [{**ITEM, "price": {"amount_minor": 9.99, "currency": "EUR"}}]},
    {"items": [{**ITEM, "price": {"amount_minor": 10**14, "currency": "EUR"}}]},
    {"items": [{**ITEM, "sku": f"S-{number}"} for number in range(21)]},
    {"lasts_ms": 59_999},
    {"lasts_ms": 1_200_001},
    {"starts_in_ms": 300_001},
    {"starts_in_ms": -1},
    {"sale_id": "sal_x"},
    {"unheard_of": 1},
]


@pytest.mark.parametrize("change", MALFORMED)
async def test_a_body_that_is_out_of_range_is_not_even_read(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        await world.call(HOST, "POST", "/api/flash_sales", body(**change))


async def test_only_the_host_of_the_show_starts_and_ends_sales(world: World) -> None:
    await world.open_show()
    with refused(FORBIDDEN):
        await start(world, actor=OTHER_HOST)
    await start(world)
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", f"/api/flash_sales/{an_id('sal', 1)}/close")
    with refused(NOT_FOUND):
        await world.call(HOST, "POST", f"/api/flash_sales/{an_id('sal', 9)}/close")
    with refused(NOT_FOUND):
        await world.call(BUYER, "GET", f"/api/flash_sales/{an_id('shw', 9)}")
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await sale.start(world, 2)
