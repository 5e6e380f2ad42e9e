"""Facts of the module `coupons`."""

from typing import ClassVar

from schemas.base import Event


class CouponIssued(Event, frozen=True, tag="coupons.coupon_issued.v1"):
    """Buyers of a show may use a code; the ledger counts the uses. `command_id` is the ledger's."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    code: str
    uses_max: int
    per_buyer_max: int
    command_id: str


class CouponWithdrawn(Event, frozen=True, tag="coupons.coupon_withdrawn.v1"):
    """The code is no longer valid."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    code: str
    command_id: str
