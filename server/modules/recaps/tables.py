"""Tables of the module `recaps`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table

from server.store.metadata import METADATA

SHOWS = Table(
    "recaps_shows",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("host_id", String(36), nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
    # Up to when the audience has been counted.
    Column("sampled_at_ms", BigInteger, nullable=False),
    Column("viewers_unique", Integer, nullable=False),
    Column("reactions", BigInteger, nullable=False),
    Index(None, "host_id", "started_at_ms"),
    Index(None, "ended_at_ms"),
)

MINUTES = Table(
    "recaps_minutes",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    # Time of all viewers together, and for how much of the minute they were counted: their quotient is the average.
    Column("viewer_ms", BigInteger, nullable=False),
    Column("sampled_ms", Integer, nullable=False),
    Column("viewers_peak", Integer, nullable=False),
    Column("reactions", Integer, nullable=False),
    CheckConstraint("at_ms % 60000 = 0", "whole_minute"),
)
"""The audience, which nobody tells: it is counted every few seconds."""

FACTS = Table(
    "recaps_facts",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("kind", String(20), primary_key=True),
    # What it is about, by its own id: the same fact again is no second row.
    Column("fact_id", String(120), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("sku", String(32), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("reason", String(40), nullable=False),
)
"""What happened in shows, without anybody's name. No row refers to recaps_shows: facts of other modules may be heard first."""
