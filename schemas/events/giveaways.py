"""Facts of the module `giveaways`."""

from typing import ClassVar

from schemas.base import Event


class GiveawayRequested(Event, frozen=True, tag="giveaways.giveaway_requested.v1"):
    """The host wants to give something away, which is written down; the ledger has not put the units aside yet."""

    SUBJECT: ClassVar[str] = "show_id"
    giveaway_id: str
    show_id: str


class GiveawayStarted(Event, frozen=True, tag="giveaways.giveaway_started.v1"):
    """People may take part until `ends_at_ms`."""

    SUBJECT: ClassVar[str] = "show_id"
    giveaway_id: str
    show_id: str
    sku: str
    ends_at_ms: int


class GiveawayWon(Event, frozen=True, tag="giveaways.giveaway_won.v1"):
    """Somebody won a unit: an order without a price follows. `order_id` is made from the giveaway and the winner."""

    SUBJECT: ClassVar[str] = "giveaway_id"
    giveaway_id: str
    show_id: str
    seller_id: str
    winner_id: str
    sku: str
    order_id: str
