"""Questions that the module `catalog` answers."""

from dataclasses import dataclass

from schemas.base import Request
from schemas.http.catalog import OfferView


@dataclass(frozen=True)
class GetOffers(Request[list[OfferView]]):
    """What the show sells: all of it, or only the given SKUs (those it does not sell are left out)."""

    show_id: str
    skus: tuple[str, ...] | None = None
