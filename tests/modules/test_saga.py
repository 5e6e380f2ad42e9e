"""A purchase from the click to the captured payment, and every way in which it can end otherwise. Facts travel as in production:
outbox → relay → Redis → consumers, in this process."""

import asyncio

import pytest

from schemas.errors import HOLD_EXPIRED, ORDER_NOT_PAYABLE, PAYMENT_IN_PROGRESS, SOLD_OUT, Refused
from schemas.events.orders import OrderCancelled, OrderConfirmed
from schemas.events.payments import PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentRequested
from schemas.money import Money
from server.kernel.module import Actor, Reply
from tests.modules.world import (
    BUYER,
    HOLD_MS,
    OTHER_BUYER,
    PRICE,
    SHOW_ID,
    World,
    a_payment,
    an_id,
    an_order,
    refused,
)

AMOUNT = Money(amount_minor=1_999, currency="EUR")


async def test_an_order_that_is_paid_is_confirmed_captured_and_sold(world: World) -> None:
    await world.open_show(funded=5)
    placed = await world.order(BUYER, 1)
    assert (placed.state, placed.payment, placed.total) == ("placed", "none", AMOUNT)
    assert await world.pool() == (4, 1, 0)

    await world.pay(BUYER, 1, 1)

    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment) == ("confirmed", "captured")
    assert (await world.payment_now(BUYER, 1)).state == "captured"
    assert await world.pool() == (4, 0, 1)
    states = [(push["state"], push["payment"]) for push in world.screens.pushes[f"order:{placed.order_id}"]]
    assert states == [("placed", "none"), ("placed", "in_progress"), ("confirmed", "authorised"), ("confirmed", "captured")]
    assert await world.dead_letters() == 0


async def test_a_declined_card_leaves_the_order_open_for_another_one(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_declined")
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment, order.reason) == ("placed", "failed", "card_declined")
    assert (await world.payment_now(BUYER, 1)).state == "failed"

    await world.pay(BUYER, 1, 2)

    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment, order.reason) == ("confirmed", "captured", None)


async def test_a_provider_that_times_out_is_asked_again_with_the_same_key_until_it_knows(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    assert (await world.payment_now(BUYER, 1)).state == "unknown"
    assert (await world.order_now(BUYER, 1)).payment == "in_progress"
    with refused(PAYMENT_IN_PROGRESS):
        await world.pay(BUYER, 1, 2)

    for _ in range(4):
        await world.pass_time(2_000)
        await world.run_job("payments", "resolve")

    assert (await world.order_now(BUYER, 1)).payment == "captured"
    assert len(await world.redis.keys("sandbox:*")) == 1


async def test_a_slow_provider_is_waited_for(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_slow")
    assert (await world.order_now(BUYER, 1)).payment == "captured"


async def test_an_order_that_nobody_pays_ends_with_its_hold(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.expire_holds()
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment, order.reason) == ("cancelled", "none", "hold_expired")
    assert await world.pool() == (5, 0, 0)
    with refused(HOLD_EXPIRED):
        await world.pay(BUYER, 1, 1)


async def test_a_payment_later_than_its_hold_gets_a_new_hold(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    await world.expire_holds(HOLD_MS + 1)
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment) == ("placed", "in_progress")
    assert await world.pool() == (5, 0, 0)

    await world.run_job("payments", "resolve")

    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment) == ("confirmed", "captured")
    assert await world.pool() == (4, 0, 1)


async def test_a_payment_later_than_its_hold_is_voided_when_the_units_are_gone(world: World) -> None:
    await world.open_show(funded=1)
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    await world.expire_holds()
    await world.order(OTHER_BUYER, 2)
    await world.pay(OTHER_BUYER, 2, 2)

    await world.run_job("payments", "resolve")

    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment, order.reason) == ("cancelled", "voided", "sold_out")
    assert (await world.payment_now(BUYER, 1)).state == "voided"
    assert (await world.order_now(OTHER_BUYER, 2)).payment == "captured"
    assert await world.pool() == (0, 0, 1)


async def test_a_declined_payment_after_the_hold_ended_ends_the_order(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1, "tok_declined"))
    await world.relay.relay_once()
    await world.consumers["orders"].step()
    assert (await world.order_now(BUYER, 1)).payment == "in_progress"
    await world.pass_time(HOLD_MS + 1)
    await world.ledger.sweep(SHOW_ID)
    await world.settle()
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment, order.reason) == ("cancelled", "failed", "hold_expired")


async def test_the_last_unit_goes_to_one_of_many(world: World) -> None:
    await world.open_show(funded=1)
    await world.order(BUYER, 1)
    with refused(SOLD_OUT) as refusal:
        await world.order(OTHER_BUYER, 2)
    assert refusal.extra == {"sku": "DRESS-M", "available": 0}


async def test_a_cart_of_several_products_is_held_whole_or_not_at_all(world: World) -> None:
    await world.open_show(funded=5)
    await world.publish("HAT", 2, number=2)
    await world.fund("HAT", 1, number=2)
    await world.settle()
    with refused(SOLD_OUT) as refusal:
        await world.call(BUYER, "POST", "/api/orders", an_order(1, [("DRESS-M", 2), ("HAT", 2)]))
    assert refusal.extra == {"sku": "HAT", "available": 1}
    assert await world.pool() == (5, 0, 0)
    reply = await world.call(BUYER, "POST", "/api/orders", an_order(2, [("DRESS-M", 2), ("HAT", 1)]))
    assert reply.status == 201
    assert (await world.pool(), await world.pool("HAT")) == ((3, 2, 0), (0, 1, 0))


async def test_the_buyer_gives_an_order_up_and_the_units_are_free_again(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1, quantity=2)
    for _ in range(2):  # the second time is no error
        await world.call(BUYER, "POST", f"/api/orders/{an_id('ord', 1)}/cancel")
        await world.settle()
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.reason) == ("cancelled", "buyer")
    assert await world.pool() == (5, 0, 0)
    with refused(ORDER_NOT_PAYABLE):
        await world.pay(BUYER, 1, 1)


async def test_an_order_given_up_while_its_payment_was_on_the_way_is_voided(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    await world.call(BUYER, "POST", f"/api/orders/{an_id('ord', 1)}/cancel")
    await world.settle()
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment, order.reason) == ("cancelled", "voided", "buyer")
    assert (await world.payment_now(BUYER, 1)).state == "voided"
    assert await world.pool() == (5, 0, 0)


async def test_a_hold_that_ends_while_the_payment_is_on_the_way_is_not_the_end(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    await world.pass_time(HOLD_MS + 1)
    await world.ledger.sweep(SHOW_ID)
    # The expiry is told before the payment: the order dies, so the payment that follows must be given back.
    await world.consumers["orders"].step()
    assert (await world.order_now(BUYER, 1)).state == "cancelled"
    await world.settle()
    assert (await world.order_now(BUYER, 1)).payment == "voided"
    assert await world.dead_letters() == 0


async def test_paying_extends_the_hold_once(world: World) -> None:
    await world.open_show()
    placed = await world.order(BUYER, 1)
    await world.pass_time(HOLD_MS // 2)
    await world.pay(BUYER, 1, 1, "tok_declined")
    extended = (await world.order_now(BUYER, 1)).hold_expires_at_ms
    assert extended > placed.hold_expires_at_ms
    await world.pass_time(HOLD_MS // 2)
    await world.pay(BUYER, 1, 2, "tok_declined")
    assert (await world.order_now(BUYER, 1)).hold_expires_at_ms == extended


@pytest.mark.parametrize("crash", ["extend", "authorise", "commit", "capture"])
async def test_a_worker_that_dies_after_the_outside_call_repeats_it_without_harm(world: World, crash: str) -> None:
    """The outside call has happened and the transaction has not: the fact comes again."""
    await world.open_show()
    await world.order(BUYER, 1)
    await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    doomed = {
        "extend": ("orders", PaymentRequested),
        "authorise": ("payments", PaymentRequested),
        "commit": ("orders", PaymentAuthorised),
        "capture": ("payments", OrderConfirmed),
    }[crash]
    with crashing_once(world, *doomed) as crashed:
        for _ in range(3):
            await world.settle()
            world.clock.advance(1_000)
    assert crashed
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment) == ("confirmed", "captured")
    assert await world.pool() == (4, 0, 1)
    assert len(await world.redis.keys("sandbox:*")) == 1
    assert await world.dead_letters() == 0


async def test_facts_told_again_past_the_inbox_change_nothing(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_declined")
    await world.pay(BUYER, 1, 2)
    before = await world.order_now(BUYER, 1)
    order_id, show_id = before.order_id, SHOW_ID
    requested = {"order_id": order_id, "show_id": show_id, "provider": "sandbox", "method": "tok_visa", "amount": AMOUNT}
    second = an_id("pay", 2)
    for module, fact in [
        ("orders", PaymentRequested(payment_id=an_id("pay", 1), **requested)),  # type: ignore[arg-type]
        ("orders", PaymentRequested(payment_id=second, **requested)),  # type: ignore[arg-type]
        ("orders", PaymentFailed(payment_id=an_id("pay", 1), order_id=order_id, show_id=show_id, reason="late")),
        ("orders", PaymentAuthorised(payment_id=second, order_id=order_id, show_id=show_id, amount=AMOUNT)),
        (
            "orders",
            PaymentCaptured(payment_id=second, order_id=order_id, show_id=show_id, amount=AMOUNT, captured_at_ms=1),
        ),
        ("payments", PaymentRequested(payment_id=second, **requested)),  # type: ignore[arg-type]
        ("payments", OrderConfirmed(order_id=order_id, show_id=show_id, payment_id=second)),
        ("payments", OrderCancelled(order_id=order_id, show_id=show_id, reason="buyer", payment_id=an_id("pay", 1))),
        ("orders", OrderCancelled(order_id=order_id, show_id=show_id, reason="buyer", payment_id=None)),
    ]:
        await world.handle(module, fact)
    await world.settle()
    assert await world.order_now(BUYER, 1) == before
    assert await world.pool() == (4, 0, 1)


async def test_two_clicks_at_once_make_one_order_and_one_payment(world: World) -> None:
    await world.open_show()
    body = an_order(1, [("DRESS-M", 1)])
    replies = await asyncio.gather(*(world.call(BUYER, "POST", "/api/orders", body) for _ in range(5)))
    assert {reply.status for reply in replies} == {201}
    assert [reply.view for reply in replies] == [replies[0].view] * 5
    payments = await asyncio.gather(
        *(world.call(BUYER, "POST", "/api/payments", a_payment(1, number)) for number in (1, 1, 2, 3)),
        return_exceptions=True,
    )
    accepted = [payment.view for payment in payments if isinstance(payment, Reply)]
    refusals = [payment.error for payment in payments if isinstance(payment, Refused)]
    assert len(set(map(str, accepted))) == 1, "one payment, told as often as it was asked for"
    assert len(accepted) + len(refusals) == 4
    assert set(refusals) == {PAYMENT_IN_PROGRESS}
    await world.settle()
    assert await world.pool() == (4, 0, 1)
    assert len(await world.redis.keys("sandbox:*")) == 1


async def test_a_crowd_gets_exactly_what_there_is(world: World) -> None:
    await world.open_show(stock=50, funded=8, per_buyer_max=1)
    crowd = [Actor(an_id("gst", 100 + number), "guest", f"Guest {number}") for number in range(20)]

    async def buy(number: int) -> bool:
        try:
            await world.call(crowd[number], "POST", "/api/orders", an_order(number, [("DRESS-M", 1)], PRICE))
        except Refused as refusal:
            return refusal.error != SOLD_OUT
        return True

    bought = await asyncio.gather(*(buy(number) for number in range(20)))
    assert sum(bought) == 8
    assert await world.pool() == (0, 8, 0)


class crashing_once:  # noqa: N801 - reads as a verb in a `with`
    """The module's next transaction for this fact dies just before its commit."""

    def __init__(self, world: World, module: str, fact: type) -> None:
        self._handlers = world.consumers[module]._handlers
        self._name = next(name for name, entry in self._handlers.items() if entry.event is fact)
        self._crashed: list[bool] = []

    def __enter__(self) -> list[bool]:
        self._entry = self._handlers[self._name]

        async def handler(event: object, ctx: object) -> None:
            await self._entry.handler(event, ctx)  # type: ignore[arg-type]
            if not self._crashed:
                self._crashed.append(True)
                raise KeyboardInterruptOfTheWorker

        self._handlers[self._name] = type(self._entry)(self._entry.event, handler)
        return self._crashed

    def __exit__(self, *_: object) -> None:
        self._handlers[self._name] = self._entry


class KeyboardInterruptOfTheWorker(Exception):
    """Stands for a power cut: nothing of the transaction remains."""
