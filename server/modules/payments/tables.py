"""Tables of the module `payments`."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from server.store.metadata import METADATA

PAYMENTS = Table(
    "payments_payments",
    METADATA,
    Column("payment_id", String(36), primary_key=True),
    Column("order_id", String(36), nullable=False),
    Column("show_id", String(36), nullable=False),
    Column("buyer_id", String(36), nullable=False),
    Column("provider", String(24), nullable=False),
    # The provider's token of a card, never the card; empty when the provider asks for the card on its own page.
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
    # The provider's own id, once it is known.
    Column("reference", String(100), nullable=False, server_default=""),
    Column("action_url", String(2000)),
    Column("return_path", String(300), nullable=False, server_default=""),
    Column("off_session", Boolean, nullable=False, server_default=text("false")),
    Column("save_card", Boolean, nullable=False, server_default=text("false")),
    Column("capture_before_ms", BigInteger),
    Column("captured_minor", BigInteger, nullable=False, server_default="0"),
    # What refunds that have not failed will give back, and what they have given back already.
    Column("refunding_minor", BigInteger, nullable=False, server_default="0"),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    CheckConstraint(
        "state IN ('created', 'requires_action', 'unknown', 'authorised', 'captured', 'refunded', 'disputed', 'failed',"
        " 'voided')",
        "state_known",
    ),
    CheckConstraint("wanted IS NULL OR wanted IN ('capture', 'void', 'return')", "wanted_known"),
    CheckConstraint(
        "0 <= refunded_minor AND refunded_minor <= refunding_minor AND refunding_minor <= captured_minor"
        " AND captured_minor <= amount_minor",
        "no_more_than_authorised",
    ),
    # Money is taken exactly in the states that say so.
    CheckConstraint("captured_minor = 0 OR state IN ('captured', 'refunded', 'disputed')", "captured_when_it_says_so"),
    Index(None, "ask_at_ms"),
    Index(None, "provider", "reference"),
    Index(None, "state", "capture_before_ms"),
    # Nobody pays twice: one payment of an order is open or successful at a time.
    Index(
        "uq_payments_payments_open",
        "order_id",
        unique=True,
        sqlite_where=text("state NOT IN ('failed', 'voided', 'refunded')"),
        postgresql_where=text("state NOT IN ('failed', 'voided', 'refunded')"),
    ),
)

REFUNDS = Table(
    "payments_refunds",
    METADATA,
    Column("refund_id", String(36), primary_key=True),
    Column("payment_id", ForeignKey("payments_payments.payment_id"), nullable=False, index=True),
    Column("seller_id", String(36), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(60)),
    Column("reference", String(100), nullable=False),
    Column("asked", Integer, nullable=False),
    Column("ask_at_ms", BigInteger, index=True),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    CheckConstraint("state IN ('requested', 'unknown', 'refunded', 'failed')", "state_known"),
    CheckConstraint("total_minor > 0 OR state = 'failed'", "total_positive"),
)

DISPUTES = Table(
    "payments_disputes",
    METADATA,
    Column("dispute_id", String(100), primary_key=True),
    Column("payment_id", ForeignKey("payments_payments.payment_id"), nullable=False, index=True),
    Column("amount_minor", BigInteger, CheckConstraint("amount_minor >= 0", "amount_not_negative"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("state", String(4), nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("closed_at_ms", BigInteger),
    CheckConstraint("state IN ('open', 'won', 'lost')", "state_known"),
)

CARDS = Table(
    "payments_cards",
    METADATA,
    Column("card_id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False),
    Column("provider", String(24), nullable=False),
    # The token that its owner's page had, and the one that may be charged later.
    Column("given", String(200), nullable=False),
    Column("method", String(200), nullable=False),
    Column("label", String(60), nullable=False),
    Column("state", String(16), nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("action_url", String(2000)),
    Column("return_path", String(300), nullable=False),
    Column("saved_at_ms", BigInteger, nullable=False),
    CheckConstraint("state IN ('ready', 'requires_action')", "state_known"),
    CheckConstraint("state = 'ready' OR NOT is_default", "default_is_ready"),
    Index(None, "owner_id", "saved_at_ms"),
    # One card pays by itself.
    Index(
        "uq_payments_cards_default",
        "owner_id",
        unique=True,
        sqlite_where=text("is_default"),
        postgresql_where=text("is_default"),
    ),
)

WEBHOOK_EVENTS = Table(
    "payments_webhook_events",
    METADATA,
    Column("provider", String(24), primary_key=True),
    Column("event_id", String(120), primary_key=True),
    Column("received_at_ms", BigInteger, nullable=False, index=True),
)
"""Webhooks whose effect is written: a copy has none."""
