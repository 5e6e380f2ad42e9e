"""The line of those who wait for units that others hold."""

from typing import Any

import pytest

from schemas.errors import (
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    LIMIT_REACHED,
    NOT_FOUND,
    SALE_NOT_OPEN,
    SHOW_ENDED,
    UNKNOWN_SKU,
    WireError,
)
from server.kernel.module import Actor
from server.ledger.rules import Held
from tests.modules.crowd import restrain
from tests.modules.flash_sales.sale import SKU, hold, start, wait, waits
from tests.modules.world import BUYER, HOLD_MS, HOST, OTHER_BUYER, SHOW_ID, World, an_id, refused

THIRD = Actor(an_id("gst", 3), "guest", "Kim")
INBOX = "inbox:"


def turns(world: World, actor: Actor) -> list[Any]:
    """What somebody was told of their turn."""
    return [push for push in world.screens.pushes.get(INBOX + actor.id, []) if push.get("kind") == "your_turn"]


async def sold_out(world: World) -> None:
    """One unit, which BUYER holds for a minute."""
    await world.open_show(funded=1)
    await world.know(BUYER, OTHER_BUYER, THIRD)
    assert isinstance(await hold(world, BUYER, 1, sale=None), Held)


async def test_whoever_waits_longest_gets_the_unit_that_becomes_free_and_is_told(world: World) -> None:
    await sold_out(world)
    first, second = await wait(world, OTHER_BUYER, 1), await wait(world, THIRD, 2)
    assert [(view.state, view.place) for view in (first, second)] == [("waiting", 1), ("waiting", 2)]
    await world.expire_holds()
    (served,) = await waits(world, OTHER_BUYER)
    assert (served.state, served.place) == ("served", 0)
    assert served.expires_at_ms > world.clock.now_ms()
    (next_one,) = await waits(world, THIRD)
    assert (next_one.state, next_one.place) == ("waiting", 1)
    (told,) = turns(world, OTHER_BUYER)
    assert told["params"]["wait_id"] == served.wait_id
    assert told["link"] == f"/watch/{SHOW_ID}"
    assert turns(world, THIRD) == turns(world, BUYER) == []
    assert await world.pool() == (0, 1, 0)


async def test_a_turn_that_is_not_taken_goes_to_the_next_one(world: World) -> None:
    await sold_out(world)
    await wait(world, OTHER_BUYER, 1)
    await wait(world, THIRD, 2)
    await world.expire_holds()
    await world.expire_holds(HOLD_MS + 1)
    assert await waits(world, OTHER_BUYER) == []
    assert [view.state for view in await waits(world, THIRD)] == ["served"]
    assert [len(turns(world, actor)) for actor in (OTHER_BUYER, THIRD)] == [1, 1]


async def test_who_leaves_is_not_served_and_who_gives_a_turn_back_passes_it_on(world: World) -> None:
    await sold_out(world)
    for number, actor in enumerate((OTHER_BUYER, THIRD, HOST), 1):
        await wait(world, actor, number)
    left: Any = (await world.call(OTHER_BUYER, "DELETE", f"/api/flash_sales/waits/{an_id('wai', 1)}")).view
    assert left.state == "left"
    await world.settle()
    await world.expire_holds()
    assert [view.state for view in await waits(world, THIRD)] == ["served"]
    await world.call(THIRD, "DELETE", f"/api/flash_sales/waits/{an_id('wai', 2)}")
    await world.settle()
    assert await waits(world, THIRD) == await waits(world, OTHER_BUYER) == []
    assert [view.state for view in await waits(world, HOST)] == ["served"]
    # Once more, as after a lost answer: nothing changes.
    await world.call(THIRD, "DELETE", f"/api/flash_sales/waits/{an_id('wai', 2)}")
    await world.settle()
    assert await world.pool() == (0, 1, 0)


async def test_units_that_are_free_are_held_at_once(world: World) -> None:
    await world.open_show(funded=1)
    served = await wait(world, BUYER)
    assert served.state == "served"
    assert [view.state for view in await waits(world, BUYER)] == ["served"]
    assert turns(world, BUYER) == []
    assert await wait(world, BUYER) == served, "the same wish again is the same answer"
    await world.expire_holds()
    assert await waits(world, BUYER) == []


async def test_the_line_of_a_flash_sale_ends_with_it(world: World) -> None:
    await world.open_show(funded=5)
    await world.know(BUYER, OTHER_BUYER)
    await start(world, items=[{"sku": SKU, "price": {"amount_minor": 5, "currency": "EUR"}, "quantity_max": 1}])
    assert isinstance(await hold(world, BUYER, 1), Held)
    waiting = await wait(world, OTHER_BUYER, sale_id=an_id("sal", 1))
    assert (waiting.state, waiting.sale_id) == ("waiting", an_id("sal", 1))
    await world.call(HOST, "POST", f"/api/flash_sales/{an_id('sal', 1)}/close")
    await world.settle()
    assert await waits(world, OTHER_BUYER) == []
    await world.expire_holds()
    assert turns(world, OTHER_BUYER) == []


WISH = {"wait_id": an_id("wai", 1), "show_id": SHOW_ID, "sku": SKU}
BAD: list[tuple[dict[str, Any], WireError]] = [
    ({"sku": "NO-SUCH"}, UNKNOWN_SKU),
    ({"show_id": an_id("shw", 9)}, NOT_FOUND),
    ({"quantity": 9}, LIMIT_REACHED),
    ({"sale_id": an_id("sal", 9)}, SALE_NOT_OPEN),
]


@pytest.mark.parametrize(("change", "error"), BAD)
async def test_a_wish_that_cannot_come_true_is_refused_by_name(world: World, change: dict[str, Any], error: WireError) -> None:
    await sold_out(world)
    with refused(error):
        await world.call(OTHER_BUYER, "POST", "/api/flash_sales/waits", {**WISH, **change})
    await world.settle()
    assert await waits(world, OTHER_BUYER) == []


async def test_places_belong_to_those_who_stand_there(world: World) -> None:
    await sold_out(world)
    await wait(world, OTHER_BUYER)
    with refused(FORBIDDEN):
        await world.call(THIRD, "DELETE", f"/api/flash_sales/waits/{an_id('wai', 1)}")
    with refused(NOT_FOUND):
        await world.call(THIRD, "DELETE", f"/api/flash_sales/waits/{an_id('wai', 7)}")
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(THIRD, "POST", "/api/flash_sales/waits", WISH)
    await restrain(world, THIRD, "block")
    with refused(FORBIDDEN):
        await world.call(THIRD, "POST", "/api/flash_sales/waits", {**WISH, "wait_id": an_id("wai", 3)})
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await world.call(OTHER_BUYER, "POST", "/api/flash_sales/waits", {**WISH, "wait_id": an_id("wai", 4)})
