"""tables of polls."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "polls_desks",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_polls_desks")),
    )
    op.create_table(
        "polls_polls",
        sa.Column("poll_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("opened_by", sa.String(length=36), nullable=False),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=6), nullable=False),
        sa.Column("hide_results", sa.Boolean(), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closes_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(status = 'closed') = (closed_at_ms IS NOT NULL)", name=op.f("ck_polls_polls_closed_has_a_time")),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_polls_polls_status_known")),
        sa.ForeignKeyConstraint(["show_id"], ["polls_desks.show_id"], name=op.f("fk_polls_polls_show_id")),
        sa.PrimaryKeyConstraint("poll_id", name=op.f("pk_polls_polls")),
    )
    with op.batch_alter_table("polls_polls", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_polls_polls_show_id_opened_at_ms_poll_id"), ["show_id", "opened_at_ms", "poll_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_polls_polls_status_closes_at_ms"), ["status", "closes_at_ms"], unique=False)

    op.create_table(
        "polls_votes",
        sa.Column("poll_id", sa.String(length=36), nullable=False),
        sa.Column("voter_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("option", sa.Integer(), nullable=False),
        sa.Column("voted_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls_polls.poll_id"], name=op.f("fk_polls_votes_poll_id")),
        sa.PrimaryKeyConstraint("poll_id", "voter_id", name=op.f("pk_polls_votes")),
    )
    with op.batch_alter_table("polls_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_polls_votes_show_id_voter_id"), ["show_id", "voter_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("polls_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_polls_votes_show_id_voter_id"))

    op.drop_table("polls_votes")
    with op.batch_alter_table("polls_polls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_polls_polls_status_closes_at_ms"))
        batch_op.drop_index(batch_op.f("ix_polls_polls_show_id_opened_at_ms_poll_id"))

    op.drop_table("polls_polls")
    op.drop_table("polls_desks")
