"""Beginning a payment over HTTP, and the work that is done for it later."""

import pytest

from schemas.errors import FORBIDDEN, HOLD_EXPIRED, IDEMPOTENCY_CONFLICT, INVALID_FIELD, NOT_FOUND, PAYMENT_IN_PROGRESS
from schemas.events.payments import PaymentRequested
from schemas.http.payments import ProvidersView, ProviderView
from server.modules.payments.adapters import PaymentProvider, Providers, Result, Unknown
from tests.modules.world import BUYER, HOLD_MS, OTHER_BUYER, World, a_payment, an_id, refused


async def test_a_payment_is_accepted_once_and_decided_later(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    first = await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    again = await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    assert (first.status, again.status, first.view) == (202, 202, again.view)
    assert (await world.payment_now(BUYER, 1)).state == "created"
    await world.settle()
    later = await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    assert later.view == await world.payment_now(BUYER, 1)
    assert (await world.payment_now(BUYER, 1)).state == "captured"


async def test_what_cannot_be_paid_is_refused(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    with refused(FORBIDDEN):
        await world.pay(OTHER_BUYER, 1, 1)
    with refused(NOT_FOUND):
        await world.pay(BUYER, 2, 1)
    with refused(INVALID_FIELD):
        await world.call(BUYER, "POST", "/api/payments", {**a_payment(1, 1), "provider": "bank"})
    await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    with refused(PAYMENT_IN_PROGRESS):
        await world.call(BUYER, "POST", "/api/payments", a_payment(1, 2))
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1, "tok_slow"))


async def test_an_order_whose_time_is_over_takes_no_payment_even_before_it_is_cancelled(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    world.clock.advance(HOLD_MS + 60_000)
    with refused(HOLD_EXPIRED):
        await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))


async def test_a_payment_is_seen_by_its_buyer_alone(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1)
    with refused(FORBIDDEN):
        await world.payment_now(OTHER_BUYER, 1)
    with refused(NOT_FOUND):
        await world.payment_now(BUYER, 2)


async def test_a_payment_whose_fact_was_lost_is_taken_up_after_a_minute(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    lost = world.consumers.pop("payments")
    await world.pay(BUYER, 1, 1)
    world.clock.advance(59_000)
    await world.run_job("payments", "resolve")
    assert (await world.payment_now(BUYER, 1)).state == "created"
    world.clock.advance(2_000)
    await world.run_job("payments", "resolve")
    assert (await world.payment_now(BUYER, 1)).state == "authorised"
    assert (await world.order_now(BUYER, 1)).state == "confirmed"
    world.consumers["payments"] = lost  # the lost fact turns up after all, together with the confirmation
    await world.settle()
    assert (await world.payment_now(BUYER, 1)).state == "captured"


@pytest.mark.parametrize("silent", ["capture", "void"])
async def test_a_capture_or_void_without_an_answer_is_repeated_until_there_is_one(world: World, silent: str) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    mute = Mute(world, silent)
    await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1))
    if silent == "void":
        await world.call(BUYER, "POST", f"/api/orders/{an_id('ord', 1)}/cancel")
    await world.settle()
    assert (await world.payment_now(BUYER, 1)).state == "authorised"
    world.clock.advance(10_000)
    await world.run_job("payments", "resolve")
    assert (await world.payment_now(BUYER, 1)).state == "authorised"
    mute.silent = ""
    world.clock.advance(10_000)
    await world.run_job("payments", "resolve")
    expected = {"capture": "captured", "void": "voided"}[silent]
    assert (await world.payment_now(BUYER, 1)).state == expected
    assert (await world.order_now(BUYER, 1)).payment == expected


async def test_a_request_that_never_arrived_is_sent_again_under_the_same_key(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    mute = Mute(world, "authorise")
    await world.pay(BUYER, 1, 1)
    assert (await world.payment_now(BUYER, 1)).state == "unknown"
    mute.silent = ""
    world.clock.advance(2_000)
    await world.run_job("payments", "resolve")
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    assert await world.redis.keys("sandbox:*") == [f"sandbox:{an_id('pay', 1)}".encode()]


async def test_a_fact_told_twice_asks_the_provider_once(world: World) -> None:
    await world.open_show()
    order = await world.order(BUYER, 1)
    mute = Mute(world, "")
    await world.pay(BUYER, 1, 1)
    fact = PaymentRequested(
        payment_id=an_id("pay", 1),
        order_id=order.order_id,
        show_id=order.show_id,
        provider="sandbox",
        method="tok_visa",
        amount=order.total,
    )
    await world.handle("payments", fact)
    assert mute.asked == ["authorise", "capture"]


async def test_a_card_is_asked_for_only_by_a_provider_that_has_a_page_for_it(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    view = (await world.call(BUYER, "GET", "/api/payments/providers")).view
    assert view == ProvidersView(providers=[ProviderView(name="sandbox", hosted_entry=False, keeps_cards=True)])
    without = {"payment_id": an_id("pay", 1), "order_id": an_id("ord", 1)}
    with refused(INVALID_FIELD) as refusal:
        await world.call(BUYER, "POST", "/api/payments", without)
    assert refusal.extra["field"] == "/method"
    with refused(INVALID_FIELD) as refusal:
        await world.call(BUYER, "POST", "/api/payments/cards", {"card_id": an_id("crd", 1)})
    assert refusal.extra["field"] == "/method"


class Mute:
    """Stands between us and the sandbox: counts what it is asked, and loses the requests of one kind."""

    def __init__(self, world: World, silent: str) -> None:
        self.silent = silent
        self.asked: list[str] = []
        providers = world.units._ports[Providers]
        assert isinstance(providers, Providers)
        self._inner: PaymentProvider = providers._providers["sandbox"]
        self.capabilities, self.deadline_ms = self._inner.capabilities, self._inner.deadline_ms
        providers._providers["sandbox"] = self  # type: ignore[assignment]

    def __getattr__(self, name: str) -> object:
        async def ask(*args: object) -> Result:
            self.asked.append(name)
            if name == self.silent:
                return Unknown()
            answer: Result = await getattr(self._inner, name)(*args)
            return answer

        return ask
