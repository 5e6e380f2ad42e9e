"""Tables of the module `chat`."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table, Text

from server.store.metadata import METADATA

MESSAGES = Table(
    "chat_messages",
    METADATA,
    Column("message_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("author_id", String(36), nullable=False),
    Column("author_name", String(40), nullable=False),
    Column("author_role", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("posted_at_ms", BigInteger, nullable=False),
    Column("reply_to", String(36)),
    # At most five people with the names that they had then, always read with the message.
    Column("mentions", JSON, nullable=False, server_default="[]"),
    CheckConstraint("author_role IN ('viewer', 'host', 'moderator')", "author_role_known"),
    Index(None, "show_id", "posted_at_ms", "message_id"),
    Index(None, "show_id", "author_id", "posted_at_ms"),
)

REMOVALS = Table(
    "chat_removals",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    Column("first_id", String(36), primary_key=True),
    Column("message_ids", JSON, nullable=False),
)
"""The removals that the channel was told, each as it was told."""

REMOVED = Table(
    "chat_removed",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    # A message; or a person, all of whose messages up to `at_ms` are removed.
    Column("subject_id", String(36), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)
"""Tombstones. They may be here before the message: removals and messages come by different ways. The text stays in its row, which
nobody is shown any longer."""

ROOMS = Table(
    "chat_rooms",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("pinned_id", String(36)),
    Column("slow_mode_s", Integer, nullable=False),
    Column("followers_only", Boolean, nullable=False),
    Column("approve_first", Boolean, nullable=False),
)
"""One row per show: locked by everything that changes what is shown of its chat."""
