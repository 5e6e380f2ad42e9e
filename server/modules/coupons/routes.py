"""HTTP operations of the coupons."""

from schemas.errors import FORBIDDEN, NOT_FOUND, Refusal, Refused
from schemas.events.coupons import CouponIssued, CouponWithdrawn
from schemas.http.coupons import CouponListView, CouponView, IssueCoupon
from schemas.http.shows import ShowView
from schemas.ids import derived_id
from schemas.requests.shows import GetShow
from server.kernel.module import Call, Context, Endpoint, Reply
from server.ledger.ledger import Ledger
from server.modules.coupons import rules, store


async def issue_coupon(ctx: Context, call: Call) -> Reply:
    """Give a code out. The same id with the same content again is the same answer."""
    body: IssueCoupon = call.body
    made = rules.issue(body, await _show(ctx, body.show_id), ctx.actor.id, ctx.now_ms)
    if isinstance(made, Refusal):
        raise made.refused()
    if not await store.insert_coupon(ctx.store, made):
        known = await store.coupon(ctx.store, body.coupon_id)
        if refusal := rules.same(known, made):
            raise refusal.refused()
        assert known is not None, body
        return Reply(rules.view(known, 0), 201)
    ctx.publish(
        CouponIssued(
            show_id=made.show_id,
            code=made.code,
            uses_max=made.uses_max,
            per_buyer_max=made.per_buyer_max,
            command_id=derived_id(made.coupon_id, "open"),
        )
    )
    return Reply(rules.view(made, 0), 201)


async def list_coupons(ctx: Context, call: Call) -> Reply:
    """The show's coupons, for its host."""
    show = await _show(ctx, call.path["show_id"])
    if show.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show sees its coupons.")
    async with ctx.reading() as connection:
        found = await store.coupons_of(connection, show.show_id)
    used = {coupon.code: coupon.used for coupon in (await ctx.port(Ledger).snapshot(show.show_id)).coupons}
    return Reply(CouponListView(coupons=[rules.view(each, used.get(each.code)) for each in found]))


async def withdraw_coupon(ctx: Context, call: Call) -> Reply:
    """The code is no longer valid; a withdrawn one stays as it is."""
    before = await store.coupon(ctx.store, call.path["coupon_id"], lock=True)
    if before is None:
        raise Refused(NOT_FOUND, "There is no such coupon.")
    if before.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show withdraws its coupons.")
    after = rules.withdraw(before)
    if after != before:
        await store.set_state(ctx.store, after)
        command_id = derived_id(after.coupon_id, "close")
        ctx.publish(CouponWithdrawn(show_id=after.show_id, code=after.code, command_id=command_id))
    return Reply(rules.view(after, None))


async def _show(ctx: Context, show_id: str) -> ShowView:
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    return show


ROUTES = (
    Endpoint("POST", "/api/coupons", issue_coupon, "host", "Give a coupon out", body=IssueCoupon, view=CouponView, status=201),
    Endpoint("GET", "/api/coupons/{show_id}", list_coupons, "host", "List the coupons of a show", view=CouponListView),
    Endpoint("POST", "/api/coupons/{coupon_id}/withdraw", withdraw_coupon, "host", "Withdraw a coupon", view=CouponView),
)
