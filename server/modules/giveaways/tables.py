"""Tables of the module `giveaways`."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from server.store.metadata import METADATA

GIVEAWAYS = Table(
    "giveaways_giveaways",
    METADATA,
    Column("giveaway_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("host_id", String(36), nullable=False),
    Column("sku", String(32), nullable=False),
    Column("winners_max", Integer, nullable=False),
    Column("lasts_ms", BigInteger, nullable=False),
    # Secret until the draw: who knows it early knows who will win.
    Column("seed", String(64), nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", String(20), nullable=False),
    # One at a time, whoever asks at the same moment.
    Column("running", Boolean, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("ends_at_ms", BigInteger, nullable=False),
    Column("drawn_at_ms", BigInteger, nullable=False),
    Column("asked_at_ms", BigInteger, nullable=False),
    CheckConstraint("state IN ('opening', 'open', 'ended', 'called', 'drawn', 'refused')", "state_known"),
    CheckConstraint("winners_max > 0", "winners_positive"),
    Index(None, "show_id", "asked_at_ms", "giveaway_id"),
    Index(None, "state", "ends_at_ms"),
    Index(
        "ix_giveaways_giveaways_running",
        "show_id",
        unique=True,
        sqlite_where=text("running"),
        postgresql_where=text("running"),
    ),
)

ENTRIES = Table(
    "giveaways_entries",
    METADATA,
    Column("giveaway_id", ForeignKey("giveaways_giveaways.giveaway_id"), primary_key=True),
    Column("entrant_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("name", String(60), nullable=False),
    # Place of the fact in the show's log, which is the order of the draw's list; unknown until the fact was heard.
    Column("seq", BigInteger),
    Column("here_at_ms", BigInteger),
    # Said "here" before the roll call was closed: the list of the draw, which nothing changes any more.
    Column("present", Boolean, nullable=False),
    Column("won", Boolean, nullable=False),
    CheckConstraint("NOT won OR present", "only_who_is_present_wins"),
    Index(None, "show_id", "entrant_id"),
)
