"""Saved cards: kept, confirmed, chosen, forgotten; and the winner's, which pays without its owner."""

from typing import Any

import pytest

from schemas.errors import IDEMPOTENCY_CONFLICT, INVALID_FIELD, NOT_FOUND, PAYMENT_DECLINED, UNAVAILABLE
from schemas.events.orders import OrderPlaced
from schemas.http.payments import CARDS_MAX, CardListView, CardView
from schemas.requests.payments import GetSavedCard
from server.kernel.module import SYSTEM, Actor
from server.modules.payments import rules
from tests.modules.world import BUYER, HOLD_MS, OTHER_BUYER, SHOW_ID, World, an_id, refused


def a_card(number: int, method: str = "tok_visa") -> dict[str, Any]:
    return {"card_id": an_id("crd", number), "method": method}


async def save(world: World, number: int, method: str = "tok_visa", owner: Actor = BUYER) -> CardView:
    view = (await world.call(owner, "POST", "/api/payments/cards", a_card(number, method))).view
    assert isinstance(view, CardView)
    return view


async def cards(world: World, owner: Actor = BUYER) -> list[tuple[str, bool]]:
    view = (await world.call(owner, "GET", "/api/payments/cards")).view
    assert isinstance(view, CardListView)
    return [(card.label, card.is_default) for card in view.cards]


async def default_method(world: World, owner: Actor = BUYER) -> str | None:
    async with world.units(SYSTEM) as ctx:
        found = await ctx.ask(GetSavedCard(actor_id=owner.id))
    return None if found is None else found.method


async def test_the_first_card_pays_by_itself_until_another_is_chosen_or_it_is_removed(world: World) -> None:
    assert await default_method(world) is None
    first = await save(world, 1)
    assert (first.state, first.is_default, first.label) == ("ready", True, "Visa •••• 4242")
    world.clock.advance(10)
    assert not (await save(world, 2, "tok_mastercard")).is_default
    assert await default_method(world) == "saved_visa"
    await world.call(BUYER, "POST", f"/api/payments/cards/{an_id('crd', 2)}/default")
    assert await cards(world) == [("Mastercard •••• 4444", True), ("Visa •••• 4242", False)]
    assert await default_method(world) == "saved_mastercard"
    await world.call(BUYER, "DELETE", f"/api/payments/cards/{an_id('crd', 2)}")
    assert await cards(world) == [("Visa •••• 4242", True)]
    assert await cards(world, OTHER_BUYER) == []


async def test_the_same_card_again_is_the_same_answer_and_is_kept_once(world: World) -> None:
    assert await save(world, 1) == await save(world, 1)
    assert (await save(world, 2)).card_id == an_id("crd", 1)
    assert len(await cards(world)) == 1
    with refused(IDEMPOTENCY_CONFLICT):
        await save(world, 1, "tok_mastercard")
    with refused(IDEMPOTENCY_CONFLICT):
        await save(world, 1, owner=OTHER_BUYER)


async def test_a_card_whose_bank_asks_is_ready_after_its_owner_has_confirmed(world: World) -> None:
    asked = await save(world, 1, "tok_3ds")
    assert (asked.state, asked.is_default) == ("requires_action", False)
    assert asked.action_url is not None
    assert asked.action_url.endswith(f"/sandbox/{an_id('crd', 1)}")
    assert (await save(world, 1, "tok_3ds")).state == "requires_action"
    assert await default_method(world) is None
    with refused(INVALID_FIELD):
        await world.call(BUYER, "POST", f"/api/payments/cards/{an_id('crd', 1)}/default")
    with refused(NOT_FOUND):
        await world.call(OTHER_BUYER, "POST", f"/api/payments/sandbox/{an_id('crd', 1)}", {"approve": True})
    check = f"/api/payments/cards/{an_id('crd', 1)}/check"
    with refused(NOT_FOUND):
        await world.call(OTHER_BUYER, "POST", check)
    assert (await world.call(BUYER, "POST", check)).view == asked
    await world.call(BUYER, "POST", f"/api/payments/sandbox/{an_id('crd', 1)}", {"approve": True})
    ready = (await world.call(BUYER, "POST", check)).view
    assert isinstance(ready, CardView)
    assert (ready.state, ready.is_default, ready.action_url) == ("ready", True, None)
    assert (await world.call(BUYER, "POST", check)).view == await save(world, 1, "tok_3ds") == ready


async def test_a_card_that_its_owner_refuses_at_the_bank_is_not_kept(world: World) -> None:
    await save(world, 1, "tok_3ds")
    await world.call(BUYER, "POST", f"/api/payments/sandbox/{an_id('crd', 1)}", {"approve": False})
    assert (await save(world, 1, "tok_3ds")).state == "failed"
    assert await cards(world) == []


@pytest.mark.parametrize("method", ["tok_declined", "tok_insufficient_funds", "tok_unheard_of"])
async def test_a_card_that_the_bank_refuses_is_not_kept(world: World, method: str) -> None:
    with refused(PAYMENT_DECLINED):
        await save(world, 1, method)
    assert await cards(world) == []


async def test_a_provider_that_says_nothing_is_asked_again_with_the_same_key(world: World) -> None:
    world.sandbox.deadline_ms, world.sandbox._silent_ms = 100, 60_000
    with refused(UNAVAILABLE):
        await save(world, 1, "tok_timeout")
    assert (await save(world, 1, "tok_timeout")).state == "ready"


async def test_nobody_keeps_more_cards_than_allowed_or_touches_those_of_others(world: World) -> None:
    await save(world, 1)
    for path in (f"/api/payments/cards/{an_id('crd', 1)}", f"/api/payments/cards/{an_id('crd', 9)}"):
        with refused(NOT_FOUND):
            await world.call(OTHER_BUYER, "DELETE", path)
    for number in range(2, CARDS_MAX + 1):
        method = sorted(name for name in TOKENS if name != "tok_visa")[number - 2]
        await save(world, number, method)
    with refused(INVALID_FIELD):
        await save(world, 99, "tok_mastercard")


TOKENS = (
    *("tok_visa", "tok_mir", "tok_slow", "tok_3ds", "tok_webhook_first", "tok_webhook_late", "tok_webhook_twice"),
    *("tok_chargeback", "tok_chargeback_won", "tok_refund_fails"),
)


async def test_an_order_is_paid_with_a_saved_card(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await save(world, 1)
    body = {"payment_id": an_id("pay", 1), "order_id": an_id("ord", 1), "card_id": an_id("crd", 1)}
    for wrong in ({**body, "method": "tok_visa"}, {key: value for key, value in body.items() if key != "card_id"}):
        with refused(INVALID_FIELD):
            await world.call(BUYER, "POST", "/api/payments", wrong)
    await world.call(BUYER, "POST", "/api/payments", body)
    await world.settle()
    assert (await world.payment_now(BUYER, 1)).state == "captured"


async def test_somebody_elses_card_does_not_pay(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await save(world, 1, owner=OTHER_BUYER)
    with refused(NOT_FOUND):
        await world.call(
            BUYER,
            "POST",
            "/api/payments",
            {"payment_id": an_id("pay", 1), "order_id": an_id("ord", 1), "card_id": an_id("crd", 1)},
        )


async def test_a_card_is_kept_when_it_has_paid_and_only_then(world: World) -> None:
    await world.open_show()
    for number, method in ((1, "tok_declined"), (2, "tok_visa")):
        await world.order(BUYER, number)
        body = {"payment_id": an_id("pay", number), "order_id": an_id("ord", number), "method": method, "save_card": True}
        await world.call(BUYER, "POST", "/api/payments", body)
        await world.settle()
    assert await cards(world) == [("Visa •••• 4242", True)]


async def test_a_winners_card_pays_without_its_owner_once(world: World) -> None:
    await world.open_show()
    order = await world.order(BUYER, 1)
    await save(world, 1)
    won = OrderPlaced(
        order_id=order.order_id,
        show_id=SHOW_ID,
        buyer_id=BUYER.id,
        total=order.total,
        hold_expires_at_ms=world.clock.now_ms() + HOLD_MS,
        kind="lot",
        charge_saved=True,
    )
    await world.emit(won)
    await world.handle("payments", won)
    await world.settle()
    payment_id = rules.saved_payment_id(order.order_id)
    view = (await world.call(BUYER, "GET", f"/api/payments/{payment_id}")).view
    assert view is not None
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    assert await world.redis.keys("sandbox:*") == [f"sandbox:{payment_id}".encode()]
    assert await world.dead_letters() == 0


async def test_a_winner_whose_bank_wants_to_ask_or_who_has_no_card_pays_by_hand(world: World) -> None:
    await world.open_show()
    order = await world.order(BUYER, 1)
    won = OrderPlaced(
        order_id=order.order_id,
        show_id=SHOW_ID,
        buyer_id=BUYER.id,
        total=order.total,
        hold_expires_at_ms=world.clock.now_ms() + HOLD_MS,
        charge_saved=True,
    )
    await world.emit(won)
    assert (await world.order_now(BUYER, 1)).payment == "none"
    await save(world, 1, "tok_3ds")
    await world.call(BUYER, "POST", f"/api/payments/sandbox/{an_id('crd', 1)}", {"approve": True})
    await save(world, 1, "tok_3ds")
    await world.emit(won)
    order = await world.order_now(BUYER, 1)
    assert (order.payment, order.reason) == ("failed", "authentication_required")
    await world.pay(BUYER, 1, 1)
    assert (await world.order_now(BUYER, 1)).payment == "captured"
