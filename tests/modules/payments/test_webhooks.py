"""Webhooks of a provider: forged, replayed, twice, late, out of order; and what they make known."""

import msgspec
import pytest
from sqlalchemy import func, select

from schemas.errors import MALFORMED, SIGNATURE_INVALID
from schemas.events.payments import PaymentAuthorised
from server.modules.payments.adapters.sandbox import SIGNATURE
from server.modules.payments.tables import DISPUTES, PAYMENTS, WEBHOOK_EVENTS
from tests.modules.payments.hooks import deliver, hook
from tests.modules.world import BUYER, HOLD_MS, OTHER_BUYER, World, a_payment, an_id, refused


def signed(world: World, raw: bytes, at_ms: int | None = None) -> dict[str, str]:
    at_s = str((world.clock.now_ms() if at_ms is None else at_ms) // 1_000)
    return {SIGNATURE: f"t={at_s},v1={world.sandbox._signature(at_s, raw)}"}


async def state(world: World, number: int = 1) -> str:
    async with world.database.reading() as connection:
        return str(await connection.scalar(select(PAYMENTS.c.state).where(PAYMENTS.c.payment_id == an_id("pay", number))))


async def test_a_forged_webhook_or_an_old_copy_of_a_real_one_is_refused_and_changes_nothing(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_3ds")
    await world.sandbox.confirm(an_id("pay", 1), True)
    ((body, headers, _),) = [due for due in await world.sandbox.due_webhooks() if b"confirmed" in due[0]]
    forged = [
        (body, {}),
        (body, {SIGNATURE: ""}),
        (body, {SIGNATURE: "t=x,v1=y"}),
        (body, {SIGNATURE: headers[SIGNATURE][:-1] + ("0" if headers[SIGNATURE][-1] != "0" else "1")}),
        (body + b" ", headers),
        (body.replace(b"confirmed", b"Confirmed"), headers),
        (body, {SIGNATURE: headers[SIGNATURE].replace("t=", "t=1")}),
        (body, signed(world, body, world.clock.now_ms() - 301_000)),
        (body, signed(world, body, world.clock.now_ms() + 301_000)),
        (body, {SIGNATURE: "t=\u0661,v1=\u00e9"}),
    ]
    for raw, given in forged:
        with refused(SIGNATURE_INVALID):
            await hook(world, raw, given)
    with refused(SIGNATURE_INVALID):
        await hook(world, body, headers, "nobody")
    await world.settle()
    assert (await world.payment_now(BUYER, 1)).state == "requires_action"
    await hook(world, body, signed(world, body, world.clock.now_ms() - 299_000))
    await world.settle()
    assert (await world.payment_now(BUYER, 1)).state == "captured"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"id": 5}', b"\xff", b'{"id":"e","about":"war","key":"k"}'])
async def test_what_is_signed_but_unreadable_is_refused(world: World, raw: bytes) -> None:
    with refused(MALFORMED):
        await hook(world, raw, signed(world, raw))


async def test_a_webhook_about_nothing_of_ours_is_taken_without_effect(world: World) -> None:
    raw = msgspec.json.encode({"id": "evt_1", "about": "payment", "key": an_id("pay", 99)})
    assert (await hook(world, raw, signed(world, raw))).status == 200
    raw = msgspec.json.encode({"id": "evt_2", "about": "refund", "key": an_id("rfd", 99)})
    assert (await hook(world, raw, signed(world, raw))).status == 200


async def test_a_webhook_tells_at_once_what_a_time_out_has_hidden(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    assert await deliver(world) == 0
    world.clock.advance(3_000)
    assert await deliver(world) == 1
    assert (await world.payment_now(BUYER, 1)).state == "captured"
    assert (await world.order_now(BUYER, 1)).payment == "captured"


async def test_a_webhook_of_a_late_decline_ends_the_payment(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_late_decline")
    world.clock.advance(3_000)
    await deliver(world)
    assert (await world.order_now(BUYER, 1)).payment == "failed"


async def test_a_webhook_that_is_faster_than_the_answer_is_as_good(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.call(BUYER, "POST", "/api/payments", a_payment(1, 1, "tok_webhook_first"))
    authorised: list[str] = []
    asked = world.sandbox.get

    async def interrupted(charge: object) -> object:
        # The provider has booked the payment but its answer is still on its way when the webhook comes.
        if not authorised:
            authorised.append("webhook")
            world.clock.advance(1)
        return await asked(charge)  # type: ignore[arg-type]

    world.sandbox.get = interrupted  # type: ignore[method-assign,assignment]
    await world.settle()
    assert authorised
    await deliver(world)
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    assert await world.dead_letters() == 0


async def test_copies_have_no_effect(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_webhook_twice")
    due = await world.sandbox.due_webhooks()
    assert len(due) == 4
    assert len({body for body, _, _ in due}) == 2
    pushes = len(world.screens.pushes[f"order:{an_id('ord', 1)}"])
    for body, headers, _ in [*due, *reversed(due)]:
        await hook(world, body, headers)
    await world.settle()
    async with world.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(WEBHOOK_EVENTS)) == 2
    assert len(world.screens.pushes[f"order:{an_id('ord', 1)}"]) == pushes


async def test_a_webhook_whose_provider_is_silent_has_the_provider_asked_in_the_next_round(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    for _ in range(6):
        await world.run_job("payments", "resolve")
    raw = msgspec.json.encode({"id": "evt_early", "about": "payment", "key": an_id("pay", 1)})
    await hook(world, raw, signed(world, raw))
    async with world.database.reading() as connection:
        assert await connection.scalar(select(PAYMENTS.c.ask_at_ms)) == world.clock.now_ms()


async def test_a_buyer_confirms_with_the_bank_and_the_order_is_paid(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_3ds")
    asked = await world.payment_now(BUYER, 1)
    assert (asked.state, (asked.action_url or "").rpartition("/")[2]) == ("requires_action", an_id("pay", 1))
    path = f"/api/payments/sandbox/{an_id('pay', 1)}"
    view = (await world.call(BUYER, "GET", path)).view
    assert view is not None
    await world.call(BUYER, "POST", path, {"approve": True})
    await deliver(world)
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    assert (await world.payment_now(BUYER, 1)).action_url is None


async def test_a_buyer_who_refuses_at_the_bank_may_pay_with_another_card(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_3ds")
    await world.call(BUYER, "POST", f"/api/payments/sandbox/{an_id('pay', 1)}", {"approve": False})
    await world.call(BUYER, "POST", f"/api/payments/sandbox/{an_id('pay', 1)}", {"approve": True})
    await deliver(world)
    order = await world.order_now(BUYER, 1)
    assert (order.payment, order.reason) == ("failed", "authentication_failed")
    await world.pay(BUYER, 1, 2)
    assert (await world.order_now(BUYER, 1)).payment == "captured"


async def test_a_buyer_who_never_answers_the_bank_frees_the_order_after_a_while(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_3ds")
    await world.pass_time(16 * 60_000)
    await world.ledger.sweep(an_id("shw", 1))
    await world.settle()
    await world.run_job("payments", "resolve")
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.reason, order.payment) == ("cancelled", "hold_expired", "failed")
    await world.sandbox.confirm(an_id("pay", 1), True)
    await deliver(world)
    assert await state(world) == "failed"
    assert await world.pool() == (5, 0, 0)


async def test_a_payment_that_succeeds_after_all_is_given_back(world: World) -> None:
    await world.open_show(funded=1)
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    await world.expire_holds(HOLD_MS + 1)
    await world.order(OTHER_BUYER, 2)
    await world.pay(OTHER_BUYER, 2, 2)
    await deliver(world)
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment) == ("cancelled", "voided")


async def test_a_chargeback_is_told_when_it_begins_and_when_it_ends(world: World) -> None:
    await world.open_show()
    for number, method in ((1, "tok_chargeback"), (2, "tok_chargeback_won")):
        await world.order(BUYER, number)
        await world.pay(BUYER, number, number, method)
        assert await state(world, number) == "captured"
    world.clock.advance(5_000)
    await deliver(world)
    assert (await state(world, 1), await state(world, 2)) == ("disputed", "disputed")
    world.clock.advance(20_000)
    await deliver(world)
    assert (await state(world, 1), await state(world, 2)) == ("disputed", "captured")
    async with world.database.reading() as connection:
        states = [row.state for row in await connection.execute(select(DISPUTES.c.state).order_by(DISPUTES.c.payment_id))]
    assert states == ["lost", "won"]


async def test_the_end_of_a_dispute_may_be_told_before_its_beginning(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_chargeback_won")
    world.clock.advance(60_000)
    due = [due for due in await world.sandbox.due_webhooks() if b"dispute" in due[0]]
    for body, headers, _ in reversed(due):
        await hook(world, body, headers)
    await world.settle()
    assert await state(world) == "captured"


async def test_a_payment_for_another_amount_is_no_payment_and_goes_back(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    key = f"sandbox:{an_id('pay', 1)}"
    booking = msgspec.json.decode(await world.redis.hget(key, "booking") or b"")
    booking["amount"]["amount_minor"] = 5
    await world.redis.hset(key, "booking", msgspec.json.encode(booking))
    world.clock.advance(3_000)
    await deliver(world)
    order = await world.order_now(BUYER, 1)
    assert (order.payment, order.reason) == ("failed", "amount_differs")
    await world.run_job("payments", "resolve")
    assert await world.redis.hget(key, "closing") == b"voided"
    async with world.database.reading() as connection:
        assert await connection.scalar(select(PAYMENTS.c.ask_at_ms)) is None


async def test_a_webhook_and_its_effect_are_written_together_or_not_at_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_timeout")
    world.clock.advance(3_000)
    ((body, headers, _),) = await world.sandbox.due_webhooks()
    monkeypatch.setattr(PaymentAuthorised, "SUBJECT", "no_such_field")
    with pytest.raises(AttributeError):
        await hook(world, body, headers)
    monkeypatch.undo()
    await hook(world, body, headers)
    await world.settle()
    assert (await world.payment_now(BUYER, 1)).state == "captured"
