"""Shows: the broadcasts of the shop, from the schedule to the last minute.

Owns      shows_shows, shows_ingest, shows_runs, shows_run_items
Decides   scheduled → live → ended, by the host alone; a lost stream does not end a show. At most three products are pinned.
          The run of show: its order, and which step is on. A rehearsal is a copy of a show, one at a time.
Promises  every change of a show has a higher version and reaches every player; an ended show never comes back.
          The run of show is seen by its host alone; an order made from an old version never undoes a newer one.
          A rehearsal is in no list, and nobody is told of it; one that is forgotten ends after four hours.
"""

from schemas.events.accounts import ActorErased
from schemas.events.catalog import PoolFunded, ProductChanged
from schemas.events.media import StreamEnded, StreamStarted
from schemas.events.shows import (
    ProductPinned,
    ProductUnpinned,
    RehearsalMade,
    ShowChanged,
    ShowEnded,
    ShowScheduled,
    ShowStarted,
)
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from schemas.requests.catalog import GetOffers
from schemas.requests.moderation import GetDoor
from schemas.requests.pictures import UsePictures
from schemas.requests.shows import CheckIngestToken, GetListedShows, GetLiveRehearsals, GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, answer, every_ms, on
from server.modules.shows import handlers, jobs, routes
from server.modules.shows.channel import RunOfShowChannel, ShowChannel

MODULE = Module(
    name="shows",
    consumes=(
        on(StreamStarted, handlers.stream_started),
        on(StreamEnded, handlers.stream_ended),
        on(PoolFunded, handlers.offers_changed),
        on(ProductChanged, handlers.product_changed),
        on(ActorErased, handlers.erase),
    ),
    emits=(ShowScheduled, ShowChanged, ShowStarted, ShowEnded, RehearsalMade, ProductPinned, ProductUnpinned),
    answers=(
        answer(GetShow, handlers.get_show, shared=True),
        answer(GetListedShows, handlers.get_listed_shows, shared=True),
        answer(GetLiveRehearsals, handlers.get_live_rehearsals),
        answer(CheckIngestToken, handlers.check_ingest_token),
    ),
    asks=(GetDoor, GetOffers, UsePictures),
    channels=(ShowChannel(), RunOfShowChannel()),
    contributes=(answer(CollectPersonalData, handlers.collect), answer(FindObstacles, handlers.find_obstacles)),
    routes=routes.ROUTES,
    jobs=(every_ms(jobs.LOOK_EVERY_MS, jobs.end_forgotten),),
    ports=(Settings,),
)
