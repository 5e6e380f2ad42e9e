"""Bodies of `/api/catalog/…`, and the state that the channel `stock:<show_id>` carries."""

from typing import Annotated

from msgspec import Meta, field

from schemas.base import Body, View
from schemas.http.pictures import PICTURES_MAX
from schemas.ids import END, CommandId, PictureId, ProductId, ShowId, Sku
from schemas.money import Money

QUANTITY_MAX = 1_000_000

Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
Pictures = Annotated[list[PictureId], Meta(max_length=PICTURES_MAX, description="The first one is the main picture")]
OwnAddress = Annotated[str, Meta(max_length=300, pattern=r"^/static(/[A-Za-z0-9_-]+)+\.(svg|png|jpg|webp)" + END)]
VARIANTS_MAX = 50

TaxRate = Annotated[int, Meta(ge=0, le=10_000, description="Tax within the price, in hundredths of a percent")]


class NewVariant(Body, frozen=True):
    """One thing that can be bought, for example a size of a dress."""

    sku: Sku
    price: Money
    on_hand: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
    label: Annotated[str, Meta(max_length=60)] = ""
    tax_rate_bp: TaxRate = 0


class PublishProduct(Body, frozen=True):
    """A new product with its variants. The client makes the id. `image_url` names a file that the server brings along; the shop's
    own pictures are uploaded first and named by their ids."""

    product_id: ProductId
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    variants: Annotated[list[NewVariant], Meta(min_length=1, max_length=VARIANTS_MAX)]
    description: Annotated[str, Meta(max_length=4000)] = ""
    image_url: OwnAddress | None = None
    pictures: Pictures = field(default_factory=list)


class EditProduct(Body, frozen=True):
    """What is said and shown of a product from now on; what is left out stays."""

    title: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    description: Annotated[str, Meta(max_length=4000)] | None = None
    pictures: Pictures | None = None


class FundPool(Body, frozen=True):
    """Move units from the warehouse into the pool of a show. `move_id` makes a retry harmless. Units that are not `listed` cannot
    be bought at their price, only won or bought in a flash sale."""

    move_id: CommandId
    show_id: ShowId
    sku: Sku
    quantity: Quantity
    per_buyer_max: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)] = 10
    listed: bool = True


class ReturnUnits(Body, frozen=True):
    """Take free units out of a show's pool, back into the warehouse. `move_id` makes a retry harmless."""

    move_id: CommandId
    show_id: ShowId
    sku: Sku
    quantity: Quantity


class CountStock(Body, frozen=True):
    """What somebody counted in the warehouse, and what the page showed them: the difference is applied, so that units which moved
    meanwhile stay moved. `edit_id` makes a retry harmless."""

    edit_id: CommandId
    sku: Sku
    counted: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
    shown: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class ChangePrice(Body, frozen=True):
    """What a variant costs from now on, and the tax within it when that changes too. `change_id` makes a retry harmless."""

    change_id: CommandId
    sku: Sku
    price: Money
    tax_rate_bp: TaxRate | None = None


class PoolReturnView(View, frozen=True):
    """Units on their way back into the warehouse: `refused` when they were not free any more."""

    move_id: str
    show_id: str
    sku: str
    quantity: int
    state: str


class StockEntryView(View, frozen=True):
    """One change of the warehouse: `counted`, `pool` (came back from a show) or `goods` (a buyer sent it back)."""

    change: int
    kind: str
    reason: str
    at_ms: int


class StockHistoryView(View, frozen=True):
    """Changes of the warehouse of one variant, the latest first."""

    entries: list[StockEntryView]


class VariantView(View, frozen=True):
    """A variant with what is left in the warehouse (pools of shows not counted)."""

    sku: str
    label: str
    price: Money
    on_hand: int
    tax_rate_bp: int = 0
    lowest_30d: Money | None = None


class ProductView(View, frozen=True):
    """A product of the shop."""

    product_id: str
    title: str
    description: str
    image_url: str | None
    variants: list[VariantView]
    pictures: list[str] = field(default_factory=list)
    """Ids; the first one is the main picture, whose address `image_url` is."""
    archived: bool = False
    """Not offered for new shows; what is in a show stays there."""


class ProductListView(View, frozen=True):
    """The shop's products, newest first."""

    products: list[ProductView]


class OfferView(View, frozen=True):
    """A variant that a show sells."""

    sku: str
    product_id: str
    title: str
    label: str
    image_url: str | None
    price: Money
    per_buyer_max: int
    listed: bool = True
    tax_rate_bp: int = 0
    """Tax within the price, in hundredths of a percent."""
    lowest_30d: Money | None = None
    """Lowest price of the last 30 days, which a shop in the EU must show beside a lower one."""


class OfferListView(View, frozen=True):
    """What the show sells."""

    offers: list[OfferView]


class PoolView(View, frozen=True):
    """What is left of one offer: `available` can be bought now, `held` waits for payments, `sold` is gone."""

    sku: str
    available: int
    held: int
    sold: int


class StockState(View, frozen=True):
    """Snapshot of the channel `stock:<show_id>`; its pushes are `StockChanged`."""

    pools: list[PoolView]


class StockChanged(View, frozen=True):
    """The pools that changed, with their new state."""

    pools: list[PoolView]
