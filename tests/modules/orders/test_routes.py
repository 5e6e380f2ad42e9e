"""Placing, reading and giving up orders over HTTP."""

import msgspec
import pytest

from schemas.errors import (
    FORBIDDEN,
    HOLD_EXPIRED,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LIMIT_REACHED,
    NOT_FOUND,
    PRICE_CHANGED,
    UNKNOWN_SKU,
)
from schemas.http.orders import OrderListView
from server.ledger.rules import Held, HoldLine
from tests.modules.world import BUYER, HOLD_MS, OTHER_BUYER, SHOW_ID, World, an_id, an_order, refused


async def test_the_same_order_again_is_the_same_answer_and_one_hold(world: World) -> None:
    await world.open_show()
    body = an_order(1, [("DRESS-M", 2)])
    first = await world.call(BUYER, "POST", "/api/orders", body)
    again = await world.call(BUYER, "POST", "/api/orders", body, headers={"idempotency-key": an_id("ord", 1)})
    assert (first.status, first.view) == (again.status, again.view) == (201, first.view)
    assert await world.pool() == (3, 2, 0)


async def test_the_id_of_another_order_is_taken(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    with refused(IDEMPOTENCY_CONFLICT):
        await world.order(OTHER_BUYER, 1)
    with refused(IDEMPOTENCY_CONFLICT):
        await world.order(BUYER, 1, quantity=2)
    with refused(INVALID_FIELD):
        await world.call(
            BUYER, "POST", "/api/orders", an_order(2, [("DRESS-M", 1)]), headers={"idempotency-key": an_id("ord", 1)}
        )
    assert await world.pool() == (4, 1, 0)


async def test_an_id_that_somebody_holds_units_with_is_taken_even_before_the_order_is_written(world: World) -> None:
    await world.open_show()
    await world.ledger.hold(SHOW_ID, an_id("ord", 1), OTHER_BUYER.id, [HoldLine("DRESS-M", 1)], HOLD_MS)
    with refused(IDEMPOTENCY_CONFLICT):
        await world.order(BUYER, 1)


async def test_a_buyer_who_died_between_hold_and_order_continues_or_loses_the_hold(world: World) -> None:
    await world.open_show()
    lines = [HoldLine("DRESS-M", 1)]
    held = await world.ledger.hold(SHOW_ID, an_id("ord", 1), BUYER.id, lines, HOLD_MS)
    assert isinstance(held, Held)
    assert (await world.order(BUYER, 1)).hold_expires_at_ms == held.expires_at_ms
    assert await world.pool() == (4, 1, 0)

    await world.ledger.hold(SHOW_ID, an_id("ord", 2), BUYER.id, lines, HOLD_MS)
    await world.expire_holds()
    assert await world.pool() == (5, 0, 0)
    with refused(HOLD_EXPIRED):
        await world.order(BUYER, 2)


async def test_a_price_that_has_changed_is_told_and_nothing_is_held(world: World) -> None:
    await world.open_show()
    with refused(PRICE_CHANGED) as refusal:
        await world.call(BUYER, "POST", "/api/orders", an_order(1, [("DRESS-M", 1)], {"amount_minor": 1, "currency": "EUR"}))
    assert refusal.extra == {"sku": "DRESS-M", "amount_minor": 1_999, "currency": "EUR"}
    assert await world.pool() == (5, 0, 0)


async def test_more_than_one_person_may_have_is_refused(world: World) -> None:
    await world.open_show(per_buyer_max=2)
    await world.order(BUYER, 1, quantity=2)
    with refused(LIMIT_REACHED) as refusal:
        await world.order(BUYER, 2)
    assert refusal.extra == {"sku": "DRESS-M", "per_buyer_max": 2}


async def test_a_product_of_no_show_cannot_be_ordered(world: World) -> None:
    await world.open_show()
    with refused(UNKNOWN_SKU) as refusal:
        await world.order(BUYER, 1, sku="HAT")
    assert refusal.extra == {"sku": "HAT"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_id": "ord_1"},
        {"lines": []},
        {"lines": [{"sku": "DRESS-M", "quantity": -1, "unit_price": {"amount_minor": 1, "currency": "EUR"}}]},
        {"lines": [{"sku": "DRESS-M", "quantity": 0, "unit_price": {"amount_minor": 1, "currency": "EUR"}}]},
        {"discount": 100},
    ],
)
async def test_a_malformed_order_is_no_order(world: World, wrong: dict[str, object]) -> None:
    await world.open_show()
    with pytest.raises(msgspec.ValidationError):
        await world.call(BUYER, "POST", "/api/orders", {**an_order(1, [("DRESS-M", 1)]), **wrong})
    assert await world.pool() == (5, 0, 0)


async def test_an_order_is_seen_by_its_buyer_alone(world: World) -> None:
    await world.open_show()
    placed = await world.order(BUYER, 1)
    path = f"/api/orders/{placed.order_id}"
    assert (await world.call(BUYER, "GET", path)).view == placed
    for method, target in (("GET", path), ("POST", f"{path}/cancel")):
        with refused(FORBIDDEN):
            await world.call(OTHER_BUYER, method, target)
    with refused(NOT_FOUND):
        await world.order_now(BUYER, 9)
    mine = (await world.call(BUYER, "GET", "/api/orders")).view
    theirs = (await world.call(OTHER_BUYER, "GET", "/api/orders")).view
    assert mine == OrderListView(orders=[placed])
    assert theirs == OrderListView(orders=[])


async def test_orders_are_listed_newest_first(world: World) -> None:
    await world.open_show()
    for number in (1, 2, 3):
        await world.order(BUYER, number)
        world.clock.advance(10)
    view = (await world.call(BUYER, "GET", "/api/orders")).view
    assert isinstance(view, OrderListView)
    assert [order.order_id for order in view.orders] == [an_id("ord", number) for number in (3, 2, 1)]


async def test_an_order_whose_expiry_was_never_told_ends_all_the_same(world: World) -> None:
    await world.open_show()
    placed = await world.order(BUYER, 1)
    # The hold ends by the ledger's own clock.
    world.clock.advance(placed.hold_expires_at_ms - world.clock.now_ms() + 59_000)
    await world.run_job("orders", "cancel_overdue")
    assert (await world.order_now(BUYER, 1)).state == "placed"
    world.clock.advance(2_000)
    await world.run_job("orders", "cancel_overdue")
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.reason) == ("cancelled", "hold_expired")
    assert await world.pool() == (5, 0, 0)
