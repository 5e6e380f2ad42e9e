"""Tables of the bus: outbox (what must still leave), inbox (what has had its effect), dead letters, fences of the jobs."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from server.store.metadata import METADATA

ROW_ID = BigInteger().with_variant(Integer, "sqlite")

OUTBOX = Table(
    "bus_outbox",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("kind", String(8), nullable=False),  # "event" | "push" | "revoke"
    Column("target", String(100), nullable=False),  # topic of an event, channel of a push, actor
    Column("message_id", String(40), nullable=False),  # event id, or command id of the push
    Column("payload", LargeBinary, nullable=False),  # envelope, or data of the publication
    Column("version", BigInteger, nullable=True),
    Column("created_at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,  # ids are never used again, so that their order is the order of insertion for ever
)

INBOX = Table(
    "bus_inbox",
    METADATA,
    Column("module", String(40), primary_key=True),
    Column("event_id", String(200), primary_key=True),
    Column("handled_at_ms", BigInteger, nullable=False),
    Index("ix_bus_inbox_handled_at_ms", "handled_at_ms"),
)

DEAD_LETTERS = Table(
    "bus_dead_letters",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("module", String(40), nullable=False),
    Column("stream", String(200), nullable=False),
    Column("entry_id", String(40), nullable=False),
    Column("event_type", String(100), nullable=False),  # "" when the entry could not be read
    Column("envelope", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed_at_ms", BigInteger, nullable=False),
    Column("replayed_at_ms", BigInteger, nullable=True),
    sqlite_autoincrement=True,
)

JOBS = Table(
    "bus_jobs",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
)
