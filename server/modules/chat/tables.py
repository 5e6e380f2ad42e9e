"""Tables of the module `chat`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String, Table, Text

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
    CheckConstraint("author_role IN ('viewer', 'host')", "author_role_known"),
    Index(None, "show_id", "posted_at_ms", "message_id"),
)
