"""tables of ledger record."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_events",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("command_id", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", "seq", name=op.f("pk_ledger_events")),
    )
    op.create_index(op.f("ix_ledger_events_show_id_subject_seq"), "ledger_events", ["show_id", "subject", "seq"])
    op.create_table(
        "ledger_links",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("show_id", "subject", "seq", name=op.f("pk_ledger_links")),
    )
    op.create_table(
        "ledger_refusals",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("command_id", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", "entry_id", name=op.f("pk_ledger_refusals")),
    )
    op.create_index(op.f("ix_ledger_refusals_show_id_subject_entry_id"), "ledger_refusals", ["show_id", "subject", "entry_id"])
    op.create_index(op.f("ix_ledger_refusals_show_id_at_ms"), "ledger_refusals", ["show_id", "at_ms"])
    op.create_table(
        "ledger_checkpoints",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("refused_id", sa.String(length=40), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_ledger_checkpoints")),
    )


def downgrade() -> None:
    op.drop_table("ledger_checkpoints")
    op.drop_index(op.f("ix_ledger_refusals_show_id_at_ms"), table_name="ledger_refusals")
    op.drop_index(op.f("ix_ledger_refusals_show_id_subject_entry_id"), table_name="ledger_refusals")
    op.drop_table("ledger_refusals")
    op.drop_table("ledger_links")
    op.drop_index(op.f("ix_ledger_events_show_id_subject_seq"), table_name="ledger_events")
    op.drop_table("ledger_events")
