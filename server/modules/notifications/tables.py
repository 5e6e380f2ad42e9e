"""Tables of the module `notifications`."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from server.store.metadata import METADATA

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
KINDS = (
    "'show_started', 'show_reminder', 'outbid', 'order_confirmed', 'order_cancelled', 'question_answered', 'webhook_failed', "
    "'order_shipped', 'order_refunded', 'your_turn', 'giveaway_won', 'lot_won', 'lot_sold', 'lot_offered'"
)

FOLLOWS = Table(
    "notifications_follows",
    METADATA,
    # In this order, because a fan-out walks through a host's followers by their ids.
    Column("host_id", String(36), primary_key=True),
    Column("actor_id", String(36), primary_key=True, index=True),
    Column("followed_at_ms", BigInteger, nullable=False),
)

REMINDERS = Table(
    "notifications_reminders",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("actor_id", String(36), primary_key=True, index=True),
    Column("asked_at_ms", BigInteger, nullable=False, index=True),
)
"""Who wants to be told when a show starts; gone once everybody was."""

ITEMS = Table(
    "notifications_items",
    METADATA,
    Column("actor_id", String(36), primary_key=True),
    Column("notification_id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("params", JSON, nullable=False),
    Column("link", String(300), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False, index=True),
    CheckConstraint(f"kind IN ({KINDS})", "kind_known"),
    Index(None, "actor_id", "created_at_ms"),
)
"""The inboxes. The id is given by whoever tells, so that telling twice is telling once."""

READS = Table(
    "notifications_reads",
    METADATA,
    Column("actor_id", String(36), primary_key=True),
    Column("read_up_to_ms", BigInteger, nullable=False),
)

SUBSCRIPTIONS = Table(
    "notifications_subscriptions",
    METADATA,
    # A digest of the endpoint: addresses have up to 1,000 characters.
    Column("subscription_id", String(36), primary_key=True),
    Column("actor_id", String(36), nullable=False, index=True),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", String(100), nullable=False),
    Column("auth", String(30), nullable=False),
    Column("locale", String(2), nullable=False),
    Column("subscribed_at_ms", BigInteger, nullable=False),
)
"""Browsers that take pushes. A browser belongs to whoever subscribed it last."""

KEYS = Table(
    "notifications_keys",
    METADATA,
    Column("key_id", Integer, primary_key=True, autoincrement=False),
    # Stored as it is: it proves who sends a push, and opens nothing that is stored here.
    Column("private_key", Text, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    CheckConstraint("key_id = 1", "only_one"),
)
"""The VAPID key pair. In SQL, because browsers are subscribed to it for years: with another one all are lost."""

FANOUTS = Table(
    "notifications_fanouts",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("host_id", String(36), nullable=False),
    Column("due_at_ms", BigInteger, nullable=False, index=True),
    # Everybody up to this actor id has been told.
    Column("told_up_to", String(36), nullable=False),
    CheckConstraint("kind IN ('show_started', 'show_reminder')", "kind_known"),
)
"""Notifications for many that are still to be written, a batch at a time."""

DELIVERIES = Table(
    "notifications_deliveries",
    METADATA,
    Column("delivery_id", ROW_ID, primary_key=True, autoincrement=True),
    Column("subscription_id", ForeignKey("notifications_subscriptions.subscription_id", ondelete="CASCADE"), nullable=False),
    Column("actor_id", String(36), nullable=False),
    Column("notification_id", String(40), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
    Index(None, "subscription_id", "notification_id", unique=True),
    Index(None, "attempts", "next_at_ms"),
)
"""Pushes that no push service has taken yet."""


CHOICES = Table(
    "notifications_choices",
    METADATA,
    Column("actor_id", String(36), primary_key=True),
    Column("kind", String(20), primary_key=True),
    CheckConstraint(f"kind IN ({KINDS})", "kind_known"),
)
"""Kinds that somebody does not want pushed to their devices; they come to the inbox all the same."""
