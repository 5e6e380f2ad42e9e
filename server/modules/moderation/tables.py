"""Tables of the module `moderation`."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table, Text

from server.store.metadata import METADATA

WORDS = Table(
    "moderation_words",
    METADATA,
    Column("host_id", String(36), primary_key=True),
    # At most 500 short words, read whole for each chat line: one row is cheaper than 500.
    Column("words", JSON, nullable=False),
)
"""One row per host: locked by every change of anything that is the host's, so that changes of two shows do not cross."""

SETTINGS = Table(
    "moderation_settings",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("host_id", String(36), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("slow_mode_s", Integer, nullable=False),
    Column("followers_only", Boolean, nullable=False),
    Column("approve_first", Boolean, nullable=False),
    Column("filter_words", Boolean, nullable=False),
    Column("filter_links", Boolean, nullable=False),
    # Number and hash of the audit log's last line: lines that were cut off at the end are missed as well.
    Column("audit_count", BigInteger, nullable=False),
    Column("audit_hash", String(64), nullable=False),
    Index(None, "host_id", "ended"),
)

SANCTIONS = Table(
    "moderation_sanctions",
    METADATA,
    Column("host_id", String(36), primary_key=True),
    Column("actor_id", String(36), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("until_ms", BigInteger),
    Column("reason", String(200), nullable=False),
    Column("by_name", String(120), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("kind IN ('mute', 'block', 'shadow')", "kind_known"),
    CheckConstraint("(kind = 'mute') = (until_ms IS NOT NULL)", "mutes_end"),
    Index(None, "host_id", "at_ms"),
)

MODERATORS = Table(
    "moderation_moderators",
    METADATA,
    Column("host_id", String(36), primary_key=True),
    Column("actor_id", String(36), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("appointed_at_ms", BigInteger, nullable=False),
)

HELD = Table(
    "moderation_held",
    METADATA,
    Column("message_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("author_id", String(36), nullable=False),
    Column("author_name", String(120), nullable=False),
    Column("text", Text, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("held_at_ms", BigInteger, nullable=False),
    Column("reply_to", String(36)),
    Column("mentioned_ids", JSON, nullable=False),
    Column("decision", String(8), nullable=False),
    CheckConstraint("decision IN ('waiting', 'approved', 'rejected', 'expired')", "decision_known"),
    Index(None, "show_id", "decision", "held_at_ms"),
)

AUDIT = Table(
    "moderation_audit",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("by_id", String(36), nullable=False),
    Column("by_name", String(120), nullable=False),
    Column("action", String(20), nullable=False),
    Column("target", String(80), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Only ever added to. Each line's hash covers the hash of the line before it."""
