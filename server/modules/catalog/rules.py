"""Decisions of the catalogue: whether a product can be published, and what a repeated command means. Pure."""

from collections import Counter
from collections.abc import Sequence

from schemas.errors import IDEMPOTENCY_CONFLICT, INVALID_FIELD, WireError
from schemas.http.catalog import NewVariant, PoolView, ProductView, PublishProduct, VariantView


def repeated_skus(variants: Sequence[NewVariant]) -> list[str]:
    """SKUs that occur more than once in one product: each must name one thing."""
    return sorted(sku for sku, times in Counter(variant.sku for variant in variants).items() if times > 1)


def product_view(body: PublishProduct) -> ProductView:
    """The product as it stands right after it was published."""
    variants = [VariantView(sku=new.sku, label=new.label, price=new.price, on_hand=new.on_hand) for new in body.variants]
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
