"""Recaps: what became of a show, minute by minute, for its host.

Owns      recaps_shows, recaps_minutes, recaps_facts
Decides   what counts: the audience is counted every few seconds while the show is live; a paid order belongs to the minute in
          which it was placed, and a payment or a refund after the end still counts.
Promises  the same facts make the same report, in whatever order and however often they come; revenue and refunds are the
          statement's, to the cent; moderators and packers see none of it, and nobody's name is in it.
"""

from schemas.events.auctions import LotSold, LotUnsold
from schemas.events.chat import MessagePosted
from schemas.events.flash_sales import FlashSaleOpened
from schemas.events.giveaways import GiveawayStarted, GiveawayWon
from schemas.events.guests import GuestAdmitted
from schemas.events.ledger import WaitJoined
from schemas.events.orders import OrderPaid, OrderPlaced
from schemas.events.payments import PaymentRefunded
from schemas.events.polls import PollClosed
from schemas.events.questions import QuestionAnswered, QuestionAsked
from schemas.events.shows import ProductPinned, ProductUnpinned, ShowEnded, ShowStarted
from schemas.requests.catalog import GetOffers
from schemas.requests.orders import GetOrder
from schemas.requests.shows import GetShow
from server.channels.audience import Audience
from server.kernel.module import Module, every_ms, on
from server.modules.recaps import handlers, jobs, routes, rules

MODULE = Module(
    name="recaps",
    consumes=(
        on(ShowStarted, handlers.show_started),
        on(ShowEnded, handlers.show_ended),
        on(ProductPinned, handlers.pinned),
        on(ProductUnpinned, handlers.unpinned),
        on(MessagePosted, handlers.message_posted),
        on(QuestionAsked, handlers.question_asked),
        on(QuestionAnswered, handlers.question_answered),
        on(PollClosed, handlers.poll_closed),
        on(OrderPlaced, handlers.order_placed),
        on(OrderPaid, handlers.order_paid),
        on(PaymentRefunded, handlers.payment_refunded),
        on(FlashSaleOpened, handlers.flash_sale_opened),
        on(LotSold, handlers.lot_sold),
        on(LotUnsold, handlers.lot_unsold),
        on(GiveawayStarted, handlers.giveaway_started),
        on(GiveawayWon, handlers.giveaway_won),
        on(GuestAdmitted, handlers.guest_admitted),
        on(WaitJoined, handlers.wait_joined),
    ),
    asks=(GetOffers, GetOrder, GetShow),
    routes=routes.ROUTES,
    jobs=(every_ms(rules.SAMPLE_MS, jobs.count_audience),),
    ports=(Audience,),
)
