"""Payments: the money of an order, moved by a provider outside.

Owns      payments_payments
Decides   authorise when the buyer asks, capture when the order is confirmed, void when it is cancelled; never capture first.
Promises  one open or successful payment per order; what a provider left unknown is asked for again with the same key until it
          is known; a confirmed order is captured once and a cancelled one never.
"""

from schemas.events.orders import OrderCancelled, OrderConfirmed
from schemas.events.payments import PaymentAuthorised, PaymentCaptured, PaymentFailed, PaymentRequested, PaymentVoided
from schemas.requests.orders import GetOrder
from server.kernel.module import Module, every_ms, on
from server.modules.payments import handlers, jobs, routes
from server.modules.payments.adapters import Providers

MODULE = Module(
    name="payments",
    consumes=(
        on(PaymentRequested, handlers.authorise),
        on(OrderConfirmed, handlers.capture),
        on(OrderCancelled, handlers.void),
    ),
    emits=(PaymentRequested, PaymentAuthorised, PaymentFailed, PaymentCaptured, PaymentVoided),
    asks=(GetOrder,),
    routes=routes.ROUTES,
    jobs=(every_ms(1_000, jobs.resolve),),
    ports=(Providers,),
)
