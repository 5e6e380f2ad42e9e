"""Tables of the module `questions`."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, text

from server.store.metadata import METADATA

DESKS = Table(
    "questions_desks",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("votes_version", BigInteger, nullable=False),
)
"""One row per show: locked by every change of the show's questions, so that what is pushed grows with its version."""

ONE_LIVE = text("status = 'live'")

QUESTIONS = Table(
    "questions_questions",
    METADATA,
    Column("question_id", String(36), primary_key=True),
    Column("show_id", ForeignKey("questions_desks.show_id"), nullable=False),
    Column("asker_id", String(36), nullable=False),
    Column("asker_name", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("status", String(8), nullable=False),
    # Hidden from the start, until a moderator lets it wait; its asker is shown that it waits.
    Column("held", Boolean, nullable=False),
    Column("asked_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("live_at_ms", BigInteger),
    Column("answered_at_ms", BigInteger),
    Column("answered_at_show_ms", BigInteger),
    # Always the number of rows in questions_votes with `up`; kept in their transactions.
    Column("votes", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("status IN ('waiting', 'live', 'answered', 'hidden')", "status_known"),
    CheckConstraint("held IS FALSE OR status = 'hidden'", "held_is_hidden"),
    CheckConstraint("votes >= 0", "votes_not_negative"),
    Index(None, "show_id", "changed_at_ms", "question_id"),
    Index(None, "show_id", "asker_id"),
    Index("uq_questions_questions_live", "show_id", unique=True, sqlite_where=ONE_LIVE, postgresql_where=ONE_LIVE),
)

VOTES = Table(
    "questions_votes",
    METADATA,
    Column("question_id", ForeignKey("questions_questions.question_id"), primary_key=True),
    Column("voter_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("up", Boolean, nullable=False),
    # Ids of the last commands, so that a late retry of an older one does not undo a newer one.
    Column("commands", JSON, nullable=False),
    Index(None, "show_id", "voter_id"),
)
