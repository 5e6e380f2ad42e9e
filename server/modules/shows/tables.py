"""Tables of the module `shows`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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

SHOWS = Table(
    "shows_shows",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("host_id", String(36), nullable=False, index=True),
    Column("host_name", String(40), nullable=False),
    Column("title", String(120), nullable=False),
    Column("description", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("unlisted", Boolean, nullable=False),
    Column("on_air", Boolean, nullable=False),
    Column("scheduled_at_ms", BigInteger, nullable=False),
    Column("started_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("cover_url", String(300)),
    Column("tags", JSON, nullable=False, server_default="[]"),
    # At most three SKUs, always read and written with the show, so a table of their own would only cost a join.
    Column("pinned", JSON, nullable=False),
    # The relay's events carry their own time: one that is older than what we know changes nothing.
    Column("stream_at_ms", BigInteger, nullable=False),
    Column("stream_node_id", String(64), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("rehearsal_of", String(36), index=True),
    CheckConstraint("(rehearsal_of IS NULL) = (substr(show_id, 1, 4) <> 'reh_')", "rehearsal_says_so"),
    CheckConstraint("state IN ('scheduled', 'live', 'ended')", "state_known"),
    CheckConstraint("version > 0", "version_positive"),
    Index(None, "state", "scheduled_at_ms"),
)

INGEST = Table(
    "shows_ingest",
    METADATA,
    Column("show_id", ForeignKey("shows_shows.show_id"), primary_key=True),
    # Stored as it is, because the host reads it again to set OBS up. It opens one show's stream and nothing else.
    Column("token", String(64), nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
)

RUNS = Table(
    "shows_runs",
    METADATA,
    Column("show_id", ForeignKey("shows_shows.show_id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    # A product that the host has not put in order can be on as well, so this refers to no row.
    Column("current_id", String(36)),
    Column("current_since_ms", BigInteger),
    CheckConstraint("version > 0", "version_positive"),
    CheckConstraint("(current_id IS NULL) = (current_since_ms IS NULL)", "current_has_a_time"),
)
"""Runs of show; the row of the show is locked by every change of its run."""

RUN_ITEMS = Table(
    "shows_run_items",
    METADATA,
    Column("show_id", ForeignKey("shows_runs.show_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("item_id", String(36), nullable=False),
    Column("sku", String(32)),
    Column("title", String(80), nullable=False),
    Column("note", Text, nullable=False),
    Column("planned_minutes", Integer, nullable=False),
    CheckConstraint("(sku IS NULL) = (title <> '')", "product_or_segment"),
    CheckConstraint("sku IS NULL OR sku = item_id", "product_is_its_sku"),
    UniqueConstraint("show_id", "item_id"),
)
