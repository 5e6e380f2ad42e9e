"""Tables of the module `orders`."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from server.store.metadata import METADATA

ORDERS = Table(
    "orders_orders",
    METADATA,
    Column("order_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("buyer_id", String(36), nullable=False),
    Column("buyer_name", String(40), nullable=False),
    Column("seller_id", String(36), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("payment", String(12), nullable=False),
    Column("fulfilment", String(10), nullable=False),
    Column("reason", String(60)),
    Column("total_minor", BigInteger, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("shipping_tax_minor", BigInteger, nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("coupon", String(15)),
    Column("shipping", JSON),
    Column("address", JSON),
    Column("place", String(64), nullable=False),
    Column("request", String(64), nullable=False),
    Column("owed", Boolean, nullable=False),
    Column("carrier", String(80), nullable=False),
    Column("tracking", String(80), nullable=False),
    Column("payment_id", String(36)),
    Column("action_url", String(2000)),
    Column("dispute", String(6)),
    Column("placed_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("confirmed_at_ms", BigInteger),
    Column("paid_at_ms", BigInteger),
    Column("shipped_at_ms", BigInteger),
    Column("delivered_at_ms", BigInteger),
    Column("hold_expires_at_ms", BigInteger, nullable=False),
    # The hold that the ledger committed may be a second one, made because the payment was later than the first.
    Column("hold_id", String(36), nullable=False, unique=True),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("version > 0", "version_positive"),
    CheckConstraint("kind IN ('sale', 'lot', 'giveaway')", "kind_known"),
    CheckConstraint("state IN ('placed', 'confirmed', 'fulfilled', 'cancelled', 'returned')", "state_known"),
    CheckConstraint(
        "payment IN ('none', 'in_progress', 'failed', 'authorised', 'captured', 'refunded', 'voided')", "payment_known"
    ),
    CheckConstraint("fulfilment IN ('none', 'packed', 'shipped', 'delivered')", "fulfilment_known"),
    CheckConstraint("dispute IN ('open', 'won', 'lost')", "dispute_known"),
    # Never take money for units that were not committed.
    CheckConstraint("payment NOT IN ('captured', 'refunded') OR confirmed_at_ms IS NOT NULL", "captured_only_when_confirmed"),
    # Never send what is not the buyer's.
    CheckConstraint("fulfilment = 'none' OR confirmed_at_ms IS NOT NULL", "sent_only_when_confirmed"),
    # Never give back more than was taken, or take another amount than the order's.
    CheckConstraint("refunded_minor >= 0 AND refunded_minor <= captured_minor", "refunded_within_captured"),
    CheckConstraint("captured_minor IN (0, total_minor)", "captured_is_the_total"),
    CheckConstraint("subtotal_minor - discount_minor + shipping_minor = total_minor", "amounts_add_up"),
    CheckConstraint("discount_minor >= 0 AND discount_minor <= subtotal_minor", "discount_within_subtotal"),
    CheckConstraint("shipping_minor >= 0 AND tax_minor >= 0 AND tax_minor <= total_minor", "tax_within_total"),
    Index(None, "buyer_id", "placed_at_ms"),
    Index(None, "show_id", "changed_at_ms"),
    Index(None, "show_id", "fulfilment", "state"),
    Index(None, "state", "hold_expires_at_ms"),
    Index(None, "fulfilment", "shipped_at_ms"),
)
"""`place` tells the address from others, so that one buyer's parcels to it are found; `request` is the digest of the body that
made the order."""

LINES = Table(
    "orders_lines",
    METADATA,
    Column("order_id", ForeignKey("orders_orders.order_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sku", String(32), nullable=False),
    Column("title", String(120), nullable=False),
    Column("label", String(60), nullable=False),
    Column("image_url", String(300)),
    Column("sale_id", String(36)),
    Column("quantity", BigInteger, nullable=False),
    Column("unit_minor", BigInteger, nullable=False),
    # Not always quantity times unit: the hammer price of a lot is for all of its units.
    Column("total_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("tax_rate_bp", Integer, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("coming_back", BigInteger, nullable=False),
    CheckConstraint("quantity > 0 AND unit_minor >= 0", "quantity_positive"),
    CheckConstraint("refunded >= 0 AND coming_back >= 0 AND refunded + coming_back <= quantity", "refunded_within_quantity"),
    CheckConstraint("discount_minor >= 0 AND discount_minor <= total_minor", "discount_within_total"),
    CheckConstraint("refunded_minor >= 0 AND refunded_minor <= total_minor - discount_minor", "refunded_within_paid"),
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

REFUNDS = Table(
    "orders_refunds",
    METADATA,
    Column("refund_id", String(36), primary_key=True),
    Column("order_id", ForeignKey("orders_orders.order_id"), nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("request", String(64), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("requested_at_ms", BigInteger, nullable=False),
    Column("decided_at_ms", BigInteger),
    CheckConstraint("state IN ('requested', 'done', 'failed')", "state_known"),
    CheckConstraint("total_minor > 0", "total_positive"),
    CheckConstraint("subtotal_minor - discount_minor + shipping_minor = total_minor", "amounts_add_up"),
    CheckConstraint("tax_minor >= 0 AND tax_minor <= total_minor", "tax_within_total"),
)

RETURNS = Table(
    "orders_returns",
    METADATA,
    Column("return_id", String(36), primary_key=True),
    Column("order_id", ForeignKey("orders_orders.order_id"), nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("lines", JSON, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("note", String(200), nullable=False),
    Column("requested_at_ms", BigInteger, nullable=False),
    Column("decided_at_ms", BigInteger),
    CheckConstraint("state IN ('requested', 'accepted', 'refused', 'received')", "state_known"),
)

CHANGES = Table(
    "orders_changes",
    METADATA,
    Column("order_id", ForeignKey("orders_orders.order_id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", String(24), nullable=False),
    Column("actor_id", String(36), nullable=False),
    Column("actor_name", String(40), nullable=False),
    Column("why", String(200), nullable=False),
    Column("params", JSON, nullable=False),
)
"""Every change of every order, written with it and never again: who, when, what, why."""

ADDRESSES = Table(
    "orders_addresses",
    METADATA,
    Column("address_id", String(36), primary_key=True),
    Column("actor_id", String(36), nullable=False),
    Column("name", String(80), nullable=False),
    Column("country", String(2), nullable=False),
    Column("region", String(80), nullable=False),
    Column("city", String(80), nullable=False),
    Column("street", String(200), nullable=False),
    Column("postal_code", String(16), nullable=False),
    Column("phone", String(30), nullable=False),
    Column("saved_at_ms", BigInteger, nullable=False),
    # The usual address is the one that was chosen last.
    Column("chosen_at_ms", BigInteger, nullable=False),
    Index(None, "actor_id", "chosen_at_ms"),
)

SHIPPING = Table(
    "orders_shipping",
    METADATA,
    Column("option_id", String(32), primary_key=True),
    Column("name_en", String(80), nullable=False),
    Column("name_ru", String(80), nullable=False),
    Column("countries", JSON, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("free_from_minor", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("tax_rate_bp", Integer, nullable=False),
    CheckConstraint("price_minor >= 0", "price_not_negative"),
    CheckConstraint("tax_rate_bp BETWEEN 0 AND 10000", "tax_rate_sane"),
)
"""The shop's ways of delivery; orders keep a copy."""
