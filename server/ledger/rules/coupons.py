"""Coupons: how often a code may be used, by all and by one. Mirrored by `scripts/coupons.lua` and hold.lua. Pure.

What a coupon is worth is none of the ledger's business; a hold takes one use, and gives it back when it ends unsold.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from schemas.events.ledger import CouponOpened, CouponShut
from server.ledger.rules.commands import CloseCoupon, OpenCoupon
from server.ledger.rules.outcomes import CouponClosed, CouponRefused, Opened
from server.ledger.rules.state import Appliers, Coupon, Deciders, Decision, LogMismatch, ShowState, add, head


def coupon_refusal(state: ShowState, code: str, buyer_id: str) -> CouponRefused | None:
    """Why the buyer cannot use the code, or None; "" is no coupon."""
    if not code:
        return None
    coupon = state.coupons.get(code)
    if coupon is None:
        return CouponRefused(code, "unknown")
    if coupon.shut:
        return CouponRefused(code, "closed")
    if coupon.used >= coupon.uses_max:
        return CouponRefused(code, "used_up")
    if state.coupon_uses.get((code, buyer_id), 0) >= coupon.per_buyer_max:
        return CouponRefused(code, "used_by_you")
    return None


def use_coupon(state: ShowState, code: str, buyer_id: str, times: int) -> None:
    """Count a use (1) or give it back (-1).

    Raises:
        LogMismatch: there is no such coupon.
    """
    if code not in state.coupons:
        raise LogMismatch(f"coupon {code} was never opened")
    state.coupons[code] = replace(state.coupons[code], used=state.coupons[code].used + times)
    add(state.coupon_uses, (code, buyer_id), times)


def open_coupon(state: ShowState, command: OpenCoupon, now_ms: int) -> Decision:
    """New, or with new limits; what was used before counts."""
    event = CouponOpened(
        **head(state, command.command_id, now_ms),
        code=command.code,
        uses_max=command.uses_max,
        per_buyer_max=command.per_buyer_max,
    )
    return Decision(Opened(0, 0), (event,))


def close_coupon(state: ShowState, command: CloseCoupon, now_ms: int) -> Decision:
    """No new uses. A code that was never opened takes none either."""
    coupon = state.coupons.get(command.code)
    if coupon is None or coupon.shut:
        return Decision(CouponClosed())
    return Decision(CouponClosed(), (CouponShut(**head(state, command.command_id, now_ms), code=command.code),))


def apply_opened(state: ShowState, event: CouponOpened) -> None:
    """Set the limits."""
    before = state.coupons.get(event.code)
    state.coupons[event.code] = Coupon(event.uses_max, event.per_buyer_max, used=before.used if before else 0)


def apply_shut(state: ShowState, event: CouponShut) -> None:
    """Take no new uses."""
    coupon = state.coupons.get(event.code)
    if coupon is None or coupon.shut:
        raise LogMismatch(f"{event} meets {coupon}")
    state.coupons[event.code] = replace(coupon, shut=True)


def violations(state: ShowState, _: Mapping[str, int]) -> Iterator[str]:
    """Uses are those of holds that are open or sold. (Limits may have been lowered since, so they bind new holds only.)"""
    uses = Counter(
        (hold.coupon, hold.buyer_id) for hold in state.holds.values() if hold.coupon and hold.state in ("held", "committed")
    )
    if uses != state.coupon_uses:
        yield f"uses of coupons are {state.coupon_uses}, by holds {uses}"
    for code, coupon in state.coupons.items():
        if coupon.used != sum(times for (used, _), times in uses.items() if used == code):
            yield f"coupon {code} is {coupon}, by holds {uses}"


DECIDE: Deciders = {OpenCoupon: open_coupon, CloseCoupon: close_coupon}
APPLY: Appliers = {CouponOpened: apply_opened, CouponShut: apply_shut}
