"""Facts of the module `auctions`, told only when the record in SQL agrees with the ledger."""

from typing import ClassVar

from schemas.base import Event
from schemas.money import Money


class LotOpening(Event, frozen=True, tag="auctions.lot_opening.v1"):
    """The host starts a lot; the ledger has not been asked yet."""

    SUBJECT: ClassVar[str] = "lot_id"
    lot_id: str
    show_id: str
    starts_in_ms: int


class LotAnnounced(Event, frozen=True, tag="auctions.lot_announced.v1"):
    """A lot is open for secret maxima; bidding starts at `starts_at_ms`."""

    SUBJECT: ClassVar[str] = "show_id"
    lot_id: str
    show_id: str
    seller_id: str
    sku: str
    starts_at_ms: int


class LotSold(Event, frozen=True, tag="auctions.lot_sold.v1"):
    """The hammer fell: the units are held for the winner, who owes the price. The winner's saved card may be charged."""

    SUBJECT: ClassVar[str] = "lot_id"
    lot_id: str
    show_id: str
    seller_id: str
    hold_id: str
    buyer_id: str
    sku: str
    quantity: int
    price: Money
    expires_at_ms: int


class LotOffered(Event, frozen=True, tag="auctions.lot_offered.v1"):
    """The winner did not pay: the runner-up may have the units at their own price. An offer, not a duty."""

    SUBJECT: ClassVar[str] = "lot_id"
    lot_id: str
    show_id: str
    seller_id: str
    hold_id: str
    buyer_id: str
    sku: str
    quantity: int
    price: Money
    expires_at_ms: int


class LotUnsold(Event, frozen=True, tag="auctions.lot_unsold.v1"):
    """Nobody bid, the reserve was not met, the lot was taken back, or nobody paid: `reason` says which. `hold_id` is the hold
    that its units had last, if any: an order of it is dead."""

    SUBJECT: ClassVar[str] = "lot_id"
    lot_id: str
    show_id: str
    sku: str
    reason: str
    hold_id: str = ""
