"""Facts of the ledger. The scripts append them to the show's log, atomically with the change that they describe.

`available`, `held` and `sold` are the pool's state *after* the change, so that a reader needs no arithmetic of its own. The log
is the server's own: it has secret maxima and reserves, which no channel shows.
"""

from typing import ClassVar

import msgspec

from schemas.base import Event


class SaleItemState(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of one SKU of a flash sale, after the change."""

    sale_id: str
    available: int
    held: int
    sold: int


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a hold and what is left of its pool; `sale` when the line is at the price of a flash sale."""

    sku: str
    quantity: int
    available: int
    held: int
    sold: int
    sale: SaleItemState | None = None


class LedgerEvent(Event, frozen=True, kw_only=True):
    """`seq` counts the show's log from 1 without holes; it goes on when `epoch` changes. `command_id` is the command that caused
    it, or the id of what ended because its time had come."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    epoch: str
    seq: int
    command_id: str
    at_ms: int


class PoolsChanged(LedgerEvent, frozen=True, kw_only=True):
    """Base of the events that move units."""

    lines: list[LineState]


class StockFunded(PoolsChanged, frozen=True, tag="ledger.stock_funded.v1"):
    """Units came into the pool (or left it, with a negative quantity)."""

    per_buyer_max: int


class StockHeld(PoolsChanged, frozen=True, tag="ledger.stock_held.v1"):
    """Units are kept for a buyer, with one use of `coupon`. `waited` says that the buyer stood in line for them."""

    hold_id: str
    buyer_id: str
    expires_at_ms: int
    coupon: str = ""
    waited: bool = False


class HoldExtended(LedgerEvent, frozen=True, tag="ledger.hold_extended.v1"):
    """The buyer has more time, because a payment has begun."""

    hold_id: str
    expires_at_ms: int


class HoldCommitted(PoolsChanged, frozen=True, tag="ledger.hold_committed.v1"):
    """The held units are sold."""

    hold_id: str
    buyer_id: str


class HoldReleased(PoolsChanged, frozen=True, tag="ledger.hold_released.v1"):
    """The held units are back in the pool, because the buyer or the shop gave them up."""

    hold_id: str
    buyer_id: str


class HoldExpired(PoolsChanged, frozen=True, tag="ledger.hold_expired.v1"):
    """The held units are back in the pool, because nobody paid in time. `command_id` is the hold's own id: time was the cause."""

    hold_id: str
    buyer_id: str


class HoldRestocked(PoolsChanged, frozen=True, tag="ledger.hold_restocked.v1"):
    """The sold units are back in the pool, because the order was cancelled before anything was sent."""

    hold_id: str
    buyer_id: str


class WaitJoined(LedgerEvent, frozen=True, tag="ledger.wait_joined.v1"):
    """Somebody stands in line."""

    wait_id: str
    buyer_id: str
    sku: str
    quantity: int
    sale_id: str
    hold_ms: int


class WaitLeft(LedgerEvent, frozen=True, tag="ledger.wait_left.v1"):
    """Somebody stands in line no more, without having got anything."""

    wait_id: str


class SaleOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of a flash sale as it was opened."""

    sku: str
    quantity_max: int
    per_buyer_max: int
    price_minor: int


class SaleOpened(LedgerEvent, frozen=True, tag="ledger.sale_opened.v1"):
    """A flash sale is announced (or begins at once)."""

    sale_id: str
    currency: str
    items: list[SaleOffer]
    starts_at_ms: int
    ends_at_ms: int


class SaleEnded(LedgerEvent, frozen=True, tag="ledger.sale_ended.v1"):
    """No more holds at this price. `reason` is `time` or `host`."""

    sale_id: str
    reason: str


class CouponOpened(LedgerEvent, frozen=True, tag="ledger.coupon_opened.v1"):
    """Holds may use the coupon, within these limits."""

    code: str
    uses_max: int
    per_buyer_max: int


class CouponShut(LedgerEvent, frozen=True, tag="ledger.coupon_shut.v1"):
    """New holds may not use the coupon."""

    code: str


class LotSpecification(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of a lot (`server.ledger.rules.LotTerms`), frozen when it opens."""

    sku: str
    quantity: int
    seller_id: str
    currency: str
    start_minor: int
    reserve_minor: int
    increments: list[tuple[int, int]]
    window_ms: int
    reset_ms: int
    extension_max_ms: int
    sudden_death: bool
    payment_ms: int


class LotState(msgspec.Struct, frozen=True, kw_only=True):
    """How a lot stands, without its secrets. Before the first bid the price is 0 and `next_minor` the start price."""

    price_minor: int
    next_minor: int
    leader_id: str
    bids: int
    ends_at_ms: int
    reserve_met: bool


class LotOpened(PoolsChanged, frozen=True, tag="ledger.lot_opened.v1"):
    """A lot is announced; its units have left the pool."""

    lot_id: str
    terms: LotSpecification
    starts_at_ms: int
    ends_at_ms: int
    hard_ends_at_ms: int


class LotStarted(LedgerEvent, frozen=True, tag="ledger.lot_started.v1"):
    """Bidding has begun. Maxima that were set before count now."""

    lot_id: str
    lot: LotState


class BidPlaced(LedgerEvent, frozen=True, tag="ledger.bid_placed.v1"):
    """A bid counts. `amount_minor` is secret: it may be a maximum. `early`: before the start, when nobody sees how it stands.
    `outbid_id` led before and does so no more."""

    lot_id: str
    bidder_id: str
    amount_minor: int
    exact: bool
    early: bool
    extended: bool
    outbid_id: str
    lot: LotState


class LotEnded(PoolsChanged, frozen=True, tag="ledger.lot_ended.v1"):
    """The hammer: `sold` (the units are held for the winner as hold `hold_id`, which is the lot's id, until `expires_at_ms`) or
    `unsold` (no bid, or the reserve was not met: the units are in the pool again)."""

    lot_id: str
    state: str
    winner_id: str
    price_minor: int
    bids: int
    hold_id: str
    expires_at_ms: int


class LotTakenBack(PoolsChanged, frozen=True, tag="ledger.lot_taken_back.v1"):
    """The lot is void; its units are in the pool again, when it or a hold still had them (the line's quantity, else 0). An open
    hold of the lot ends with it."""

    lot_id: str
    reason: str


class LotAwarded(PoolsChanged, frozen=True, tag="ledger.lot_awarded.v1"):
    """The units are held for another bidder, because the one before did not pay. The hold before, when it is still open, ends
    with it."""

    lot_id: str
    hold_id: str
    buyer_id: str
    price_minor: int
    expires_at_ms: int


class GiveawayOpened(PoolsChanged, frozen=True, tag="ledger.giveaway_opened.v1"):
    """Units are put aside to be given away, one each. `commitment` is the SHA-256 (hex) of the seed of the draw."""

    giveaway_id: str
    winners_max: int
    commitment: str
    ends_at_ms: int


class GiveawayEntered(LedgerEvent, frozen=True, tag="ledger.giveaway_entered.v1"):
    """Somebody takes part, as number `entries`."""

    giveaway_id: str
    entrant_id: str
    entries: int


class GiveawayEnded(LedgerEvent, frozen=True, tag="ledger.giveaway_ended.v1"):
    """Nobody can enter any more; the draw is next."""

    giveaway_id: str
    entries: int


class GiveawayDrawn(PoolsChanged, frozen=True, tag="ledger.giveaway_drawn.v1"):
    """These won a unit each, which is sold for nothing; what was not won is in the pool again. The line's quantity is all units
    that were put aside."""

    giveaway_id: str
    seed: str
    winners: list[str]


class ShowRestored(LedgerEvent, frozen=True, tag="ledger.show_restored.v1"):
    """The show was made again from SQL, because Redis had lost the end of its log. `epoch` is the new one; what came after
    `seq` - 1 in the old epoch never happened."""

    previous_epoch: str


AnyLedgerEvent = (
    StockFunded
    | StockHeld
    | HoldExtended
    | HoldCommitted
    | HoldReleased
    | HoldExpired
    | HoldRestocked
    | WaitJoined
    | WaitLeft
    | SaleOpened
    | SaleEnded
    | CouponOpened
    | CouponShut
    | LotOpened
    | LotStarted
    | BidPlaced
    | LotEnded
    | LotTakenBack
    | LotAwarded
    | GiveawayOpened
    | GiveawayEntered
    | GiveawayEnded
    | GiveawayDrawn
    | ShowRestored
)
