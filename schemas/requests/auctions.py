"""Questions that the module `auctions` answers."""

from dataclasses import dataclass

from schemas.base import Request


@dataclass(frozen=True)
class LotRecord:
    """A lot as SQL knows it."""

    lot_id: str
    show_id: str
    sku: str
    state: str


@dataclass(frozen=True)
class GetLot(Request[LotRecord | None]):
    """The lot, or nothing when there is none with this id."""

    lot_id: str
