"""Bodies of `/api/auctions/…`, and what the channels `auctions:<show_id>` (the ledger's word) and `lots:<show_id>` (SQL's word)
carry."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.http.catalog import Quantity
from schemas.ids import CommandId, LotId, ShowId, Sku
from schemas.money import AMOUNT_MINOR_MAX, Currency, Money

DURATION_MS_MIN = 10_000
DURATION_MS_MAX = 24 * 3_600_000
STARTS_IN_MS_MAX = 3_600_000
WINDOW_MS_MAX = 5 * 60_000
EXTENSION_MS_MAX = 60 * 60_000
PAYMENT_MS_MIN = 60_000
PAYMENT_MS_MAX = 24 * 3_600_000
REASON_LENGTH_MAX = 200

LOTS_MAX = 20
"""Lots that a player knows of: the newest."""
LIVE_LOTS_MAX = 3
"""Lots in the channel `auctions:<show_id>`: the one that runs and what came before it."""
HISTORY_MAX = 500

BidAmount = Annotated[int, Meta(ge=1, le=AMOUNT_MINOR_MAX)]

LotStatus = Literal[
    "prepared", "opening", "open", "ended", "disputed", "sold", "offered", "unpaid", "paid", "unsold", "void", "withdrawn"
]
"""`prepared → opening → open → ended → sold | unsold`, then `sold → paid | unpaid`, `unpaid → offered → paid | unpaid`. `ended`:
the hammer fell, the record is compared. `void` is taken back, `withdrawn` was never opened, `disputed` waits for an operator."""


class PrepareLot(Body, frozen=True):
    """A lot in the run of a show. The client makes the id. Times count when it starts; amounts are of the offer's currency.

    A bid within `window_ms` of the end moves the end to `reset_ms` from then, at most `extension_max_ms` beyond the planned one.
    `ceiling_minor` is how much one person may bid (0: as much as they like). `auto_offer`: who does not pay loses the lot to the
    runner-up without a word of the host.
    """

    lot_id: LotId
    show_id: ShowId
    sku: Sku
    start_minor: BidAmount
    currency: Currency
    quantity: Quantity = 1
    reserve_minor: Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)] = 0
    ceiling_minor: Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)] = 0
    duration_ms: Annotated[int, Meta(ge=DURATION_MS_MIN, le=DURATION_MS_MAX)] = 60_000
    window_ms: Annotated[int, Meta(ge=0, le=WINDOW_MS_MAX)] = 10_000
    reset_ms: Annotated[int, Meta(ge=0, le=WINDOW_MS_MAX)] = 10_000
    extension_max_ms: Annotated[int, Meta(ge=0, le=EXTENSION_MS_MAX)] = 5 * 60_000
    sudden_death: bool = False
    payment_ms: Annotated[int, Meta(ge=PAYMENT_MS_MIN, le=PAYMENT_MS_MAX)] = 15 * 60_000
    auto_offer: bool = False


class StartLot(Body, frozen=True):
    """Open a lot for bids; with `starts_in_ms` it is announced first, and people may set secret maxima."""

    starts_in_ms: Annotated[int, Meta(ge=0, le=STARTS_IN_MS_MAX)] = 0


class TakeLotBack(Body, frozen=True):
    """Void a lot. The host may before the first bid; the owner of the shop at any time until it is paid, and says why."""

    command_id: CommandId
    reason: Annotated[str, Meta(max_length=REASON_LENGTH_MAX)] = ""


class RerunLot(Body, frozen=True):
    """Prepare the same lot again under a new id."""

    lot_id: LotId


class PlaceBid(Body, frozen=True):
    """Command of `auctions:<show_id>`, whose `command_id` is the bid's and begins with `bid_`.

    `amount` is a secret maximum, unless `exact`; `confirmed` answers `needs_confirmation`, in a new command. `epoch` is the life
    of the show that the bidder looks at, when they know it.
    """

    lot_id: LotId
    amount: Money
    exact: bool = False
    confirmed: bool = False
    epoch: Annotated[str, Meta(max_length=40)] = ""


class SendBid(Body, frozen=True):
    """The same over HTTP."""

    bid_id: CommandId
    show_id: ShowId
    bid: PlaceBid


class BidView(View, frozen=True):
    """A bid that counts: whether its bidder leads, and how the lot stood right after it."""

    lot_id: str
    leads: bool
    maximum_minor: int
    price_minor: int
    next_minor: int
    ends_at_ms: int
    reserve_met: bool


LiveState = Literal["announced", "open", "sold", "unsold", "void"]


class LotNow(View, frozen=True, tag_field="type", tag="lot"):
    """A lot as everybody may see it. While it is announced `bids` counts secret maxima, and price, next bid and leader are not
    told. The price is 0 before the first bid. `has_reserve` says that there is one, never how much."""

    lot_id: str
    sku: str
    quantity: int
    currency: str
    state: LiveState
    start_minor: int
    price_minor: int
    next_minor: int
    leader_id: str
    bids: int
    has_reserve: bool
    reserve_met: bool
    starts_at_ms: int
    ends_at_ms: int
    hard_ends_at_ms: int
    window_ms: int
    sudden_death: bool


class LotMoved(View, frozen=True, tag_field="type", tag="moved"):
    """What an event changed of a lot. `extended`: the bid has moved the end."""

    lot_id: str
    state: LiveState
    price_minor: int
    next_minor: int
    leader_id: str
    bids: int
    reserve_met: bool
    ends_at_ms: int
    extended: bool = False


class LotFinished(View, frozen=True, tag_field="type", tag="finished"):
    """The hammer fell, or the lot was taken back."""

    lot_id: str
    state: LiveState
    price_minor: int
    leader_id: str
    bids: int


AuctionPublication = LotNow | LotMoved | LotFinished


class AuctionState(View, frozen=True):
    """Snapshot of `auctions:<show_id>`: the newest lots in the order of their starts."""

    lots: list[LotNow]


class PersonName(View, frozen=True):
    """How somebody is called in public."""

    actor_id: str
    name: str


class LotCard(View, frozen=True):
    """What SQL knows of a lot for everybody. Winner and price once the record was compared with the ledger."""

    lot_id: str
    sku: str
    title: str
    label: str
    image_url: str | None
    quantity: int
    currency: str
    state: LotStatus
    price_minor: int
    winner_id: str
    winner_name: str
    starts_at_ms: int


class LotsState(View, frozen=True):
    """What `lots:<show_id>` carries, whole at each change: the newest lots that were opened, newest first, and names of those who
    lead or have led lately."""

    version: int
    lots: list[LotCard]
    names: list[PersonName]


class IncrementStep(View, frozen=True):
    """From this price on the next bid is at least one step higher."""

    from_minor: int
    step_minor: int


BidStanding = Literal["leading", "outbid", "won", "lost", "void"]


class MyBid(View, frozen=True):
    """A lot that the caller has bid for. `maximum` is their own secret, `price` the hammer price once there is one; `order_id`
    names the order that they owe or paid."""

    lot_id: str
    show_id: str
    title: str
    label: str
    image_url: str | None
    standing: BidStanding
    maximum: Money
    price: Money | None
    order_id: str
    ends_at_ms: int


class MyBidsView(View, frozen=True):
    """The newest lots that the caller has bid for, the newest first."""

    bids: list[MyBid]


class LotView(View, frozen=True):
    """A lot as its host sees it."""

    lot_id: str
    show_id: str
    seller_id: str
    sku: str
    title: str
    label: str
    image_url: str | None
    quantity: int
    currency: str
    start_minor: int
    reserve_minor: int
    ceiling_minor: int
    duration_ms: int
    window_ms: int
    reset_ms: int
    extension_max_ms: int
    sudden_death: bool
    payment_ms: int
    auto_offer: bool
    increments: list[IncrementStep]
    increments_version: str
    state: LotStatus
    reason: str
    price_minor: int
    bids: int
    winner_id: str
    winner_name: str
    buyer_name: str
    """Whose offer or order it is now: the winner, or a runner-up."""
    due_minor: int
    pays_until_ms: int
    starts_at_ms: int
    ends_at_ms: int
    rerun_of: str
    runner_up: bool
    """Whether somebody else has bid, to whom it could be offered."""


class LotListView(View, frozen=True):
    """The lots of a show, in the order in which they were prepared."""

    lots: list[LotView]


class MyLot(View, frozen=True):
    """What only one bidder knows of a lot. `refusal` is the name of the error that a bid would meet, or empty. `offer_minor` is
    what the shop asks when the lot is this person's: as the winner, or as the runner-up."""

    lot_id: str
    maximum_minor: int
    bids: int
    leads: bool
    refusal: str
    ceiling_minor: int
    offer_minor: int
    pays_until_ms: int


HistoryKind = Literal[
    "prepared", "announced", "started", "bid", "maximum", "refused", "sold", "unsold", "void", "settled", "disputed", "offered",
    "paid", "unpaid", "rerun", "given_up",
]  # fmt: skip


class LotEntry(View, frozen=True):
    """One thing that happened to a lot. `seq` is its place in the ledger's log (0: it is not in the log). `amount_minor` is 0
    where the reader may not know it. `why` is the name of an error, or words of the host."""

    kind: HistoryKind
    at_ms: int
    seq: int
    who: str
    mine: bool
    amount_minor: int
    exact: bool
    price_minor: int
    leads: bool
    extended: bool
    why: str


class LotHistory(View, frozen=True):
    """A lot's truth, oldest first; `next_seq` is where the rest begins, 0 when this is all. `full` says that the reader sees
    everything."""

    lot_id: str
    show_id: str
    title: str
    label: str
    image_url: str | None
    currency: str
    state: LotStatus
    price_minor: int
    winner_name: str
    full: bool
    entries: list[LotEntry]
    next_seq: int
