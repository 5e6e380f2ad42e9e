"""Auctions: lots, from the announcement to the winner who pays.

Owns      auctions_desks, auctions_lots, auctions_bidders, auctions_deeds
Decides   prepared → opening → open → ended → sold | unsold, then sold → paid | unpaid → offered | unsold. One lot at a time per
          show. Who may bid at all; whether a bid counts, and who leads, the ledger decides.
Promises  nobody is charged before the record in SQL gives the winner and the price that the ledger told, computed in another
          way; a difference stops the show; no secret maximum and no reserve is on anybody's wire; who was outbid hears of it; a
          runner-up is asked, never charged.
"""

from schemas.events.accounts import ActorErased
from schemas.events.auctions import LotAnnounced, LotOffered, LotOpening, LotSold, LotUnsold
from schemas.events.ledger import HoldExpired, LotAwarded, LotEnded, LotOpened, LotTakenBack
from schemas.events.orders import OrderCancelled, OrderPaid, OrderPlaced
from schemas.events.payments import PaymentFailed
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.auctions import GetLot
from schemas.requests.catalog import GetOffers
from schemas.requests.guests import GetStageActors
from schemas.requests.moderation import GetDoor
from schemas.requests.notifications import Notify
from schemas.requests.orders import GetAddress
from schemas.requests.payments import GetSavedCard
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, every_ms, on
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.modules.auctions import handlers, jobs, routes
from server.modules.auctions.adapters import BidMemory
from server.modules.auctions.channel import AuctionChannel, LotsChannel

MODULE = Module(
    name="auctions",
    consumes=(
        on(LotOpening, handlers.open_in_ledger),
        on(LotOpened, handlers.lot_opened),
        on(LotEnded, handlers.lot_ended),
        on(LotTakenBack, handlers.lot_taken_back),
        on(LotAwarded, handlers.lot_awarded),
        on(OrderPlaced, handlers.order_placed),
        on(PaymentFailed, handlers.payment_failed),
        on(OrderPaid, handlers.order_paid),
        on(OrderCancelled, handlers.order_cancelled),
        on(HoldExpired, handlers.hold_expired),
        on(ActorErased, handlers.erase),
    ),
    emits=(LotOpening, LotAnnounced, LotSold, LotOffered, LotUnsold),
    answers=(answer(GetLot, handlers.get_lot),),
    asks=(GetShow, GetDoor, GetStageActors, GetOffers, GetSavedCard, GetAddress, Notify),
    channels=(AuctionChannel(), LotsChannel()),
    contributes=(answer(CollectPersonalData, handlers.collect), answer(FindObstacles, handlers.find_obstacles)),
    routes=routes.ROUTES,
    jobs=(
        every_ms(jobs.FOLLOW_EVERY_MS, jobs.follow_bids),
        every_ms(jobs.SETTLE_EVERY_MS, jobs.settle),
        every_ms(jobs.OFFER_EVERY_MS, jobs.offer_to_runners_up),
    ),
    ports=(Ledger, LedgerHistory, BidMemory),
)
