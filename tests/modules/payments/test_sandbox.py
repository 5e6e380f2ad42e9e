"""The port to payment providers, proved on the built-in one: it keeps its own books, outside of our processes."""

import asyncio

from redis.asyncio import Redis

from schemas.money import Money
from server.modules.payments.adapters import (
    Authorised,
    Captured,
    Charge,
    Declined,
    Providers,
    Result,
    Unknown,
    Unseen,
    Voided,
)
from server.modules.payments.adapters.sandbox import Sandbox
from server.redis.connection import connect
from tests.fakes.clock import START_MS, FakeClock

AMOUNT = Money(amount_minor=500, currency="EUR")
AUTHORISED = Authorised(AMOUNT, "sbx_pay_1", START_MS + 7 * 24 * 3_600_000)


def a_charge(key: str = "pay_1", amount: Money = AMOUNT, method: str = "tok_visa") -> Charge:
    return Charge(key=key, amount=amount, method=method, order_id="ord_1", owner_id="gst_1", created_at_ms=0)


def a_sandbox(redis: Redis, clock: FakeClock, *, deadline_ms: int = 20_000, silent_ms: int = 5) -> Sandbox:
    return Sandbox(redis, clock, deadline_ms=deadline_ms, slow_ms=5, silent_ms=silent_ms, late_ms=3_000)


async def test_a_card_pays_and_is_captured_once(redis: Redis, clock: FakeClock) -> None:
    sandbox = a_sandbox(redis, clock)
    assert await sandbox.get(a_charge("pay_1")) == Unseen()
    assert await sandbox.authorise(a_charge("pay_1", AMOUNT, "tok_visa")) == AUTHORISED
    captured = await sandbox.capture(a_charge("pay_1"), AMOUNT)
    assert captured == Captured(clock.now_ms(), AMOUNT, Money(amount_minor=32, currency="EUR"))
    clock.advance(5_000)
    assert await sandbox.capture(a_charge("pay_1"), AMOUNT) == captured
    assert await sandbox.void(a_charge("pay_1")) == captured
    assert await sandbox.get(a_charge("pay_1")) == captured


async def test_the_books_outlive_the_process_that_asked(redis: Redis, clock: FakeClock, valkey_url: str) -> None:
    await a_sandbox(redis, clock).authorise(a_charge("pay_1", AMOUNT, "tok_visa"))
    other = connect(valkey_url)
    assert await a_sandbox(other, FakeClock()).authorise(a_charge("pay_1", AMOUNT, "tok_visa")) == AUTHORISED
    await other.aclose()


async def test_a_key_stands_for_one_request(redis: Redis, clock: FakeClock) -> None:
    sandbox = a_sandbox(redis, clock)
    await sandbox.authorise(a_charge("pay_1", AMOUNT, "tok_visa"))
    more = Money(amount_minor=501, currency="EUR")
    assert isinstance(await sandbox.authorise(a_charge("pay_1", more, "tok_visa")), Declined)
    assert isinstance(await sandbox.authorise(a_charge("pay_1", AMOUNT, "tok_declined")), Declined)
    assert await sandbox.get(a_charge("pay_1")) == AUTHORISED


async def test_no_more_than_authorised_is_captured_and_nothing_of_a_declined_card(redis: Redis, clock: FakeClock) -> None:
    sandbox = a_sandbox(redis, clock)
    await sandbox.authorise(a_charge("pay_1", AMOUNT, "tok_visa"))
    await sandbox.authorise(a_charge("pay_2", AMOUNT, "tok_declined"))
    for amount in (Money(amount_minor=501, currency="EUR"), Money(amount_minor=500, currency="USD")):
        assert isinstance(await sandbox.capture(a_charge("pay_1"), amount), Declined)
    assert isinstance(await sandbox.capture(a_charge("pay_2"), AMOUNT), Declined)
    assert isinstance(await sandbox.capture(a_charge("pay_3"), AMOUNT), Declined)


async def test_a_voided_payment_cannot_be_captured(redis: Redis, clock: FakeClock) -> None:
    sandbox = a_sandbox(redis, clock)
    await sandbox.authorise(a_charge("pay_1", AMOUNT, "tok_visa"))
    assert await sandbox.void(a_charge("pay_1")) == Voided()
    assert await sandbox.capture(a_charge("pay_1"), AMOUNT) == Voided()
    assert await sandbox.void(a_charge("pay_2")) == Unseen()


async def test_cards_decline(redis: Redis, clock: FakeClock) -> None:
    sandbox = a_sandbox(redis, clock)
    for method in ("tok_declined", "tok_unheard_of"):
        assert await sandbox.authorise(a_charge(f"pay_{method}", method=method)) == Declined("card_declined")
        assert await sandbox.get(a_charge(f"pay_{method}")) == Declined("card_declined")


async def test_a_silent_provider_is_unknown_after_its_deadline_and_tells_later(redis: Redis, clock: FakeClock) -> None:
    providers = Providers({"sandbox": a_sandbox(redis, clock, deadline_ms=200, silent_ms=60_000)})
    assert await providers.authorise("sandbox", a_charge("pay_1", method="tok_timeout")) == Unknown()
    providers = Providers({"sandbox": a_sandbox(redis, clock)})
    assert await providers.get("sandbox", a_charge("pay_1")) == Unknown()
    clock.advance(3_000)
    assert await providers.get("sandbox", a_charge("pay_1")) == AUTHORISED


async def test_a_provider_that_cannot_be_reached_is_unknown(clock: FakeClock) -> None:
    nowhere = connect("unix:///nonexistent/valkey.sock")
    providers = Providers({"sandbox": a_sandbox(nowhere, clock)})
    answers: list[Result] = [
        await providers.authorise("sandbox", a_charge("pay_1", method="tok_visa")),
        await providers.capture("sandbox", a_charge("pay_1"), AMOUNT),
        await providers.void("sandbox", a_charge("pay_1")),
        await providers.get("sandbox", a_charge("pay_1")),
        await providers.get("not_set_up", a_charge("pay_1")),
    ]
    assert answers == [Unknown()] * 5
    await nowhere.aclose()


async def test_capture_and_void_at_once_leave_one_of_them(redis: Redis, clock: FakeClock) -> None:
    sandbox = a_sandbox(redis, clock)
    await sandbox.authorise(a_charge("pay_1", AMOUNT, "tok_slow"))
    answers = await asyncio.gather(sandbox.capture(a_charge("pay_1"), AMOUNT), sandbox.void(a_charge("pay_1")))
    assert len(set(answers)) == 1
