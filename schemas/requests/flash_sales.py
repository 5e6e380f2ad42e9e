"""Questions that the module `flash_sales` answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.base import Request
from schemas.money import Money


@dataclass(frozen=True)
class SaleTerms:
    """What a flash sale sells, at which price. It never changes; whether it is on now, the ledger says."""

    sale_id: str
    prices: Mapping[str, Money]
    coupons_allowed: bool


@dataclass(frozen=True)
class GetSales(Request[list[SaleTerms]]):
    """The terms of these flash sales of a show; those that do not exist are left out."""

    show_id: str
    sale_ids: tuple[str, ...]
