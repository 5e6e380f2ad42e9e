"""Tables of the module `polls`."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from server.store.metadata import METADATA

DESKS = Table(
    "polls_desks",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""One row per show: locked by every change of the show's polls, so that what is pushed grows with its version."""

POLLS = Table(
    "polls_polls",
    METADATA,
    Column("poll_id", String(36), primary_key=True),
    Column("show_id", ForeignKey("polls_desks.show_id"), nullable=False),
    Column("opened_by", String(36), nullable=False),
    Column("question", String(200), nullable=False),
    # At most six, always read and written with the poll. `counts` are the numbers of rows in polls_votes by option; they are
    # kept in those rows' transactions.
    Column("options", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("status", String(6), nullable=False),
    Column("hide_results", Boolean, nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("closes_at_ms", BigInteger, nullable=False),
    Column("closed_at_ms", BigInteger),
    CheckConstraint("status IN ('open', 'closed')", "status_known"),
    CheckConstraint("(status = 'closed') = (closed_at_ms IS NOT NULL)", "closed_has_a_time"),
    Index(None, "show_id", "opened_at_ms", "poll_id"),
    Index(None, "status", "closes_at_ms"),
)

VOTES = Table(
    "polls_votes",
    METADATA,
    Column("poll_id", ForeignKey("polls_polls.poll_id"), primary_key=True),
    Column("voter_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("option", Integer, nullable=False),
    Column("voted_at_ms", BigInteger, nullable=False),
    Index(None, "show_id", "voter_id"),
)
