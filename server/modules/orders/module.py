"""Orders: what a buyer was promised, from the held units to the goods at the door, and back.

Owns      orders_orders, orders_lines, orders_attempts, orders_changes, orders_refunds, orders_returns, orders_addresses,
          orders_shipping
Decides   placed → confirmed → fulfilled | cancelled, then returned; what a cart costs with its sale prices, coupon, delivery and
          tax. Units are held before the order exists, committed after the money is authorised, before it is captured. A payment
          that is later than its hold gets one new hold, else its money back. What is sent, taken back and paid back, the host.
Promises  confirmed once, and only with committed units; a payment of a dead order is voided; no order waits for ever; amounts add
          up to the cent, and refunds never exceed what was captured; every change is noted for ever: who, when, what, why.
"""

from schemas.events.accounts import ActorErased
from schemas.events.auctions import LotOffered, LotSold, LotUnsold
from schemas.events.giveaways import GiveawayWon
from schemas.events.ledger import HoldExpired
from schemas.events.orders import (
    GoodsReturned,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    RefundRequested,
)
from schemas.events.payments import (
    DisputeClosed,
    DisputeOpened,
    PaymentActionRequired,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentRequested,
    PaymentVoided,
    RefundFailed,
)
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.catalog import GetOffers
from schemas.requests.coupons import GetCoupon
from schemas.requests.flash_sales import GetSales
from schemas.requests.orders import GetAddress, GetOrder, HasBought
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, answer, every_ms, on
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.modules.orders import handlers, jobs, routes
from server.modules.orders.channel import OrderChannel, SalesChannel

MODULE = Module(
    name="orders",
    consumes=(
        on(OrderPlaced, handlers.confirm_for_nothing),
        on(PaymentRequested, handlers.payment_requested),
        on(PaymentActionRequired, handlers.action_required),
        on(PaymentAuthorised, handlers.payment_authorised),
        on(PaymentFailed, handlers.payment_failed),
        on(PaymentCaptured, handlers.payment_captured),
        on(PaymentVoided, handlers.payment_voided),
        on(PaymentRefunded, handlers.refunded),
        on(RefundFailed, handlers.refund_failed),
        on(DisputeOpened, handlers.dispute_opened),
        on(DisputeClosed, handlers.dispute_closed),
        on(HoldExpired, handlers.hold_expired),
        on(OrderCancelled, handlers.release_units),
        on(LotSold, handlers.lot_sold),
        on(LotOffered, handlers.lot_offered),
        on(LotUnsold, handlers.lot_unsold),
        on(GiveawayWon, handlers.giveaway_won),
        on(ActorErased, handlers.erase),
    ),
    emits=(
        *(OrderPlaced, OrderConfirmed, OrderPaid, OrderCancelled, OrderShipped, OrderDelivered),
        *(GoodsReturned, RefundRequested),
    ),
    answers=(
        answer(GetOrder, handlers.get_order),
        answer(GetAddress, handlers.get_address),
        answer(HasBought, handlers.has_bought),
    ),
    contributes=(answer(CollectPersonalData, handlers.collect), answer(FindObstacles, handlers.find_obstacles)),
    asks=(GetOffers, GetSales, GetCoupon, GetShow),
    channels=(OrderChannel(), SalesChannel()),
    routes=routes.ROUTES,
    jobs=(every_ms(30_000, jobs.cancel_overdue), every_ms(600_000, jobs.arrive_silently)),
    ports=(Ledger, LedgerHistory, Settings),
)
