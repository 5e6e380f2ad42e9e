"""Bodies of `/api/coupons/…`."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.http.catalog import QUANTITY_MAX
from schemas.ids import CommandId, CouponCode, ShowId
from schemas.money import Money

PERCENT_MAX = 90

Uses = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]


class IssueCoupon(Body, frozen=True):
    """A code that makes orders of a show cheaper: by `percent` of the goods, at most `cap`, or by `amount`. The client makes the
    id. A code is used once per show: a withdrawn one does not come back."""

    coupon_id: CommandId
    show_id: ShowId
    code: CouponCode
    uses_max: Uses
    percent: Annotated[int, Meta(ge=1, le=PERCENT_MAX)] | None = None
    amount: Money | None = None
    cap: Money | None = None
    minimum: Money | None = None
    per_buyer_max: Uses = 1
    new_buyers_only: bool = False


class CouponView(View, frozen=True):
    """A coupon as its host sees it. `used` counts orders that hold or have bought something
    with it; null when nobody can use it any more."""

    coupon_id: str
    show_id: str
    code: str
    percent: int | None
    amount: Money | None
    cap: Money | None
    minimum: Money | None
    uses_max: int
    per_buyer_max: int
    new_buyers_only: bool
    state: Literal["active", "withdrawn"]
    used: int | None
    issued_at_ms: int


class CouponListView(View, frozen=True):
    """The coupons of a show, newest first."""

    coupons: list[CouponView]
