"""A rehearsal is paid at the sandbox alone, whatever the shop takes money with; and the sandbox never takes money for it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from schemas.errors import INVALID_FIELD, NOT_IN_REHEARSAL
from schemas.requests.payments import GetSavedCard
from server.kernel.clock import SystemClock
from server.kernel.config import Settings
from server.kernel.module import SYSTEM
from server.modules.payments.adapters.sandbox import Sandbox
from server.modules.payments.adapters.setup import build_providers
from server.modules.payments.tables import CARDS
from server.store.database import Database
from tests.modules.shows.test_rehearsals import REH, rehearse
from tests.modules.world import BUYER, World, a_payment, an_id, an_order, close_world, make_world, refused


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    """A shop that takes money at "stripe" (a provider that behaves like the sandbox) and nowhere else, with a rehearsal."""
    made = await make_world(database, redis, real={"stripe": Sandbox(redis, SystemClock())})
    await made.know(BUYER)
    await made.open_show()
    await rehearse(made)
    yield made
    await close_world(made)


async def ordered(world: World, number: int, show_id: str = REH) -> None:
    await world.call(BUYER, "POST", "/api/orders", {**an_order(number, [("DRESS-M", 1)]), "show_id": show_id})
    await world.settle()


async def keep(world: World, number: int, provider: str, *, is_default: bool) -> None:
    """A card that was saved earlier, when the shop may have had other providers."""
    row: dict[str, Any] = {"card_id": an_id("crd", number), "owner_id": BUYER.id, "provider": provider, "given": "tok_visa"}
    row |= {"state": "ready"}
    row |= {"method": "saved_visa", "label": "Visa", "is_default": is_default, "return_path": "/", "saved_at_ms": 1}
    async with world.database.begin() as connection:
        await connection.execute(CARDS.insert().values(row))


def by_card(order: int, payment: int, card: int) -> dict[str, str]:
    return {"payment_id": an_id("pay", payment), "order_id": an_id("ord", order), "card_id": an_id("crd", card)}


async def test_an_order_of_a_rehearsal_is_paid_at_the_sandbox_though_the_shop_does_not_offer_it(world: World) -> None:
    await ordered(world, 1)
    await world.pay(BUYER, 1, 1)
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    assert (await world.payment_now(BUYER, 1)).provider == "sandbox"


async def test_real_money_is_refused_in_a_rehearsal(world: World) -> None:
    await ordered(world, 1)
    await keep(world, 1, "stripe", is_default=True)
    with refused(NOT_IN_REHEARSAL):
        await world.call(BUYER, "POST", "/api/payments", {**a_payment(1, 1), "provider": "stripe"})
    with refused(NOT_IN_REHEARSAL):
        await world.call(BUYER, "POST", "/api/payments", by_card(1, 2, 1))
    assert (await world.order_now(BUYER, 1)).payment == "none"


async def test_the_sandbox_takes_no_real_order_where_it_is_not_set_up(world: World) -> None:
    await ordered(world, 1, an_id("shw", 1))
    await keep(world, 1, "sandbox", is_default=True)
    with refused(INVALID_FIELD):
        await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    with refused(INVALID_FIELD):
        await world.call(BUYER, "POST", "/api/payments", by_card(1, 2, 1))
    with refused(INVALID_FIELD):
        await world.call(BUYER, "POST", "/api/payments/cards", {"card_id": an_id("crd", 2), "method": "tok_visa"})
    async with world.units(SYSTEM) as ctx:
        assert await ctx.ask(GetSavedCard(actor_id=BUYER.id)) is None, "with it nobody could pay for what they win"
    await world.call(BUYER, "POST", "/api/payments", {**a_payment(1, 3), "provider": "stripe"})
    await world.settle()
    assert (await world.order_now(BUYER, 1)).payment == "captured"


async def test_each_is_offered_where_it_may_be_used(world: World) -> None:
    async def offered(show_id: str) -> list[str]:
        view: Any = (await world.call(BUYER, "GET", "/api/payments/providers", query={"show_id": show_id})).view
        return [provider.name for provider in view.providers]

    assert await offered(REH) == ["sandbox"]
    assert await offered(an_id("shw", 1)) == await offered("") == ["stripe"]


async def test_a_test_card_of_a_rehearsal_is_not_kept(world: World) -> None:
    await ordered(world, 1)
    await world.call(BUYER, "POST", "/api/payments", {**a_payment(1, 1), "save_card": True})
    await world.settle()
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    cards: Any = (await world.call(BUYER, "GET", "/api/payments/cards")).view
    assert cards.cards == []


async def test_an_installation_has_the_sandbox_for_rehearsals_and_offers_what_is_set_up(redis: Redis) -> None:
    yookassa = Settings(yookassa_shop_id="1", yookassa_secret_key="secret", internal_secret="x" * 32)
    for settings, names in ((Settings(internal_secret="x" * 32), ["sandbox"]), (yookassa, ["yookassa"])):
        providers = build_providers(settings, redis, SystemClock())
        assert (providers.names, "sandbox" in providers) == (names, names == ["sandbox"])
        assert providers.bank is not None
        assert providers.capabilities("sandbox").manual_capture
        await providers.close()
