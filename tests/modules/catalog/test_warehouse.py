"""Units come back from pools, counts and prices change, and not a single unit gets lost or made on the way."""

import asyncio
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, NOT_ENOUGH_STOCK, UNKNOWN_SKU
from schemas.events.catalog import PoolReturnAsked
from schemas.events.ledger import GiveawayDrawn, LineState
from schemas.events.orders import GoodsReturned, ReturnLine
from schemas.http.catalog import OfferView, VariantView
from schemas.http.shows import ShowState
from schemas.requests.catalog import GetOffers
from server.kernel.module import SYSTEM, Reply
from server.ledger.rules import Held, HoldLine, Restock
from server.modules.catalog import jobs, rules
from server.modules.catalog.tables import MOVES, POOLS, RETURNS, SALES, STOCK, VARIANTS
from tests.modules.catalog.test_routes import numbers
from tests.modules.world import HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

SKU = "DRESS-M"
DAY_MS = 24 * 3_600_000


@pytest.fixture
async def shop(world: World) -> World:
    """A show with 6 of 10 units in its pool."""
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    await world.publish(SKU, 10)
    await world.fund(SKU, 6, per_buyer_max=5)
    await world.settle()
    return world


async def balanced(world: World, published: int = 10) -> None:
    """Σ: every unit is in the warehouse, in a pool or with a buyer, and every total is the sum of its records."""
    async with world.database.reading() as connection:

        async def total(column: Any, *where: Any) -> int:
            return int(await connection.scalar(select(func.coalesce(func.sum(column), 0)).where(*where)) or 0)

        on_hand, funded, sold = await total(VARIANTS.c.on_hand), await total(POOLS.c.funded), await total(POOLS.c.sold)
        moved, back = await total(MOVES.c.quantity), await total(RETURNS.c.quantity, RETURNS.c.state == "done")
        changed = await total(STOCK.c.change)
        assert on_hand == published - moved + changed
        assert funded == moved - back
        assert sold == await total(SALES.c.quantity, SALES.c.restocked_at_ms.is_(None))


async def give_back(world: World, quantity: int, number: int = 1, actor: Any = HOST) -> Reply:
    body = {"move_id": an_id("mov", 900 + number), "show_id": SHOW_ID, "sku": SKU, "quantity": quantity}
    return await world.call(actor, "POST", "/api/catalog/returns", body)


async def hold(world: World, name: str, quantity: int, sold: bool = False) -> None:
    outcome = await world.ledger.hold(SHOW_ID, name, f"acc_{name}", [HoldLine(SKU, quantity)], 60_000)
    assert isinstance(outcome, Held)
    if sold:
        await world.ledger.commit(SHOW_ID, f"com_{name}", name)
    await world.settle()


async def test_free_units_come_back_from_a_pool_once(shop: World) -> None:
    await hold(shop, "ord_1", 2, sold=True)
    for _ in range(2):
        reply = await give_back(shop, 3)
        assert reply.status == 202
        await shop.settle()
    assert await numbers(shop) == {"on_hand": 7, "funded": 3, "sold": 2}
    assert await shop.pool() == (1, 0, 2)
    again = await give_back(shop, 3)
    assert again.view.state == "done"  # type: ignore[union-attr]
    with refused(IDEMPOTENCY_CONFLICT):
        await give_back(shop, 2)
    await balanced(shop)


async def test_what_is_held_does_not_come_back(shop: World) -> None:
    await hold(shop, "ord_1", 5)
    await give_back(shop, 2)
    await shop.settle()
    assert await numbers(shop) == {"on_hand": 4, "funded": 6, "sold": 0}
    assert (await give_back(shop, 2)).view.state == "refused"  # type: ignore[union-attr]
    with refused(NOT_ENOUGH_STOCK):
        await give_back(shop, 7, number=2)
    with refused(FORBIDDEN):
        await give_back(shop, 1, number=3, actor=OTHER_HOST)
    await balanced(shop)


async def test_a_crash_between_the_ledger_and_sql_heals(shop: World) -> None:
    await give_back(shop, 3)
    event = PoolReturnAsked(move_id=an_id("mov", 901), show_id=SHOW_ID, sku=SKU, quantity=3, per_buyer_max=5)
    await shop.ledger.fund(SHOW_ID, event.move_id, SKU, -3, 5)  # the ledger let go of them, and then the worker died
    assert await numbers(shop) == {"on_hand": 4, "funded": 6, "sold": 0}
    for _ in range(3):
        await shop.handle("catalog", event)
        await shop.settle()
    assert await numbers(shop) == {"on_hand": 7, "funded": 3, "sold": 0}
    await balanced(shop)


async def test_leftovers_of_a_show_that_is_over_come_back_by_themselves(shop: World) -> None:
    await hold(shop, "ord_1", 2, sold=True)
    await hold(shop, "ord_2", 1)
    await shop.call(HOST, "POST", f"/api/shows/{SHOW_ID}/start")
    await shop.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    await shop.settle()
    for _ in range(3):
        await shop.run_job("catalog", "empty_pools")
        await shop.settle()
    assert await numbers(shop) == {"on_hand": 7, "funded": 3, "sold": 2}, "what somebody may still pay stays"
    await shop.ledger.release(SHOW_ID, "rel_2", "ord_2")
    for _ in range(4):
        await shop.run_job("catalog", "empty_pools")
        await shop.settle()
    assert await numbers(shop) == {"on_hand": 8, "funded": 2, "sold": 2}
    await balanced(shop)


async def test_restocked_won_and_returned_units_are_counted_once(shop: World) -> None:
    await hold(shop, "ord_1", 2, sold=True)
    await hold(shop, "ord_2", 1, sold=True)
    await shop.ledger.submit(SHOW_ID, Restock(command_id="res_1", hold_id="ord_1"))
    await shop.settle()
    assert await numbers(shop) == {"on_hand": 4, "funded": 6, "sold": 1}
    line = LineState(sku=SKU, quantity=3, available=3, held=0, sold=2)
    head = {"show_id": SHOW_ID, "epoch": "e", "seq": 99, "command_id": "c", "at_ms": 1}
    drawn = GiveawayDrawn(**head, lines=[line], giveaway_id=an_id("gvw", 1), seed="s", winners=["acc_1", "acc_2"])  # type: ignore[arg-type]
    goods = GoodsReturned(
        return_id=an_id("rtn", 1), order_id="ord_2", show_id=SHOW_ID, lines=[ReturnLine(sku=SKU, quantity=1)], restock=True
    )
    for _ in range(2):
        await shop.handle("catalog", drawn)
        await shop.handle("catalog", msgspec.structs.replace(drawn, giveaway_id=an_id("gvw", 2), winners=[]))
        await shop.handle("catalog", goods)
        await shop.handle("catalog", msgspec.structs.replace(goods, return_id=an_id("rtn", 2), restock=False))
    assert await numbers(shop) == {"on_hand": 5, "funded": 6, "sold": 3}
    await balanced(shop)


async def count(world: World, counted: int, shown: int, number: int = 1) -> VariantView:
    body = {"edit_id": an_id("cnt", number), "sku": SKU, "counted": counted, "shown": shown, "reason": "inventory"}
    view = (await world.call(HOST, "POST", "/api/catalog/stock", body)).view
    assert isinstance(view, VariantView)
    return view


async def test_a_count_loses_nothing_that_moved_meanwhile(shop: World) -> None:
    assert (await numbers(shop))["on_hand"] == 4
    await shop.fund(SKU, 1, number=7)  # after the page had shown 4
    for _ in range(2):
        assert (await count(shop, counted=9, shown=4)).on_hand == 8
    with refused(IDEMPOTENCY_CONFLICT):
        await count(shop, counted=8, shown=4)
    await asyncio.gather(*(count(shop, counted=9, shown=8, number=number) for number in range(2, 7)))
    assert (await numbers(shop))["on_hand"] == 13, "five people counted one more each"
    with refused(NOT_ENOUGH_STOCK):
        await count(shop, counted=0, shown=20, number=20)
    history = (await shop.call(HOST, "GET", f"/api/catalog/stock/{SKU}")).view
    assert sorted(entry.change for entry in history.entries) == [1, 1, 1, 1, 1, 5]  # type: ignore[union-attr]
    await balanced(shop)


async def change_price(world: World, amount_minor: int, number: int, sku: str = SKU, **more: int) -> VariantView:
    price = {"amount_minor": amount_minor, "currency": "EUR"}
    body = {"change_id": an_id("prc", number), "sku": sku, "price": price, **more}
    view = (await world.call(HOST, "POST", "/api/catalog/prices", body)).view
    assert isinstance(view, VariantView)
    return view


async def offer(world: World) -> OfferView:
    async with world.units(SYSTEM) as ctx:
        (found,) = await ctx.ask(GetOffers(show_id=SHOW_ID))
    return found


async def test_a_price_changes_with_its_history_and_the_lowest_of_thirty_days(shop: World) -> None:
    assert (await offer(shop)).lowest_30d.amount_minor == 1_999  # type: ignore[union-attr]
    shop.clock.advance(DAY_MS)
    view = await change_price(shop, 1_500, 1, tax_rate_bp=1_900)
    assert (view.price.amount_minor, view.tax_rate_bp) == (1_500, 1_900)
    shop.clock.advance(10 * DAY_MS)
    await change_price(shop, 2_500, 2)
    await change_price(shop, 2_500, 2)
    found = await offer(shop)
    assert (found.price.amount_minor, found.lowest_30d.amount_minor, found.tax_rate_bp) == (2_500, 1_500, 1_900)  # type: ignore[union-attr]
    shop.clock.advance(31 * DAY_MS)
    assert (await offer(shop)).lowest_30d.amount_minor == 2_500  # type: ignore[union-attr]
    with refused(IDEMPOTENCY_CONFLICT):
        await change_price(shop, 99, 2)
    with refused(UNKNOWN_SKU):
        await change_price(shop, 99, 3, sku="GHOST")


async def test_who_watches_sees_a_new_price_at_once(shop: World) -> None:
    before = (await shop.call(HOST, "GET", f"/api/shows/{SHOW_ID}")).view
    await change_price(shop, 1_500, 1)
    await shop.settle()
    after = (await shop.call(HOST, "GET", f"/api/shows/{SHOW_ID}")).view
    assert isinstance(before, ShowState)
    assert isinstance(after, ShowState)
    assert [offer.price.amount_minor for offer in after.offers] == [1_500]
    assert after.version > before.version, "players take a state of a higher version only"


async def test_units_that_are_not_listed_say_so(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    await world.publish(SKU, 10)
    body = {"move_id": an_id("mov", 1), "show_id": SHOW_ID, "sku": SKU, "quantity": 2, "listed": False}
    await world.call(HOST, "POST", "/api/catalog/pools", body)
    assert not (await offer(world)).listed
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(HOST, "POST", "/api/catalog/pools", body | {"listed": True})


@pytest.mark.parametrize("changes", [{"funded": 7}, {"sold": 1}])
async def test_a_pool_that_differs_from_the_ledgers_for_good_stops_its_show(
    changes: dict[str, int], shop: World, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.SEEN.clear()
    await hold(shop, "ord_1", 2, sold=True)
    for _ in range(5):
        await shop.run_job("catalog", "compare_pools")
    await shop.ledger.hold(SHOW_ID, "ord_2", "acc_2", [HoldLine(SKU, 1)], 60_000)
    async with shop.database.begin() as connection:
        await connection.execute(POOLS.update().values(changes))
    for _ in range(2):
        await shop.run_job("catalog", "compare_pools")
    await shop.ledger.hold(SHOW_ID, "ord_3", "acc_3", [HoldLine(SKU, 1)], 60_000)  # it moves: that may explain it
    for _ in range(3):
        assert "DIFFER" not in caplog.text
        await shop.run_job("catalog", "compare_pools")
    assert "THE CATALOGUE AND THE LEDGER DIFFER" in caplog.text
    with pytest.raises(Exception, match="catalogue"):
        await shop.ledger.hold(SHOW_ID, "ord_4", "acc_4", [HoldLine(SKU, 1)], 60_000)


@pytest.mark.parametrize(
    ("earlier", "lowest"),
    [
        ([], 50),
        ([(0, 40)], 40),
        ([(0, 40), (100, 60)], 50),
        ([(0, 40), (rules.LOWEST_MS, 60)], 40),
        ([(0, 30), (5, 45), (rules.LOWEST_MS + 11, 60)], 45),
    ],
)
def test_the_lowest_price_counts_what_was_asked_when_the_window_began(earlier: list[tuple[int, int]], lowest: int) -> None:
    assert rules.lowest_price(50, earlier, rules.LOWEST_MS + 200) == lowest
