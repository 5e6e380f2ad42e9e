"""Coupons: what a code may promise, and that the ledger counts its uses."""

from typing import Any

import msgspec
import pytest

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_FIELD, NOT_FOUND, SHOW_ENDED, WRONG_CURRENCY, WireError
from schemas.http.coupons import CouponView
from schemas.requests.coupons import CouponTerms, GetCoupon
from server.kernel.module import SYSTEM, Actor
from server.ledger.rules import CouponRefused, Held, Hold, HoldLine, Outcome
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

EUR = {"amount_minor": 500, "currency": "EUR"}


def body(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Body of `POST /api/coupons`."""
    return {"coupon_id": an_id("cpn", number), "show_id": SHOW_ID, "code": "LIVE10", "uses_max": 2, "percent": 10, **fields}


async def issue(world: World, number: int = 1, **fields: Any) -> CouponView:
    view = (await world.call(HOST, "POST", "/api/coupons", body(number, **fields))).view
    assert isinstance(view, CouponView)
    await world.settle()
    return view


async def listed(world: World) -> list[CouponView]:
    view: Any = (await world.call(HOST, "GET", f"/api/coupons/{SHOW_ID}")).view
    found: list[CouponView] = view.coupons
    return found


async def terms(world: World, code: str = "LIVE10") -> CouponTerms | None:
    async with world.units(SYSTEM) as ctx:
        return await ctx.ask(GetCoupon(show_id=SHOW_ID, code=code))


async def hold(world: World, buyer: Actor, number: int, code: str = "LIVE10") -> Outcome:
    line = HoldLine("DRESS-M", 1)
    command = Hold(command_id=an_id("ord", number), buyer_id=buyer.id, lines=(line,), hold_ms=60_000, coupon=code)
    outcome = await world.ledger.submit(SHOW_ID, command)
    assert isinstance(outcome, Outcome)
    return outcome


async def test_a_code_works_as_often_as_it_says_and_its_host_sees_how_often(world: World) -> None:
    await world.open_show()
    await issue(world)
    assert isinstance(await hold(world, BUYER, 1), Held)
    assert await hold(world, BUYER, 2) == CouponRefused("LIVE10", "used_by_you")
    assert isinstance(await hold(world, OTHER_BUYER, 3), Held)
    assert await hold(world, HOST, 4) == CouponRefused("LIVE10", "used_up")
    assert [(coupon.code, coupon.used, coupon.state) for coupon in await listed(world)] == [("LIVE10", 2, "active")]


async def test_a_withdrawn_code_is_worth_nothing_and_does_not_come_back(world: World) -> None:
    await world.open_show()
    await issue(world)
    for _ in range(2):
        await world.call(HOST, "POST", f"/api/coupons/{an_id('cpn', 1)}/withdraw")
        assert await terms(world) is None, "at once, whatever the ledger knows"
        await world.settle()
    assert await hold(world, BUYER, 1) == CouponRefused("LIVE10", "closed")
    assert [(coupon.used, coupon.state) for coupon in await listed(world)] == [(None, "withdrawn")]
    with refused(IDEMPOTENCY_CONFLICT):
        await issue(world, 2)


async def test_orders_learn_the_terms(world: World) -> None:
    await world.open_show()
    await issue(world, cap=EUR, minimum={"amount_minor": 900, "currency": "EUR"}, new_buyers_only=True)
    known = await terms(world)
    assert known is not None
    assert (known.percent, known.amount, known.new_buyers_only) == (10, None, True)
    assert known.cap is not None
    assert known.minimum is not None
    assert (known.cap.amount_minor, known.minimum.amount_minor, known.minimum.currency) == (500, 900, "EUR")
    await issue(world, 2, code="FIVEOFF", percent=None, amount=EUR)
    fixed = await terms(world, "FIVEOFF")
    assert fixed is not None
    assert (fixed.percent, fixed.amount and fixed.amount.amount_minor) == (0, 500)
    assert await terms(world, "UNKNOWN") is None


async def test_the_same_request_again_is_the_same_coupon(world: World) -> None:
    await world.open_show()
    assert await issue(world) == await issue(world)
    with refused(IDEMPOTENCY_CONFLICT):
        await issue(world, uses_max=3)
    with refused(IDEMPOTENCY_CONFLICT):
        await issue(world, code="OTHER")
    assert len(await listed(world)) == 1


BAD: list[tuple[dict[str, Any], WireError]] = [
    ({"show_id": an_id("shw", 9)}, NOT_FOUND),
    ({"percent": None}, INVALID_FIELD),
    ({"amount": EUR}, INVALID_FIELD),
    ({"percent": None, "amount": EUR, "cap": EUR}, INVALID_FIELD),
    ({"cap": {"amount_minor": 0, "currency": "EUR"}}, INVALID_FIELD),
    ({"cap": EUR, "minimum": {"amount_minor": 5, "currency": "USD"}}, WRONG_CURRENCY),
]


@pytest.mark.parametrize(("change", "error"), BAD)
async def test_a_coupon_that_makes_no_sense_is_refused_by_name(world: World, change: dict[str, Any], error: WireError) -> None:
    await world.open_show()
    with refused(error):
        await issue(world, **change)
    assert await listed(world) == []


@pytest.mark.parametrize(
    "change",
    [
        {"code": "low"},
        {"code": "lower1"},
        {"code": "A" * 16},
        {"code": "WITH SPACE"},
        {"percent": 0},
        {"percent": 91},
        {"percent": 9.5},
        {"uses_max": 0},
        {"uses_max": 10**9},
        {"per_buyer_max": 0},
        {"amount": {"amount_minor": -1, "currency": "EUR"}},
    ],
)
async def test_a_body_that_is_out_of_range_is_not_even_read(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        await issue(world, **change)


async def test_only_the_host_of_the_show_gives_coupons_out_sees_and_withdraws_them(world: World) -> None:
    await world.open_show()
    await issue(world)
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", "/api/coupons", body(2, code="THEIRS"))
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "GET", f"/api/coupons/{SHOW_ID}")
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", f"/api/coupons/{an_id('cpn', 1)}/withdraw")
    with refused(NOT_FOUND):
        await world.call(HOST, "POST", f"/api/coupons/{an_id('cpn', 9)}/withdraw")
    with refused(NOT_FOUND):
        await world.call(HOST, "GET", f"/api/coupons/{an_id('shw', 9)}")
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await issue(world, 2, code="LATE")
