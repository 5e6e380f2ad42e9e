"""Tables of the module `webhooks`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.store.metadata import METADATA

HOOKS = Table(
    "webhooks_hooks",
    METADATA,
    Column("hook_id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False, index=True),
    Column("url", String(500), nullable=False),
    Column("description", String(120), nullable=False),
    Column("events", JSON, nullable=False),
    Column("state", String(8), nullable=False),
    # Stored as they are: the server signs with them.
    Column("secret", String(80), nullable=False),
    Column("previous_secret", String(80)),
    Column("previous_until_ms", BigInteger),
    Column("failing_since_ms", BigInteger),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('on', 'off', 'failed')", "state_known"),
)
"""Endpoints: addresses of other systems that want to be told."""

DELIVERIES = Table(
    "webhooks_deliveries",
    METADATA,
    Column("delivery_id", String(36), primary_key=True),
    Column("hook_id", ForeignKey("webhooks_hooks.hook_id", ondelete="CASCADE"), nullable=False),
    Column("message_id", String(36), nullable=False),
    Column("event", String(40), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(10), nullable=False),
    # Since the last replay; the pause before the next one follows from it. `tried` counts all.
    Column("attempts", Integer, nullable=False),
    Column("tried", Integer, nullable=False),
    Column("status", Integer),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("next_at_ms", BigInteger),
    Column("done_at_ms", BigInteger),
    CheckConstraint("state IN ('waiting', 'delivered', 'dead')", "state_known"),
    CheckConstraint("(state = 'waiting') = (next_at_ms IS NOT NULL)", "only_waiting_is_due"),
    UniqueConstraint("hook_id", "message_id"),
    Index(None, "hook_id", "next_at_ms"),
    Index(None, "hook_id", "created_at_ms"),
    Index(None, "next_at_ms"),
    Index(None, "created_at_ms"),
)
"""One event for one endpoint: waiting, delivered, or given up."""

ATTEMPTS = Table(
    "webhooks_attempts",
    METADATA,
    Column("delivery_id", ForeignKey("webhooks_deliveries.delivery_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("answer", String(300), nullable=False),
    Column("error", String(300), nullable=False),
)
"""What came of each try."""
