"""Tables of the module `catalog`: the warehouse, and how much of it each show may sell."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, true

from server.store.metadata import METADATA

PRODUCTS = Table(
    "catalog_products",
    METADATA,
    Column("product_id", String(36), primary_key=True),
    Column("title", String(120), nullable=False),
    Column("description", Text, nullable=False),
    # A file of ours for products without pictures of their own (the demo's).
    Column("image_url", String(300)),
    # At most eight ids, always read and written with the product.
    Column("pictures", JSON, nullable=False, server_default="[]"),
    Column("published_at_ms", BigInteger, nullable=False),
    Column("archived_at_ms", BigInteger),
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
    Column(
        "tax_rate_bp",
        Integer,
        CheckConstraint("tax_rate_bp >= 0 AND tax_rate_bp <= 10000", "tax_rate_bp_is_a_share"),
        nullable=False,
        server_default="0",
    ),
)

PRICES = Table(
    "catalog_prices",
    METADATA,
    Column("change_id", String(36), primary_key=True),
    Column("sku", ForeignKey("catalog_variants.sku"), primary_key=True),
    Column("price_minor", BigInteger, CheckConstraint("price_minor >= 0", "price_not_negative"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Index(None, "sku", "from_ms"),
)
"""Every price that a variant had, and since when. `change_id` is the product's id for the first price."""

STOCK = Table(
    "catalog_stock",
    METADATA,
    Column("entry_id", String(36), primary_key=True),
    Column("sku", ForeignKey("catalog_variants.sku"), primary_key=True),
    Column("change", BigInteger, nullable=False),
    Column("kind", String(10), CheckConstraint("kind IN ('counted', 'pool', 'goods')", "kind_known"), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("made_by", String(36), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index(None, "sku", "at_ms"),
)
"""What changed the warehouse besides moves into pools: counts, units that came back from pools, goods that buyers sent back."""

POOLS = Table(
    "catalog_pools",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("sku", ForeignKey("catalog_variants.sku"), primary_key=True),
    Column("funded", BigInteger, nullable=False),
    Column("sold", BigInteger, nullable=False),
    Column("per_buyer_max", BigInteger, CheckConstraint("per_buyer_max > 0", "per_buyer_max_positive"), nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("listed", Boolean, nullable=False, server_default=true()),
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
    Column("listed", Boolean, nullable=False, server_default=true()),
)
"""Every move of units from the warehouse into a pool; the id makes a retry harmless."""

RETURNS = Table(
    "catalog_returns",
    METADATA,
    Column("move_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("sku", ForeignKey("catalog_variants.sku"), nullable=False),
    Column("quantity", BigInteger, CheckConstraint("quantity > 0", "quantity_positive"), nullable=False),
    Column("state", String(7), CheckConstraint("state IN ('asked', 'done', 'refused')", "state_known"), nullable=False),
    Column("asked_at_ms", BigInteger, nullable=False),
    Index(None, "show_id", "state"),
)
"""Moves of free units from a pool back into the warehouse: the ledger lets go of them first, then SQL takes them."""

ENDED = Table(
    "catalog_ended_shows",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("ended_at_ms", BigInteger, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("emptied", Boolean, nullable=False, index=True),
)
"""Shows that are over, until nothing is left in their pools."""

SALES = Table(
    "catalog_sales",
    METADATA,
    Column("hold_id", String(36), primary_key=True),
    Column("sku", ForeignKey("catalog_variants.sku"), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("quantity", BigInteger, CheckConstraint("quantity > 0", "quantity_positive"), nullable=False),
    Column("sold_at_ms", BigInteger, nullable=False),
    Column("restocked_at_ms", BigInteger),
)
"""Units that the ledger sold, by hold: a hold is committed once, so a second telling changes nothing."""
