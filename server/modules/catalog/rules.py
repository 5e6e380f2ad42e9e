"""Decisions of the catalogue: whether a product can be published, and what a repeated command means. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.errors import IDEMPOTENCY_CONFLICT, INVALID_FIELD, WireError
from schemas.http.catalog import NewVariant, PoolView, ProductView, PublishProduct, VariantView
from schemas.ids import derived_id

COMPARED_MS = 48 * 3_600_000
"""Shows whose pools have changed within this time are compared with the ledger."""
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
        image_url=body.image_url,
        variants=variants,
    )


def check_republished(stored: ProductView, body: PublishProduct) -> WireError | None:
    """Why `body` is not a repetition of the command that made `stored`, or None when it is.

    What is on hand falls with every move, so it is not compared.
    """
    same = _without_stock(stored) == _without_stock(product_view(body))
    return None if same else IDEMPOTENCY_CONFLICT


def check_new_product(body: PublishProduct, skus_taken: Sequence[str]) -> tuple[WireError, str] | None:
    """Why a product cannot be published, with what to do about it, or None."""
    if repeated := repeated_skus(body.variants):
        return INVALID_FIELD, f"Give each variant a SKU of its own; repeated: {', '.join(repeated)}."
    if skus_taken:
        return INVALID_FIELD, f"Another product has these SKUs already; choose others: {', '.join(sorted(skus_taken))}."
    return None


def with_changes(pools: Sequence[PoolView], changes: Sequence[PoolView]) -> list[PoolView]:
    """Pools after some of them changed, in order of SKU."""
    by_sku = {pool.sku: pool for pool in [*pools, *changes]}
    return [by_sku[sku] for sku in sorted(by_sku)]


def _without_stock(product: ProductView) -> tuple[object, ...]:
    variants = [(variant.sku, variant.label, variant.price) for variant in product.variants]
    return product.product_id, product.title, product.description, product.image_url, variants
