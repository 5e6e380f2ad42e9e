"""Bodies of `/api/flash_sales/…`, and what the channel `flash_sales:<show_id>` carries."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.http.catalog import QUANTITY_MAX, Quantity
from schemas.ids import SaleId, ShowId, Sku, WaitId
from schemas.money import Money

COUNTDOWN_MS_MIN = 10_000
COUNTDOWN_MS_MAX = 300_000
LASTS_MS_MIN = 60_000
LASTS_MS_MAX = 20 * 60_000
ITEMS_MAX = 20

Limit = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]

SaleState = Literal["opening", "open", "over", "refused"]
"""`opening`: asked for, the ledger has not answered yet. `open`: announced or on, as its times say. `refused`: never was."""


class NewSaleItem(Body, frozen=True):
    """One SKU of a flash sale: at most `quantity_max` units at this price, and `per_buyer_max` for one buyer."""

    sku: Sku
    price: Money
    quantity_max: Limit
    per_buyer_max: Limit = 1


class StartFlashSale(Body, frozen=True):
    """Sell at another price for a while. The client makes the id. `starts_in_ms` is the countdown: 0, or 10 to 300 seconds."""

    sale_id: SaleId
    show_id: ShowId
    items: Annotated[list[NewSaleItem], Meta(min_length=1, max_length=ITEMS_MAX)]
    lasts_ms: Annotated[int, Meta(ge=LASTS_MS_MIN, le=LASTS_MS_MAX)] = 300_000
    starts_in_ms: Annotated[int, Meta(ge=0, le=COUNTDOWN_MS_MAX)] = 0
    coupons_allowed: bool = False


class SaleItemRecord(View, frozen=True):
    """One SKU of a flash sale as it was asked for. `normal_price` and `lowest_30d` are what it cost then, and at least within the
    30 days before."""

    sku: str
    price: Money
    normal_price: Money
    lowest_30d: Money
    quantity_max: int
    per_buyer_max: int


class SaleRecord(View, frozen=True):
    """A flash sale as its host sees it. The times are 0 until the ledger has set them; `reason` says why it ended (`time` or
    `host`) or was refused."""

    sale_id: str
    show_id: str
    state: SaleState
    reason: str
    items: list[SaleItemRecord]
    coupons_allowed: bool
    starts_at_ms: int
    ends_at_ms: int
    asked_at_ms: int


class SaleRecordsView(View, frozen=True):
    """The flash sales of a show, newest first."""

    sales: list[SaleRecord]


class SaleItemView(View, frozen=True):
    """One SKU of a flash sale and what is left of it at this price. The pool of the show may have less: see `stock:<show_id>`."""

    sku: str
    price: Money
    quantity_max: int
    per_buyer_max: int
    available: int
    held: int
    sold: int


class FlashSaleView(View, frozen=True, tag_field="type", tag="sale"):
    """A flash sale that is announced or on. It starts and ends at these moments of the server's clock."""

    sale_id: str
    items: list[SaleItemView]
    starts_at_ms: int
    ends_at_ms: int


class SaleUnits(View, frozen=True):
    """What is left of one SKU of a flash sale."""

    sale_id: str
    sku: str
    available: int
    held: int
    sold: int


class FlashSaleUnits(View, frozen=True, tag_field="type", tag="units"):
    """Somebody bought, or gave back."""

    changes: list[SaleUnits]


class FlashSaleOver(View, frozen=True, tag_field="type", tag="over"):
    """The sale is over: `reason` is `time` or `host`."""

    sale_id: str
    reason: str


FlashSalePublication = FlashSaleView | FlashSaleUnits | FlashSaleOver


class FlashSalesState(View, frozen=True):
    """Snapshot of `flash_sales:<show_id>`: the sales that are not over, in the order of their ids."""

    sales: list[FlashSaleView]


class JoinWaitlist(Body, frozen=True):
    """Stand in line for units that others hold. The client makes the id; served, it is the id of a hold that an order is placed
    on."""

    wait_id: WaitId
    show_id: ShowId
    sku: Sku
    quantity: Quantity = 1
    sale_id: SaleId | None = None


class WaitView(View, frozen=True):
    """A place in line. `waiting`: `place` counts from 1. `served`: the units are held until `expires_at_ms`, then somebody else
    gets them. `left`: neither."""

    wait_id: str
    show_id: str
    sku: str
    quantity: int
    sale_id: str | None
    state: Literal["waiting", "served", "left"]
    place: int
    expires_at_ms: int


class WaitsView(View, frozen=True):
    """The caller's places in the lines of a show."""

    waits: list[WaitView]
