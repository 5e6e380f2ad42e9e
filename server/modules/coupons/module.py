"""Coupons: codes that make orders of a show cheaper.

Owns      coupons_coupons
Decides   what a code promises: a percentage with a cap or an amount, from which sum on, for whom; each code once per show. How
          often it is used, the ledger decides; what an order costs with it, the orders do.
Promises  a coupon is written down before the ledger knows it, so whatever was held with it has a price; a withdrawn one is worth
          nothing to new orders at once.
"""

from schemas.events.coupons import CouponIssued, CouponWithdrawn
from schemas.requests.coupons import GetCoupon
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, on
from server.ledger.ledger import Ledger
from server.modules.coupons import handlers, routes

MODULE = Module(
    name="coupons",
    consumes=(on(CouponIssued, handlers.open_coupon), on(CouponWithdrawn, handlers.close_coupon)),
    emits=(CouponIssued, CouponWithdrawn),
    answers=(answer(GetCoupon, handlers.get_coupon, shared=True),),
    asks=(GetShow,),
    routes=routes.ROUTES,
    ports=(Ledger,),
)
