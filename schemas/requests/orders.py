"""Questions that the module `orders` answers."""

from dataclasses import dataclass

from schemas.base import Request
from schemas.http.orders import AddressView, OrderView


@dataclass(frozen=True)
class GetOrder(Request[OrderView | None]):
    """The order, or nothing when there is none with this id."""

    order_id: str


@dataclass(frozen=True)
class GetAddress(Request[AddressView | None]):
    """Where somebody's orders go when they choose nothing else, or None."""

    actor_id: str


@dataclass(frozen=True)
class HasBought(Request[bool]):
    """Whether somebody has ever paid for an order of this seller."""

    actor_id: str
    seller_id: str
