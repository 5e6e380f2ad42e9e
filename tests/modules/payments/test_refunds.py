"""Money that goes back to a buyer: whole, in parts, refused, unknown, and never more than was taken."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from schemas.events.orders import RefundRequested
from schemas.money import Amounts
from server.modules.payments.adapters import Unknown
from server.modules.payments.tables import PAYMENTS, REFUNDS
from tests.modules.payments.hooks import deliver
from tests.modules.world import BUYER, HOST, SHOW_ID, World, an_id


def a_refund(number: int, total_minor: int, payment: int = 1, currency: str = "EUR") -> RefundRequested:
    return RefundRequested(
        refund_id=an_id("rfd", number),
        order_id=an_id("ord", payment),
        show_id=SHOW_ID,
        seller_id=HOST.id,
        payment_id=an_id("pay", payment),
        amounts=Amounts(
            currency=currency,
            subtotal_minor=total_minor,
            discount_minor=0,
            shipping_minor=0,
            tax_minor=0,
            total_minor=total_minor,
        ),
        reason="returned",
    )


async def paid(world: World, method: str = "tok_visa") -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, method)
    assert (await world.payment_now(BUYER, 1)).state == "captured"
    # Payments alone from here on: the orders have not asked for these refunds.
    await world.consumers.pop("orders").aclose()


async def refunds(world: World) -> list[tuple[str, str | None]]:
    async with world.database.reading() as connection:
        rows = await connection.execute(select(REFUNDS.c.state, REFUNDS.c.reason).order_by(REFUNDS.c.refund_id))
        return [(row.state, row.reason) for row in rows]


async def test_a_payment_is_given_back_in_parts_and_no_further(world: World) -> None:
    await paid(world)
    for number, total_minor in ((1, 999), (2, 1_000), (3, 1)):
        await world.handle("payments", a_refund(number, total_minor))
        await world.run_job("payments", "give_back")
    assert await refunds(world) == [("refunded", None), ("refunded", None), ("failed", "more_than_captured")]
    view = await world.payment_now(BUYER, 1)
    assert view.state == "refunded"
    assert view.refunded == view.captured == view.amount
    assert await world.dead_letters() == 0


async def test_a_part_that_is_given_back_leaves_the_payment_captured(world: World) -> None:
    await paid(world)
    await world.handle("payments", a_refund(1, 999))
    await world.run_job("payments", "give_back")
    view = await world.payment_now(BUYER, 1)
    assert (view.state, view.refunded and view.refunded.amount_minor) == ("captured", 999)


async def test_two_refunds_that_together_are_too_much_are_not_both_sent(world: World) -> None:
    await paid(world)
    await world.handle("payments", a_refund(1, 1_500))
    await world.handle("payments", a_refund(2, 1_500))
    await world.run_job("payments", "give_back")
    assert await refunds(world) == [("refunded", None), ("failed", "more_than_captured")]
    books = await world.redis.hgetall(f"sandbox:{an_id('pay', 1)}")
    assert [key for key in books if str(key).startswith("b'refund")] == [f"refund:{an_id('rfd', 1)}".encode()]


async def test_the_same_request_again_gives_back_once(world: World) -> None:
    await paid(world)
    for _ in range(2):
        await world.handle("payments", a_refund(1, 500))
        await world.run_job("payments", "give_back")
    view = await world.payment_now(BUYER, 1)
    assert view.refunded is not None
    assert view.refunded.amount_minor == 500


async def test_a_refund_that_the_provider_refuses_is_said_to_have_failed_and_frees_its_amount(world: World) -> None:
    await paid(world, "tok_refund_fails")
    for number in (1, 2):
        await world.handle("payments", a_refund(number, 1_999))
        await world.run_job("payments", "give_back")
    assert await refunds(world) == [("failed", "card_closed"), ("failed", "card_closed")]


@pytest.mark.parametrize("by_webhook", [True, False])
async def test_a_refund_without_an_answer_is_asked_about_until_it_is_known(world: World, by_webhook: bool) -> None:
    await paid(world, "tok_refund_unknown")
    await world.handle("payments", a_refund(1, 500))
    await world.run_job("payments", "give_back")
    assert await refunds(world) == [("unknown", None)]
    world.clock.advance(3_000)
    if by_webhook:
        await deliver(world)
    else:
        await world.run_job("payments", "give_back")
    assert await refunds(world) == [("refunded", None)]
    assert (await world.payment_now(BUYER, 1)).refunded is not None


async def test_a_refund_that_never_arrived_is_sent_again_but_not_after_its_key_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paid(world)

    async def lost(*_: object) -> Unknown:
        return Unknown()

    monkeypatch.setattr(world.sandbox, "refund", lost)
    for number in (1, 2):
        await world.handle("payments", a_refund(number, 500))
        await world.run_job("payments", "give_back")
        if number == 1:
            monkeypatch.undo()
            world.clock.advance(3_000)
            await world.run_job("payments", "give_back")
            assert await refunds(world) == [("refunded", None)]
            monkeypatch.setattr(world.sandbox, "refund", lost)
    monkeypatch.undo()
    world.clock.advance(25 * 3_600_000)
    await world.run_job("payments", "give_back")
    assert await refunds(world) == [("refunded", None), ("failed", "never_arrived")]


async def test_what_cannot_be_given_back_fails_by_name(world: World) -> None:
    await paid(world, "tok_chargeback")
    await world.handle("payments", a_refund(1, 500, currency="USD"))
    await world.handle("payments", a_refund(2, 0))
    world.clock.advance(6_000)
    await deliver(world)
    await world.handle("payments", a_refund(3, 500))
    assert await refunds(world) == [("failed", "wrong_currency"), ("failed", "more_than_captured"), ("failed", "disputed")]


@pytest.mark.parametrize(
    "values",
    [
        {"captured_minor": 2_000},
        {"refunding_minor": 2_000},
        {"refunded_minor": 1},
        {"captured_minor": -1},
        {"state": "voided"},
        {"amount_minor": 1_998},
    ],
)
async def test_the_database_itself_refuses_to_give_back_or_take_more(world: World, values: dict[str, object]) -> None:
    await paid(world)
    with pytest.raises(IntegrityError):
        async with world.database.begin() as connection:
            await connection.execute(update(PAYMENTS).values(values))
