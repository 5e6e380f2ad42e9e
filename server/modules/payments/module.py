"""Payments: the money of an order, moved by a provider outside.

Owns      payments_payments, payments_refunds, payments_disputes, payments_cards, payments_webhook_events
Decides   authorise when the buyer asks (or by the saved card of a winner), capture when the order is confirmed, void when it is
          cancelled; never capture first. Refunds never give more than was taken. A webhook is a hint: the object is read again.
          A provider may ask for a new card on its own page; who does not come back from there within a quarter of an hour, or
          says so, is waited for no longer.
Promises  one open or successful payment per order; what a provider left unknown is asked for again with the same key until it
          is known; a confirmed order is captured once and a cancelled one never; money that comes late for a payment that is
          over goes back.
"""

from schemas.events.accounts import ActorErased
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderPlaced, RefundRequested
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
from schemas.requests.orders import GetOrder
from schemas.requests.payments import GetSavedCard
from server.kernel.config import Settings
from server.kernel.module import Module, answer, every_ms, on
from server.modules.payments import handlers, jobs, routes
from server.modules.payments.adapters import Providers

MODULE = Module(
    name="payments",
    consumes=(
        on(OrderPlaced, handlers.charge_saved),
        on(PaymentRequested, handlers.authorise),
        on(OrderConfirmed, handlers.capture),
        on(OrderCancelled, handlers.void),
        on(RefundRequested, handlers.refund),
        on(ActorErased, handlers.erase),
    ),
    emits=(
        *(PaymentRequested, PaymentActionRequired, PaymentAuthorised, PaymentFailed, PaymentCaptured, PaymentVoided),
        *(PaymentRefunded, RefundFailed, DisputeOpened, DisputeClosed),
    ),
    answers=(answer(GetSavedCard, handlers.get_saved_card),),
    asks=(GetOrder,),
    contributes=(answer(CollectPersonalData, handlers.collect), answer(FindObstacles, handlers.find_obstacles)),
    routes=routes.ROUTES,
    jobs=(
        every_ms(1_000, jobs.resolve),
        every_ms(1_000, jobs.give_back),
        every_ms(600_000, jobs.watch_authorisations),
        every_ms(3_600_000, jobs.forget_webhooks),
    ),
    ports=(Providers, Settings),
)
