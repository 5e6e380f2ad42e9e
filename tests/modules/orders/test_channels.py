"""What the buyer's and the host's screens show: a snapshot and the pushes after it."""

from schemas.errors import FORBIDDEN
from schemas.http.shows import ShowView
from server.kernel.module import SYSTEM
from server.modules.orders.channel import OrderChannel, SalesChannel
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id


async def test_an_old_snapshot_and_the_pushes_after_it_are_the_new_snapshot(world: World) -> None:
    await world.open_show(per_buyer_max=5)
    order, sales = OrderChannel(), SalesChannel()
    order_id, channel = an_id("ord", 1), f"sales:{SHOW_ID}"
    empty = await world.snapshot(sales, SHOW_ID)
    await world.order(BUYER, 1)
    placed = await world.snapshot(order, order_id)
    await world.order(OTHER_BUYER, 2, quantity=2)
    await world.pay(BUYER, 1, 1, "tok_declined")
    middle, heard = await world.snapshot(sales, SHOW_ID), len(world.screens.pushes[channel])
    await world.pay(BUYER, 1, 2)
    await world.call(OTHER_BUYER, "POST", f"/api/orders/{an_id('ord', 2)}/cancel")
    await world.settle()

    now = await world.snapshot(sales, SHOW_ID)
    assert {sale.order_id: (sale.state, sale.payment, sale.units) for sale in now.sales} == {
        an_id("ord", 1): ("confirmed", "captured", 1),
        an_id("ord", 2): ("cancelled", "none", 2),
    }
    assert world.fold(sales, channel, empty) == now
    assert world.fold(sales, channel, middle, since=heard) == now
    assert world.fold(sales, channel, now) == now  # hearing old news again changes nothing
    assert world.fold(order, f"order:{order_id}", placed) == await world.snapshot(order, order_id)


async def test_only_the_buyer_reads_an_order_and_only_the_host_the_sales(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    order, sales = OrderChannel(), SalesChannel()
    async with world.units(SYSTEM) as ctx:
        facts = await order.load(ctx, an_id("ord", 1))
        show = await sales.load(ctx, SHOW_ID)
        assert await order.load(ctx, an_id("ord", 2)) is None
        assert await sales.load(ctx, an_id("shw", 2)) is None
    assert isinstance(show, ShowView)
    assert [order.authorise(actor, facts) for actor in (BUYER, OTHER_BUYER, HOST)] == [None, FORBIDDEN, FORBIDDEN]
    assert [sales.authorise(actor, show) for actor in (HOST, OTHER_HOST, BUYER)] == [None, FORBIDDEN, FORBIDDEN]
