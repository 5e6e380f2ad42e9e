"""Facts of the module `catalog`."""

from typing import ClassVar

from schemas.base import Event
from schemas.money import Money


class ProductPublished(Event, frozen=True, tag="catalog.product_published.v1"):
    """A product can be added to shows."""

    SUBJECT: ClassVar[str] = "product_id"
    product_id: str
    title: str
    skus: list[str]


class ProductChanged(Event, frozen=True, tag="catalog.product_changed.v1"):
    """A product says, shows or costs something else, has one more variant, or is (no longer) archived. `show_ids` are the shows
    that sell it and are not over."""

    SUBJECT: ClassVar[str] = "product_id"
    product_id: str
    title: str
    skus: list[str]
    archived: bool
    show_ids: list[str]
    changed_at_ms: int


class PriceChanged(Event, frozen=True, tag="catalog.price_changed.v1"):
    """A variant costs something else from now on."""

    SUBJECT: ClassVar[str] = "sku"
    sku: str
    price: Money
    changed_at_ms: int


class PoolReturnAsked(Event, frozen=True, tag="catalog.pool_return_asked.v1"):
    """Free units shall leave the pool of a show for the warehouse: the ledger lets go of them first. `move_id` is its command's
    id."""

    SUBJECT: ClassVar[str] = "show_id"
    move_id: str
    show_id: str
    sku: str
    quantity: int
    per_buyer_max: int


class PoolFunded(Event, frozen=True, tag="catalog.pool_funded.v1"):
    """Units left the warehouse for the pool of a show; the ledger may sell them. `move_id` is the ledger's command id."""

    SUBJECT: ClassVar[str] = "show_id"
    move_id: str
    show_id: str
    sku: str
    quantity: int
    per_buyer_max: int
