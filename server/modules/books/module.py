"""Books: every movement of money, twice.

Owns      books_transfers, books_entries, books_audits
Decides   which entries a fact makes: a sale, a capture, a refund, a dispute. The platform's share is what is due on the goods
          that are left, rounded half up.
Promises  one transfer per fact, in whatever order facts come; debits are credits in every one, which the database enforces;
          nothing is changed or deleted; the buyer's receipt less refunds is the seller's net, tax and fees, to the cent.
"""

from schemas.events.orders import OrderPaid
from schemas.events.payments import DisputeClosed, DisputeOpened, PaymentCaptured, PaymentRefunded
from schemas.requests.orders import GetOrder
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, every_ms, on
from server.modules.books import handlers, jobs, routes

MODULE = Module(
    name="books",
    consumes=(
        on(OrderPaid, handlers.order_paid),
        on(PaymentCaptured, handlers.payment_captured),
        on(PaymentRefunded, handlers.payment_refunded),
        on(DisputeOpened, handlers.dispute_opened),
        on(DisputeClosed, handlers.dispute_closed),
    ),
    asks=(GetOrder, GetShow),
    routes=routes.ROUTES,
    # An audit of 100,000 orders takes about eight minutes of which the database is busy some seconds.
    jobs=(every_ms(1_000, jobs.audit),),
    ports=(Settings,),
)
