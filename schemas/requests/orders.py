"""Questions that the module `orders` answers."""

from dataclasses import dataclass

from schemas.base import Request
from schemas.http.orders import OrderView


@dataclass(frozen=True)
class GetOrder(Request[OrderView | None]):
    """The order, or nothing when there is none with this id."""

    order_id: str
