"""Orders: what a buyer was promised, from the held units to the paid order.

Owns      orders_orders, orders_lines, orders_attempts
Decides   placed → confirmed | cancelled. Units are held before the order exists, committed after the money is authorised and
          before it is captured. A payment that is later than its hold gets one new hold, else its money back.
Promises  confirmed once, and only with committed units; a payment of a dead order is voided; no order waits for ever.
"""

from schemas.events.ledger import HoldExpired
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderPaid, OrderPlaced
from schemas.events.payments import PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentRequested, PaymentVoided
from schemas.requests.catalog import GetOffers
from schemas.requests.orders import GetOrder
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, answer, every_ms, on
from server.ledger.ledger import Ledger
from server.modules.orders import handlers, jobs, routes
from server.modules.orders.channel import OrderChannel, SalesChannel

MODULE = Module(
    name="orders",
    consumes=(
        on(PaymentRequested, handlers.payment_requested),
        on(PaymentAuthorised, handlers.payment_authorised),
        on(PaymentFailed, handlers.payment_failed),
        on(PaymentCaptured, handlers.payment_captured),
        on(PaymentVoided, handlers.payment_voided),
        on(HoldExpired, handlers.hold_expired),
        on(OrderCancelled, handlers.release_units),
    ),
    emits=(OrderPlaced, OrderConfirmed, OrderPaid, OrderCancelled),
    answers=(answer(GetOrder, handlers.get_order),),
    asks=(GetOffers, GetShow),
    channels=(OrderChannel(), SalesChannel()),
    routes=routes.ROUTES,
    jobs=(every_ms(30_000, jobs.cancel_overdue),),
    ports=(Ledger, Settings),
)
