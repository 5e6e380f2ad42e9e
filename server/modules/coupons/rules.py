"""Decisions of the coupons: what a code may promise. Pure."""

from typing import Literal

import msgspec

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_FIELD, SHOW_ENDED, WRONG_CURRENCY, Refusal
from schemas.http.coupons import CouponView, IssueCoupon
from schemas.http.shows import ShowView
from schemas.money import Money
from schemas.requests.coupons import CouponTerms


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon as SQL has it. Amounts are in minor units of `currency`."""

    coupon_id: str
    show_id: str
    code: str
    host_id: str
    percent: int | None
    amount_minor: int | None
    cap_minor: int | None
    minimum_minor: int | None
    currency: str | None
    uses_max: int
    per_buyer_max: int
    new_buyers_only: bool
    state: Literal["active", "withdrawn"]
    issued_at_ms: int


def issue(body: IssueCoupon, show: ShowView, actor_id: str, now_ms: int) -> Coupon | Refusal:
    """A new coupon, if its terms make sense."""
    if show.host_id != actor_id:
        return Refusal(FORBIDDEN, "Only the host of the show gives coupons out.")
    if show.state == "ended":
        return Refusal(SHOW_ENDED, "The show is over; nobody could use the code.")
    if (body.percent is None) == (body.amount is None):
        return Refusal(INVALID_FIELD, "Give either a percentage or an amount.", {"field": "/percent"})
    if body.cap is not None and body.percent is None:
        return Refusal(INVALID_FIELD, "Only a percentage has a cap.", {"field": "/cap"})
    amounts = {"amount": body.amount, "cap": body.cap, "minimum": body.minimum}
    for name, money in amounts.items():
        if money is not None and money.amount_minor == 0:
            return Refusal(INVALID_FIELD, "Leave the amount out when there is none.", {"field": f"/{name}"})
    currencies = {money.currency for money in amounts.values() if money is not None}
    if len(currencies) > 1:
        return Refusal(WRONG_CURRENCY, "All amounts of a coupon have one currency.", {"field": "/minimum"})
    return Coupon(
        coupon_id=body.coupon_id,
        show_id=body.show_id,
        code=body.code,
        host_id=actor_id,
        percent=body.percent,
        amount_minor=_minor(body.amount),
        cap_minor=_minor(body.cap),
        minimum_minor=_minor(body.minimum),
        currency=next(iter(currencies), None),
        uses_max=body.uses_max,
        per_buyer_max=body.per_buyer_max,
        new_buyers_only=body.new_buyers_only,
        state="active",
        issued_at_ms=now_ms,
    )


def same(known: Coupon | None, made: Coupon) -> Refusal | None:
    """Why what is there under this id is another coupon, or None when it is this one, issued before. `known` is None when another
    coupon of the show has the code."""
    if known is None:
        return Refusal(IDEMPOTENCY_CONFLICT, "The show had a coupon with this code; choose another code.", {"field": "/code"})
    unmoved = msgspec.structs.replace(known, state=made.state, issued_at_ms=made.issued_at_ms)
    return (
        None if unmoved == made else Refusal(IDEMPOTENCY_CONFLICT, "A coupon with this id exists; make a new id for a new one.")
    )


def withdraw(coupon: Coupon) -> Coupon:
    """No order may use it any more; those that did keep it."""
    return msgspec.structs.replace(coupon, state="withdrawn")


def view(coupon: Coupon, used: int | None) -> CouponView:
    """The coupon as its host sees it."""
    return CouponView(
        coupon_id=coupon.coupon_id,
        show_id=coupon.show_id,
        code=coupon.code,
        percent=coupon.percent,
        amount=_money(coupon, coupon.amount_minor),
        cap=_money(coupon, coupon.cap_minor),
        minimum=_money(coupon, coupon.minimum_minor),
        uses_max=coupon.uses_max,
        per_buyer_max=coupon.per_buyer_max,
        new_buyers_only=coupon.new_buyers_only,
        state=coupon.state,
        used=used,
        issued_at_ms=coupon.issued_at_ms,
    )


def terms(coupon: Coupon | None) -> CouponTerms | None:
    """What an order needs of a coupon that is there and not withdrawn."""
    if coupon is None or coupon.state == "withdrawn":
        return None
    return CouponTerms(
        code=coupon.code,
        percent=coupon.percent or 0,
        amount=_money(coupon, coupon.amount_minor),
        cap=_money(coupon, coupon.cap_minor),
        minimum=_money(coupon, coupon.minimum_minor),
        new_buyers_only=coupon.new_buyers_only,
    )


def _minor(money: Money | None) -> int | None:
    return None if money is None else money.amount_minor


def _money(coupon: Coupon, minor: int | None) -> Money | None:
    if minor is None:
        return None
    assert coupon.currency is not None, coupon
    return Money(amount_minor=minor, currency=coupon.currency)
