"""What coupons do when something happens, and the module's answers."""

from schemas.events.coupons import CouponIssued, CouponWithdrawn
from schemas.requests.coupons import CouponTerms, GetCoupon
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import CloseCoupon, CouponClosed, OpenCoupon, Opened
from server.modules.coupons import rules, store


async def open_coupon(event: CouponIssued, ctx: Context) -> None:
    """Let the ledger count the uses. The command's id makes a repetition harmless."""
    command = OpenCoupon(command_id=event.command_id, code=event.code, uses_max=event.uses_max, per_buyer_max=event.per_buyer_max)
    outcome = await ctx.port(Ledger).submit(event.show_id, command)
    if not isinstance(outcome, Opened):
        raise AssertionError(f"a derived id was used for something else: {outcome}")


async def close_coupon(event: CouponWithdrawn, ctx: Context) -> None:
    """No new hold uses it."""
    command = CloseCoupon(command_id=event.command_id, code=event.code)
    outcome = await ctx.port(Ledger).submit(event.show_id, command)
    if not isinstance(outcome, CouponClosed):
        raise AssertionError(f"a derived id was used for something else: {outcome}")


async def get_coupon(request: GetCoupon, ctx: Context) -> CouponTerms | None:
    """What a code is worth."""
    async with ctx.reading() as connection:
        return rules.terms(await store.coupon_of_code(connection, request.show_id, request.code))
