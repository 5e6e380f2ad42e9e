"""reports of shows."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recaps_shows",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("sampled_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("viewers_unique", sa.Integer(), nullable=False),
        sa.Column("reactions", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_recaps_shows")),
    )
    op.create_index(op.f("ix_recaps_shows_host_id_started_at_ms"), "recaps_shows", ["host_id", "started_at_ms"])
    op.create_index(op.f("ix_recaps_shows_ended_at_ms"), "recaps_shows", ["ended_at_ms"])
    op.create_table(
        "recaps_minutes",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("viewer_ms", sa.BigInteger(), nullable=False),
        sa.Column("sampled_ms", sa.Integer(), nullable=False),
        sa.Column("viewers_peak", sa.Integer(), nullable=False),
        sa.Column("reactions", sa.Integer(), nullable=False),
        sa.CheckConstraint("at_ms % 60000 = 0", name=op.f("ck_recaps_minutes_whole_minute")),
        sa.PrimaryKeyConstraint("show_id", "at_ms", name=op.f("pk_recaps_minutes")),
    )
    op.create_table(
        "recaps_facts",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fact_id", sa.String(length=120), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("show_id", "kind", "fact_id", name=op.f("pk_recaps_facts")),
    )


def downgrade() -> None:
    op.drop_table("recaps_facts")
    op.drop_table("recaps_minutes")
    op.drop_table("recaps_shows")
