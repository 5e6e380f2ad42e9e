"""Tables of the module `payments`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, text

from server.store.metadata import METADATA

PAYMENTS = Table(
    "payments_payments",
    METADATA,
    Column("payment_id", String(36), primary_key=True),
    Column("order_id", String(36), nullable=False),
    Column("show_id", String(36), nullable=False),
    Column("buyer_id", String(36), nullable=False),
    Column("provider", String(24), nullable=False),
    # The provider's token of a card, never the card.
    Column("method", String(200), nullable=False),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", "amount_not_negative"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(60)),
    Column("wanted", String(8)),
    Column("asked", Integer, nullable=False),
    Column("ask_at_ms", BigInteger),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    CheckConstraint(
        "state IN ('created', 'requires_action', 'unknown', 'authorised', 'captured', 'failed', 'voided', 'refunded')",
        "state_known",
    ),
    CheckConstraint("wanted IS NULL OR wanted IN ('capture', 'void')", "wanted_known"),
    Index(None, "ask_at_ms"),
    # Nobody pays twice: one payment of an order is open or successful at a time.
    Index(
        "uq_payments_payments_open",
        "order_id",
        unique=True,
        sqlite_where=text("state NOT IN ('failed', 'voided', 'refunded')"),
        postgresql_where=text("state NOT IN ('failed', 'voided', 'refunded')"),
    ),
)
