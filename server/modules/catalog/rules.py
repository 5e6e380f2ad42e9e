"""Decisions of the catalogue: whether a product can be published, and what a repeated command means. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from schemas.errors import IDEMPOTENCY_CONFLICT, INVALID_FIELD, PRODUCT_ARCHIVED, WRONG_CURRENCY, Refusal, WireError
from schemas.events.catalog import PoolFunded
from schemas.http.catalog import (
    VARIANTS_MAX,
    EditProduct,
    FundPool,
    NewVariant,
    PoolView,
    ProductView,
    PublishProduct,
    VariantView,
)
from schemas.http.pictures import picture_url
from schemas.ids import derived_id

COMPARED_MS = 48 * 3_600_000
"""Shows whose pools have changed within this time are compared with the ledger."""
REHEARSED_MIN, REHEARSED_MAX = 20, 500
"""Units of a product in a rehearsal: enough for a few dozen robots even where the show has little, and no more than they need."""
LOWEST_MS = 30 * 24 * 3_600_000
"""Directive 98/6/EC, article 6a: a lower price is announced beside the lowest one of the 30 days before."""


class Units(Protocol):
    """A line of anything: so many units of a SKU."""

    @property
    def sku(self) -> str: ...

    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True)
class PoolsSeen:
    """Pools of a show at one moment: (funded, sold) by SKU, in SQL and in the ledger."""

    seq: int
    in_sql: Mapping[str, tuple[int, int]]
    in_ledger: Mapping[str, tuple[int, int]]


def units_of(lines: Sequence[Units]) -> dict[str, int]:
    """Units by SKU: one SKU may have several lines, at the price of a sale and at its own."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.sku] = totals.get(line.sku, 0) + line.quantity
    return totals


def pool_difference(in_sql: Mapping[str, tuple[int, int]], in_ledger: Mapping[str, tuple[int, int]]) -> str:
    """How the pools differ, in words; empty when they do not."""
    skus = sorted(in_sql.keys() | in_ledger.keys())
    found = [sku for sku in skus if in_sql.get(sku, (0, 0)) != in_ledger.get(sku, (0, 0))]
    return "; ".join(f"{sku} has (funded, sold) {in_sql.get(sku)} in SQL, {in_ledger.get(sku)} in the ledger" for sku in found)


def leftover_id(show_id: str, sku: str, round_number: int) -> str:
    """Id of the move that takes leftovers back: the same round asks once."""
    return derived_id(show_id, f"{sku}:{round_number}", "mov")


@dataclass(frozen=True)
class Pool:
    """What a show was given of a SKU, and how it sells it."""

    sku: str
    funded: int
    per_buyer_max: int
    listed: bool


def rehearsal_move(rehearsal_id: str, pool: Pool) -> FundPool:
    """Units out of nothing, for a rehearsal of the show that has this pool."""
    return FundPool(
        move_id=derived_id(rehearsal_id, pool.sku, "mov"),
        show_id=rehearsal_id,
        sku=pool.sku,
        quantity=min(max(pool.funded, REHEARSED_MIN), REHEARSED_MAX),
        per_buyer_max=pool.per_buyer_max,
        listed=pool.listed,
    )


def funded(move: FundPool) -> PoolFunded:
    """The fact of a move, for the ledger."""
    return PoolFunded(
        move_id=move.move_id,
        show_id=move.show_id,
        sku=move.sku,
        quantity=move.quantity,
        per_buyer_max=move.per_buyer_max,
    )


def lowest_price(current_minor: int, earlier: Sequence[tuple[int, int]], now_ms: int) -> int:
    """The lowest price of the last 30 days. `earlier` are (from_ms, price) in order of time; the one before the window counts,
    since it was asked when the window began."""
    since_ms = now_ms - LOWEST_MS
    before = [price for from_ms, price in earlier if from_ms <= since_ms]
    within = [price for from_ms, price in earlier if from_ms > since_ms]
    return min([current_minor, *before[-1:], *within])


def repeated_skus(variants: Sequence[NewVariant]) -> list[str]:
    """SKUs that occur more than once in one product: each must name one thing."""
    return sorted(sku for sku, times in Counter(variant.sku for variant in variants).items() if times > 1)


def product_view(body: PublishProduct) -> ProductView:
    """The product as it stands right after it was published."""
    variants = [
        VariantView(
            sku=new.sku,
            label=new.label,
            price=new.price,
            on_hand=new.on_hand,
            tax_rate_bp=new.tax_rate_bp,
            lowest_30d=new.price,
        )
        for new in body.variants
    ]
    return ProductView(
        product_id=body.product_id,
        title=body.title,
        description=body.description,
        image_url=main_picture(body.pictures, body.image_url),
        variants=variants,
        pictures=list(body.pictures),
    )


def main_picture(pictures: Sequence[str], image_url: str | None) -> str | None:
    """Address of the picture that stands for the product."""
    return picture_url(pictures[0]) if pictures else image_url


def new_pictures(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Pictures that the product did not have. Those it has may stay, whoever uploaded them."""
    return tuple(picture_id for picture_id in after if picture_id not in before)


def edited(product: ProductView, body: EditProduct) -> ProductView | Refusal:
    """The product as the host wants it."""
    pictures = product.pictures if body.pictures is None else body.pictures
    if len(set(pictures)) < len(pictures):
        return Refusal(INVALID_FIELD, "Name each picture once.", {"field": "/pictures"})
    # A product that loses its last picture has none, not the one that it was published with.
    image_url = product.image_url if body.pictures is None else main_picture(pictures, None)
    return msgspec.structs.replace(
        product,
        title=product.title if body.title is None else body.title,
        description=product.description if body.description is None else body.description,
        pictures=list(pictures),
        image_url=image_url,
    )


def check_variant(product: ProductView, new: NewVariant) -> Refusal | None:
    """Why the product cannot have one more variant, or None. Whether the SKU is free the table says."""
    if product.archived:
        return Refusal(PRODUCT_ARCHIVED, "Restore the product first.")
    if len(product.variants) >= VARIANTS_MAX:
        return Refusal(INVALID_FIELD, f"A product has at most {VARIANTS_MAX} variants.", {"field": "/sku"})
    if any(variant.price.currency != new.price.currency for variant in product.variants):
        return Refusal(WRONG_CURRENCY, "All variants of a product have prices in one currency.", {"field": "/price"})
    return None


def is_variant(product: ProductView, new: NewVariant) -> bool:
    """Whether the product has this variant already: the command was sent again. Stock moves on, so it is not compared."""
    made = (new.sku, new.label, new.price, new.tax_rate_bp)
    return any((known.sku, known.label, known.price, known.tax_rate_bp) == made for known in product.variants)


def check_republished(stored: ProductView, body: PublishProduct) -> WireError | None:
    """Why `body` is not a repetition of the command that made `stored`, or None when it is.

    What is on hand falls with every move, so it is not compared.
    """
    same = _without_stock(stored) == _without_stock(product_view(body))
    return None if same else IDEMPOTENCY_CONFLICT


def check_new_product(body: PublishProduct, skus_taken: Sequence[str]) -> Refusal | None:
    """Why a product cannot be published, with what to do about it and the field that it is about, or None."""
    if len(set(body.pictures)) < len(body.pictures):
        return Refusal(INVALID_FIELD, "Name each picture once.", {"field": "/pictures"})
    if repeated := repeated_skus(body.variants):
        detail = f"Give each variant a SKU of its own; repeated: {', '.join(repeated)}."
        return Refusal(INVALID_FIELD, detail, {"field": _pointer(body, repeated)})
    if skus_taken:
        detail = f"Another product has these SKUs already; choose others: {', '.join(sorted(skus_taken))}."
        return Refusal(INVALID_FIELD, detail, {"field": _pointer(body, skus_taken)})
    return None


def _pointer(body: PublishProduct, skus: Sequence[str]) -> str:
    """The last variant with one of these SKUs."""
    return next(f"/variants/{at}/sku" for at, new in reversed(list(enumerate(body.variants))) if new.sku in skus)


def with_changes(pools: Sequence[PoolView], changes: Sequence[PoolView]) -> list[PoolView]:
    """Pools after some of them changed, in order of SKU."""
    by_sku = {pool.sku: pool for pool in [*pools, *changes]}
    return [by_sku[sku] for sku in sorted(by_sku)]


def _without_stock(product: ProductView) -> tuple[object, ...]:
    variants = [(variant.sku, variant.label, variant.price) for variant in product.variants]
    return product.product_id, product.title, product.description, product.image_url, product.pictures, variants
