"""Tables of the module `orders`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from server.store.metadata import METADATA

ORDERS = Table(
    "orders_orders",
    METADATA,
    Column("order_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("buyer_id", String(36), nullable=False),
    Column("buyer_name", String(40), nullable=False),
    Column("state", String(10), nullable=False),
    Column("payment", String(12), nullable=False),
    Column("reason", String(60)),
    Column("total_minor", BigInteger, CheckConstraint("total_minor >= 0", "total_not_negative"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("placed_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("hold_expires_at_ms", BigInteger, nullable=False),
    # The hold that the ledger committed may be a second one, made because the payment was later than the first.
    Column("hold_id", String(36), nullable=False, unique=True),
    Column("version", BigInteger, CheckConstraint("version > 0", "version_positive"), nullable=False),
    CheckConstraint("state IN ('placed', 'confirmed', 'cancelled')", "state_known"),
    CheckConstraint("payment IN ('none', 'in_progress', 'failed', 'authorised', 'captured', 'voided')", "payment_known"),
    # Never take money for units that were not committed.
    CheckConstraint("payment <> 'captured' OR state = 'confirmed'", "captured_only_when_confirmed"),
    Index(None, "buyer_id", "placed_at_ms"),
    Index(None, "show_id", "changed_at_ms"),
    Index(None, "state", "hold_expires_at_ms"),
)

LINES = Table(
    "orders_lines",
    METADATA,
    Column("order_id", ForeignKey("orders_orders.order_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sku", String(32), nullable=False),
    Column("title", String(120), nullable=False),
    Column("label", String(60), nullable=False),
    Column("image_url", String(300)),
    Column("quantity", BigInteger, CheckConstraint("quantity > 0", "quantity_positive"), nullable=False),
    Column("unit_minor", BigInteger, CheckConstraint("unit_minor >= 0", "unit_not_negative"), nullable=False),
)

ATTEMPTS = Table(
    "orders_attempts",
    METADATA,
    Column("payment_id", String(36), primary_key=True),
    Column("order_id", ForeignKey("orders_orders.order_id"), nullable=False, index=True),
    Column("state", String(12), nullable=False),
    CheckConstraint("state IN ('in_progress', 'failed', 'authorised', 'captured', 'voided')", "state_known"),
)
"""Every payment that an order has heard of and how far it was: tells a repeated or overtaken event from a new one."""
