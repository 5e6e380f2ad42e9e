"""Tables of the module `catalog`: the warehouse, and how much of it each show may sell."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from server.store.metadata import METADATA

PRODUCTS = Table(
    "catalog_products",
    METADATA,
    Column("product_id", String(36), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("description", Text, nullable=False),
    Column("image_url", String(300)),
    Column("published_at_ms", BigInteger, nullable=False),
    Index(None, "published_at_ms"),
)

VARIANTS = Table(
    "catalog_variants",
    METADATA,
    Column("sku", String(32), primary_key=True),
    Column("product_id", ForeignKey("catalog_products.product_id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("label", String(60), nullable=False),
    Column("price_minor", BigInteger, CheckConstraint("price_minor >= 0", "price_not_negative"), nullable=False),
    Column("currency", String(3), nullable=False),
    # The last gate against giving two shows the same unit.
    Column("on_hand", BigInteger, CheckConstraint("on_hand >= 0", "on_hand_not_negative"), nullable=False),
)

POOLS = Table(
    "catalog_pools",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("sku", ForeignKey("catalog_variants.sku"), primary_key=True),
    Column("funded", BigInteger, nullable=False),
    Column("sold", BigInteger, nullable=False),
    Column("per_buyer_max", BigInteger, CheckConstraint("per_buyer_max > 0", "per_buyer_max_positive"), nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    # The last gate against overselling: even a ledger that lost its memory cannot sell more than the pool was given.
    CheckConstraint("sold >= 0 AND sold <= funded", "sold_within_funded"),
)

MOVES = Table(
    "catalog_moves",
    METADATA,
    Column("move_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False, index=True),
    Column("sku", ForeignKey("catalog_variants.sku"), nullable=False),
    Column("quantity", BigInteger, CheckConstraint("quantity > 0", "quantity_positive"), nullable=False),
    Column("per_buyer_max", BigInteger, nullable=False),
    Column("moved_at_ms", BigInteger, nullable=False),
)
"""Every move of units from the warehouse into a pool; the id makes a retry harmless."""

SALES = Table(
    "catalog_sales",
    METADATA,
    Column("hold_id", String(36), primary_key=True),
    Column("sku", ForeignKey("catalog_variants.sku"), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("quantity", BigInteger, CheckConstraint("quantity > 0", "quantity_positive"), nullable=False),
    Column("sold_at_ms", BigInteger, nullable=False),
)
"""Units that the ledger sold, by hold: a hold is committed once, so a second telling changes nothing."""
