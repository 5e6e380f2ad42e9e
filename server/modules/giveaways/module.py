"""Giveaways: units of a show for nothing, drawn among those who are there.

Owns      giveaways_giveaways, giveaways_entries
Decides   who may take part: accounts with an address, not the people of the shop; one giveaway at a time, never taken back. Who
          wins: a pure function of a seed whose digest was published at the start and of who was there at the end. Who entered,
          and that units are put aside for the winners, the ledger decides.
Promises  the list of a draw is committed before the draw; anybody can compute the draw again from what is published; every winner
          gets one order, whatever is told twice.
"""

from schemas.events.accounts import ActorErased
from schemas.events.giveaways import GiveawayRequested, GiveawayStarted, GiveawayWon
from schemas.events.ledger import GiveawayDrawn, GiveawayEnded, GiveawayEntered, GiveawayOpened
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.catalog import GetOffers
from schemas.requests.moderation import GetDoor
from schemas.requests.notifications import Notify
from schemas.requests.orders import GetAddress
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, every_ms, on
from server.ledger.ledger import Ledger
from server.modules.giveaways import handlers, jobs, routes
from server.modules.giveaways.channel import GiveawayChannel

MODULE = Module(
    name="giveaways",
    consumes=(
        on(GiveawayRequested, handlers.open_giveaway),
        on(GiveawayOpened, handlers.giveaway_opened),
        on(GiveawayEntered, handlers.giveaway_entered),
        on(GiveawayEnded, handlers.giveaway_ended),
        on(GiveawayDrawn, handlers.giveaway_drawn),
        on(ActorErased, handlers.erase),
    ),
    emits=(GiveawayRequested, GiveawayStarted, GiveawayWon),
    asks=(GetAddress, GetDoor, GetOffers, GetShow, Notify),
    channels=(GiveawayChannel(),),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
    jobs=(every_ms(jobs.DRAW_EVERY_MS, jobs.draw_due),),
    ports=(Ledger,),
)
