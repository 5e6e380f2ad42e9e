"""Questions that the module `coupons` answers."""

from dataclasses import dataclass

from schemas.base import Request
from schemas.money import Money


@dataclass(frozen=True)
class CouponTerms:
    """What a code is worth: `percent` of the goods, at most `cap`, or `amount`. How often it was used, the ledger says."""

    code: str
    percent: int
    amount: Money | None
    cap: Money | None
    minimum: Money | None
    new_buyers_only: bool


@dataclass(frozen=True)
class GetCoupon(Request[CouponTerms | None]):
    """A code of a show; None when there is none, or it was withdrawn."""

    show_id: str
    code: str
