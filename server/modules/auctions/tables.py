"""Tables of the module `auctions`."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from server.store.metadata import METADATA

DESKS = Table(
    "auctions_desks",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""One row per show: locked by every change of the show's lots, so that what is pushed grows with its version."""

LOTS = Table(
    "auctions_lots",
    METADATA,
    Column("lot_id", String(36), primary_key=True),
    Column("show_id", ForeignKey("auctions_desks.show_id"), nullable=False),
    Column("seller_id", String(36), nullable=False),
    Column("sku", String(32), nullable=False),
    Column("title", String(120), nullable=False),
    Column("label", String(60), nullable=False),
    Column("image_url", String(300)),
    Column("quantity", BigInteger, CheckConstraint("quantity > 0", "quantity_positive"), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("start_minor", BigInteger, CheckConstraint("start_minor > 0", "start_positive"), nullable=False),
    Column("reserve_minor", BigInteger, nullable=False),
    Column("ceiling_minor", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("window_ms", BigInteger, nullable=False),
    Column("reset_ms", BigInteger, nullable=False),
    Column("extension_max_ms", BigInteger, nullable=False),
    Column("sudden_death", Boolean, nullable=False),
    Column("payment_ms", BigInteger, nullable=False),
    Column("auto_offer", Boolean, nullable=False),
    # The table of increments as it was when the lot was prepared: at most twenty steps, always read with the lot.
    Column("increments", JSON, nullable=False),
    Column("increments_version", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("starts_at_ms", BigInteger, nullable=False),
    Column("ends_at_ms", BigInteger, nullable=False),
    # How the ledger says that it ended; what it says is believed once the record gives the same.
    Column("ended_epoch", String(40), nullable=False),
    Column("ended_seq", BigInteger, nullable=False),
    Column("ended_sold", Boolean, nullable=False),
    Column("winner_id", String(36), nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("bids", BigInteger, nullable=False),
    # Who owes how much now: the winner, or a runner-up.
    Column("hold_id", String(36), nullable=False, index=True),
    Column("order_id", String(36), nullable=False, index=True),
    Column("buyer_id", String(36), nullable=False),
    Column("due_minor", BigInteger, nullable=False),
    Column("pays_until_ms", BigInteger, nullable=False),
    Column("charge_failed", Boolean, nullable=False),
    Column("runner_up", Boolean, nullable=False),
    Column("folded_seq", BigInteger, nullable=False),
    Column("rerun_of", String(36), nullable=False),
    CheckConstraint(
        "state IN ('prepared', 'opening', 'open', 'ended', 'disputed', 'sold', 'offered', 'unpaid', 'paid', 'unsold', 'void', "
        "'withdrawn')",
        "state_known",
    ),
    CheckConstraint("reserve_minor >= 0 AND ceiling_minor >= 0", "limits_not_negative"),
    CheckConstraint("state <> 'sold' OR (winner_id <> '' AND hold_id <> '' AND price_minor >= start_minor)", "sold_has_a_winner"),
    # The winner is charged no more than what was bid for, and a runner-up no more than the winner.
    CheckConstraint("due_minor <= price_minor", "due_within_price"),
    Index(None, "show_id", "created_at_ms"),
    Index(None, "state"),
    # One auction at a time: a show has one host, who cannot hold two hammers.
    Index(
        "uq_auctions_lots_running",
        "show_id",
        unique=True,
        sqlite_where=text("state IN ('opening', 'open')"),
        postgresql_where=text("state IN ('opening', 'open')"),
    ),
)

BIDDERS = Table(
    "auctions_bidders",
    METADATA,
    Column("lot_id", ForeignKey("auctions_lots.lot_id"), primary_key=True),
    Column("bidder_id", String(36), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("maximum_minor", BigInteger, nullable=False),
    Column("bids", Integer, nullable=False),
    Column("leads", Boolean, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    # Since when somebody else leads whom they have not been told of; 0: told, or leading, or never led.
    Column("outbid_at_ms", BigInteger, nullable=False),
    Column("told_at_ms", BigInteger, nullable=False),
)
"""Each bidder of a lot as the record says, up to `auctions_lots.folded_seq`."""

DEEDS = Table(
    "auctions_deeds",
    METADATA,
    Column("lot_id", ForeignKey("auctions_lots.lot_id"), primary_key=True),
    Column("deed_id", String(80), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who_id", String(36), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("why", String(200), nullable=False),
)
"""What happened to a lot outside the ledger. Rows are only added."""
