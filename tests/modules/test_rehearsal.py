"""The whole life of a rehearsal with everything real around it leaves the shop exactly as it was: the warehouse, the books, what
other systems and followers are told, what the host has to send, and what is listed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from schemas.base import Event
from schemas.errors import NOT_IN_REHEARSAL
from schemas.events.payments import DisputeOpened
from schemas.http.auctions import LotView
from schemas.http.giveaways import ROLL_CALL_MS
from schemas.http.orders import OrderView
from schemas.http.recaps import RecapView
from schemas.money import Money
from schemas.requests.accounts import FindObstacles
from schemas.requests.orders import HasBought
from schemas.requests.shows import GetListedShows
from server.kernel.module import SYSTEM, Actor
from server.store.database import Database
from server.store.metadata import METADATA
from tests.modules.auctions.house import SKU, House, modules
from tests.modules.shows.test_rehearsals import REH, rehearse
from tests.modules.world import BUYER, HOST, OTHER_BUYER, SHOW_ID, World, an_id, an_order, close_world, make_world, refused

GALA = Actor(an_id("acc", 70), "account", "Gala")
"""Has neither card nor address."""
FOLLOWER = Actor(an_id("acc", 71), "account", "Fedor")
LOT, GVW = an_id("lot", 50), an_id("gvw", 50)
EVERYTHING = ["order.placed", "order.confirmed", "order.paid", "order.cancelled", "order.returned", "payment.captured"]
EVERYTHING += ["payment.refunded", "lot.announced", "lot.sold", "show.scheduled", "show.started", "show.ended"]

UNTOUCHED = (
    *("catalog_products", "catalog_variants", "catalog_prices", "catalog_stock"),
    *("books_transfers", "books_entries", "books_audits"),
    *("webhooks_hooks", "webhooks_deliveries", "webhooks_attempts"),
    *("notifications_fanouts", "notifications_reminders", "notifications_follows"),
    *("payments_cards", "orders_addresses", "coupons_coupons"),
)
"""A rehearsal has nothing to write in these tables."""
OWN_ROWS = (
    *("catalog_pools", "catalog_moves", "catalog_returns", "catalog_sales", "orders_orders", "payments_payments"),
    *("shows_shows", "shows_runs", "shows_run_items", "recaps_shows", "recaps_facts", "catalog_ended_shows"),
)
"""In these it has rows of its own, by its id; those of real shows stay as they are."""


@pytest.fixture
async def house(database: Database, redis: Redis) -> AsyncIterator[House]:
    """A real show on air that has sold something; its host has a follower and an endpoint for webhooks."""
    heard: list[Event] = []
    world = await make_world(database, redis, modules=modules(heard))
    made = House(world, heard)
    await made.open()
    await world.know(GALA, FOLLOWER, BUYER, OTHER_BUYER)
    hook = {"hook_id": an_id("whk", 1), "url": "https://shop.example/hooks", "events": EVERYTHING}
    await world.call(HOST, "POST", "/api/webhooks/hooks", hook)
    await world.call(FOLLOWER, "POST", "/api/notifications/follow", {"host_id": HOST.id, "following": True})
    await world.call(OTHER_BUYER, "POST", "/api/orders", an_order(1, [(SKU, 2)]))
    await world.settle()
    await world.pay(OTHER_BUYER, 1, 1)
    yield made
    await made.close()
    await close_world(world)


async def shop(world: World) -> dict[str, Any]:
    """All that a rehearsal must leave alone: tables as they are, and what people are shown of them."""
    found: dict[str, Any] = {}
    async with world.database.reading() as connection:
        for name in UNTOUCHED:
            found[name] = sorted(map(tuple, await connection.execute(select(METADATA.tables[name]))), key=repr)
        for name in OWN_ROWS:
            table = METADATA.tables[name]
            rows = await connection.execute(select(table).where(~table.c.show_id.startswith("reh_", autoescape=True)))
            found[name] = sorted(map(tuple, rows), key=repr)
    assert all(found[name] for name in ("catalog_variants", "books_entries", "webhooks_deliveries", "notifications_fanouts"))
    period = {"from": str(world.clock.now_ms() - 3_600_000), "to": str(world.clock.now_ms() + 3_600_000)}
    pages = {"desk": f"/api/orders/shows/{SHOW_ID}", "parcels": f"/api/orders/shows/{SHOW_ID}/parcels"}
    pages |= {"packing": "/api/orders/packing", "stock": f"/api/catalog/stock/{SKU}", "shows": "/api/shows"}
    for name, path in pages.items():
        found[name] = (await world.call(HOST, "GET", path)).view
    found["statement"] = (await world.call(HOST, "GET", "/api/books/statement", query=period)).view.lines  # type: ignore[union-attr]
    async with world.units(SYSTEM) as ctx:
        found["listed"] = await ctx.ask(GetListedShows())
        found["bought"] = [await ctx.ask(HasBought(each.id, HOST.id)) for each in (BUYER, OTHER_BUYER, GALA)]
    assert found["bought"] == [False, True, False]
    return found


async def available(world: World) -> tuple[int, int, int]:
    (pool,) = [pool for pool in (await world.ledger.pools(REH)).pools if pool.sku == SKU]
    return pool.available, pool.held, pool.sold


async def buy(world: World, buyer: Actor, number: int, quantity: int = 1) -> OrderView:
    """An order of the rehearsal, paid by test card."""
    await world.call(buyer, "POST", "/api/orders", {**an_order(number, [(SKU, quantity)]), "show_id": REH})
    await world.settle()
    await world.pay(buyer, number, number)
    order = await world.order_now(buyer, number)
    assert (order.state, order.payment, order.show_id) == ("confirmed", "captured", REH)
    return order


async def begin(world: World) -> None:
    """The rehearsal is on air."""
    await rehearse(world)
    assert await available(world) == (20, 0, 0), "at least twenty, though the show has fewer"
    await world.call(HOST, "POST", f"/api/shows/{REH}/start")
    await world.settle()


async def auction(house: House) -> None:
    """Somebody wins a lot who has neither card nor address, and has paid for it."""
    world = house.world
    await house.auction(LOT, show_id=REH)
    assert (await house.mine(GALA, LOT)).refusal == ""
    await house.bid(GALA, 1_500, lot_id=LOT, show_id=REH)
    await world.pass_time(61_000, REH)
    await world.ledger.sweep(REH)
    await world.settle()
    await house.jobs()
    lots: list[LotView] = (await house.host("GET", f"/api/auctions/shows/{REH}/desk")).lots
    assert [(lot.lot_id, lot.state) for lot in lots] == [(LOT, "paid")]


async def give_away(world: World) -> str:
    """Somebody wins a prize who has no address. Returns the order."""
    body = {"giveaway_id": GVW, "show_id": REH, "sku": SKU, "winners_max": 1, "lasts_ms": 30_000}
    await world.call(HOST, "POST", "/api/giveaways", body)
    await world.settle()
    await world.call(GALA, "POST", f"/api/giveaways/{GVW}/entries", {"entry_id": an_id("ent", 50)})
    await world.settle()
    await world.pass_time(30_000, REH)
    await world.ledger.sweep(REH)
    await world.settle()
    await world.call(GALA, "POST", f"/api/giveaways/{GVW}/here")
    await world.pass_time(ROLL_CALL_MS, REH)
    for _ in range(2):
        await world.run_job("giveaways", "draw_due")
    orders: Any = (await world.call(GALA, "GET", "/api/orders")).view
    (prize,) = [order.order_id for order in orders.orders if order.kind == "giveaway"]
    return str(prize)


async def end(world: World) -> None:
    """The rehearsal is over, and what it did not sell is gone."""
    await world.call(HOST, "POST", f"/api/shows/{REH}/end")
    await world.settle()
    for _ in range(3):
        await world.run_job("catalog", "empty_pools")
    left, held, _ = await available(world)
    assert (left, held) == (0, 0)


async def test_a_whole_rehearsal_leaves_the_shop_exactly_as_it_was(house: House) -> None:
    world = house.world
    before = await shop(world)
    await begin(world)
    await buy(world, BUYER, 10, 2)
    withdrawn, refunded = await buy(world, BUYER, 11), await buy(world, OTHER_BUYER, 12)
    await world.call(HOST, "POST", f"/api/orders/{withdrawn.order_id}/withdraw", {"reason": "broken"})
    refund = {"refund_id": an_id("rfd", 1), "reason": "late", "amount": 500}
    await world.call(HOST, "POST", f"/api/orders/{refunded.order_id}/refunds", refund)
    await world.settle()
    await world.run_job("payments", "give_back")
    taken_back = await world.order_now(BUYER, 11)
    assert (taken_back.state, [each.state for each in taken_back.refunds]) == ("cancelled", ["done"])
    assert await available(world) == (17, 0, 3), "its unit is on sale again"
    await auction(house)
    prize = await give_away(world)
    await world.call(HOST, "POST", f"/api/orders/{prize}/withdraw", {"reason": "the prize comes back by way of the warehouse"})
    more = {"move_id": an_id("mov", 90), "show_id": REH, "sku": SKU, "quantity": 400}
    await world.call(HOST, "POST", "/api/catalog/pools", more)
    await world.settle()
    back = {"move_id": an_id("mov", 91), "show_id": REH, "sku": SKU, "quantity": 5}
    await world.call(HOST, "POST", "/api/catalog/returns", back)
    await world.settle()
    assert await available(world) == (410, 0, 5)
    assert await shop(world) == before, "while it runs: some things, like who is to be told, are forgotten at the end"
    await end(world)
    assert await shop(world) == before
    assert await world.dead_letters() == 0


async def test_nothing_of_a_rehearsal_is_packed_or_sent_and_nothing_of_it_keeps_anybody_from_leaving(house: House) -> None:
    world = house.world
    await begin(world)
    order = await buy(world, BUYER, 10)
    desk: Any = (await world.call(HOST, "GET", f"/api/orders/shows/{REH}")).view
    assert [each.order_id for each in desk.orders] == [order.order_id], "its own desk has it"
    for path, more in (("pack", {}), ("ship", {"carrier": "DHL", "tracking": "1"})):
        with refused(NOT_IN_REHEARSAL):
            await world.call(HOST, "POST", f"/api/orders/{path}", {"order_ids": [order.order_id], **more})
    async with world.units(SYSTEM) as ctx:
        assert not (await ctx.gather(FindObstacles(actor_id=BUYER.id)))["orders"]


async def test_a_dispute_about_an_order_of_a_rehearsal_is_not_in_the_books(house: House) -> None:
    world = house.world
    await begin(world)
    order = await buy(world, BUYER, 10)
    before = (await shop(world))["books_entries"]
    await world.emit(
        DisputeOpened(
            dispute_id="dsp_1",
            payment_id=an_id("pay", 10),
            order_id=order.order_id,
            show_id=REH,
            amount=Money(amount_minor=1_999, currency="EUR"),
            reason="fraudulent",
            opened_at_ms=world.clock.now_ms(),
        )
    )
    assert (await world.order_now(BUYER, 10)).dispute == "open"
    assert (await shop(world))["books_entries"] == before


async def test_a_rehearsal_has_a_report_of_its_own_that_no_other_one_is_compared_with(house: House) -> None:
    world = house.world
    world.clock.advance(1_000)
    await begin(world)
    await buy(world, BUYER, 10)
    await end(world)
    own: Any = (await world.call(HOST, "GET", f"/api/recaps/{REH}")).view
    assert isinstance(own, RecapView)
    assert (own.figures.orders_paid, own.previous) == (1, None)
    world.clock.advance(1_000)
    await world.call(HOST, "POST", "/api/shows", {"show_id": an_id("shw", 2), "title": "Next"})
    await world.call(HOST, "POST", f"/api/shows/{an_id('shw', 2)}/start")
    await world.settle()
    following: Any = (await world.call(HOST, "GET", f"/api/recaps/{an_id('shw', 2)}")).view
    assert following.previous.show_id == SHOW_ID


async def test_a_rehearsal_sells_what_its_show_sells_in_the_same_order_and_with_the_same_limits(house: House) -> None:
    world = house.world
    await world.publish("HAT", 900, number=2)
    world.clock.advance(1_000)
    move = {"move_id": an_id("mov", 5), "show_id": SHOW_ID, "sku": "HAT", "quantity": 900, "per_buyer_max": 7, "listed": False}
    await world.call(HOST, "POST", "/api/catalog/pools", move)
    await world.settle()
    await rehearse(world)
    theirs: list[Any] = [(await world.call(BUYER, "GET", f"/api/catalog/offers/{each}")).view for each in (SHOW_ID, REH)]
    assert theirs[0] == theirs[1]
    assert [(offer.sku, offer.per_buyer_max, offer.listed) for offer in theirs[1].offers] == [(SKU, 3, True), ("HAT", 7, False)]
    pools = {pool.sku: pool.available for pool in (await world.ledger.pools(REH)).pools}
    assert pools == {SKU: 20, "HAT": 500}


async def test_a_show_that_sells_nothing_is_rehearsed_with_nothing_and_a_product_may_be_added(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Talk"})
    await rehearse(world)
    assert not (await world.ledger.pools(REH)).pools
    await world.publish("DRESS-M", 3)
    body = {"move_id": an_id("mov", 1), "show_id": REH, "sku": "DRESS-M", "quantity": 50}
    await world.call(HOST, "POST", "/api/catalog/pools", body)
    await world.settle()
    (pool,) = (await world.ledger.pools(REH)).pools
    products: Any = (await world.call(HOST, "GET", "/api/catalog/products")).view
    assert (pool.available, products.products[0].variants[0].on_hand) == (50, 3)
