"""Tables of the ledger's record: every event for ever, every refusal, and how far each show is recorded."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from server.store.metadata import METADATA

EVENTS = Table(
    "ledger_events",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    # `seq` goes on over epochs: one event per number, so a second telling cannot get in.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", String(32), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("type", String(60), nullable=False),
    Column("command_id", String(80), nullable=False),
    Column("subject", String(80), nullable=False),  # what it is about: a hold, lot, sale, wait, giveaway, coupon or SKU
    Column("payload", LargeBinary, nullable=False),  # the event as JSON, byte for byte as the script wrote it
    Column("outcome", LargeBinary, nullable=False),  # on a command's last event: fingerprint and answer; else empty
    Index(None, "show_id", "subject", "seq"),
)

LINKS = Table(
    "ledger_links",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("subject", String(80), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
)
"""Further subjects of an event: the sale and the coupon of a hold, the new hold of a lot that is offered to somebody else."""

REFUSALS = Table(
    "ledger_refusals",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("entry_id", String(40), primary_key=True),  # of the stream, so that a second telling cannot get in
    Column("at_ms", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the last event before it
    Column("command_id", String(80), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("command", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # fingerprint and answer
    Index(None, "show_id", "subject", "entry_id"),
    Index(None, "show_id", "at_ms"),
)

CHECKPOINTS = Table(
    "ledger_checkpoints",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("epoch", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("refused_id", String(40), nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
)
"""How far the record is complete; changes in the same transaction as the record, and only from the value that was read."""
