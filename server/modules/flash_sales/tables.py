"""Tables of the module `flash_sales`."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from server.store.metadata import METADATA

SALES = Table(
    "flash_sales_sales",
    METADATA,
    Column("sale_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("host_id", String(36), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("coupons_allowed", Boolean, nullable=False),
    # What the ledger was, or will be, asked: the same at every repetition.
    Column("starts_in_ms", BigInteger, nullable=False),
    Column("lasts_ms", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", String(20), nullable=False),
    # Somebody wants it to end: a sale that the ledger has not opened yet must not open any more.
    Column("closing", Boolean, nullable=False),
    Column("starts_at_ms", BigInteger, nullable=False),
    Column("ends_at_ms", BigInteger, nullable=False),
    Column("asked_at_ms", BigInteger, nullable=False),
    CheckConstraint("lasts_ms > 0", "lasts"),
    CheckConstraint("state IN ('opening', 'open', 'over', 'refused')", "state_known"),
    Index(None, "show_id", "asked_at_ms", "sale_id"),
)

ITEMS = Table(
    "flash_sales_items",
    METADATA,
    Column("sale_id", ForeignKey("flash_sales_sales.sale_id"), primary_key=True),
    Column("sku", String(32), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("position", Integer, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    # What a buyer compares with: the price of then, and the lowest of the 30 days before.
    Column("normal_minor", BigInteger, nullable=False),
    Column("lowest_minor", BigInteger, nullable=False),
    Column("quantity_max", BigInteger, nullable=False),
    Column("per_buyer_max", BigInteger, nullable=False),
    Column("running", Boolean, nullable=False),
    CheckConstraint("price_minor > 0", "price_positive"),
    CheckConstraint("quantity_max > 0", "quantity_positive"),
    CheckConstraint("per_buyer_max > 0", "per_buyer_positive"),
    CheckConstraint("price_minor < normal_minor", "cheaper_than_normal"),
    # No stacking: one running sale per SKU of a show, whoever asks at the same moment.
    Index(
        "ix_flash_sales_items_running",
        "show_id",
        "sku",
        unique=True,
        sqlite_where=text("running"),
        postgresql_where=text("running"),
    ),
)

WAITS = Table(
    "flash_sales_waits",
    METADATA,
    Column("wait_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("buyer_id", String(36), nullable=False),
    Column("sku", String(32), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("sale_id", String(36)),
    Column("state", String(7), nullable=False),
    # Place of the fact in the show's log, which is the order of the line; unknown until the fact was heard.
    Column("seq", BigInteger),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("joined_at_ms", BigInteger, nullable=False),
    CheckConstraint("quantity > 0", "quantity_positive"),
    CheckConstraint("state IN ('waiting', 'served', 'left')", "state_known"),
    Index(None, "show_id", "buyer_id"),
    Index(None, "show_id", "sku", "state", "seq"),
)
