"""tables of questions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questions_desks",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("votes_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_questions_desks")),
    )
    op.create_table(
        "questions_questions",
        sa.Column("question_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("asker_id", sa.String(length=36), nullable=False),
        sa.Column("asker_name", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("live_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("answered_at_show_ms", sa.BigInteger(), nullable=True),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("held IS FALSE OR status = 'hidden'", name=op.f("ck_questions_questions_held_is_hidden")),
        sa.CheckConstraint(
            "status IN ('waiting', 'live', 'answered', 'hidden')", name=op.f("ck_questions_questions_status_known")
        ),
        sa.CheckConstraint("votes >= 0", name=op.f("ck_questions_questions_votes_not_negative")),
        sa.ForeignKeyConstraint(["show_id"], ["questions_desks.show_id"], name=op.f("fk_questions_questions_show_id")),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_questions_questions")),
    )
    with op.batch_alter_table("questions_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_questions_show_id_asker_id"), ["show_id", "asker_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_questions_questions_show_id_changed_at_ms_question_id"),
            ["show_id", "changed_at_ms", "question_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_questions_questions_live",
            ["show_id"],
            unique=True,
            sqlite_where=sa.text("status = 'live'"),
            postgresql_where=sa.text("status = 'live'"),
        )

    op.create_table(
        "questions_votes",
        sa.Column("question_id", sa.String(length=36), nullable=False),
        sa.Column("voter_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("up", sa.Boolean(), nullable=False),
        sa.Column("commands", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions_questions.question_id"], name=op.f("fk_questions_votes_question_id")
        ),
        sa.PrimaryKeyConstraint("question_id", "voter_id", name=op.f("pk_questions_votes")),
    )
    with op.batch_alter_table("questions_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_votes_show_id_voter_id"), ["show_id", "voter_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("questions_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questions_votes_show_id_voter_id"))

    op.drop_table("questions_votes")
    with op.batch_alter_table("questions_questions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_questions_questions_live", sqlite_where=sa.text("status = 'live'"), postgresql_where=sa.text("status = 'live'")
        )
        batch_op.drop_index(batch_op.f("ix_questions_questions_show_id_changed_at_ms_question_id"))
        batch_op.drop_index(batch_op.f("ix_questions_questions_show_id_asker_id"))

    op.drop_table("questions_questions")
    op.drop_table("questions_desks")
