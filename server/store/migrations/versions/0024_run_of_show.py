"""the run of show."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shows_runs",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("current_id", sa.String(length=36), nullable=True),
        sa.Column("current_since_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_shows_runs_version_positive")),
        sa.CheckConstraint("(current_id IS NULL) = (current_since_ms IS NULL)", name=op.f("ck_shows_runs_current_has_a_time")),
        sa.ForeignKeyConstraint(["show_id"], ["shows_shows.show_id"], name=op.f("fk_shows_runs_show_id")),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_shows_runs")),
    )
    op.create_table(
        "shows_run_items",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("(sku IS NULL) = (title <> '')", name=op.f("ck_shows_run_items_product_or_segment")),
        sa.CheckConstraint("sku IS NULL OR sku = item_id", name=op.f("ck_shows_run_items_product_is_its_sku")),
        sa.ForeignKeyConstraint(["show_id"], ["shows_runs.show_id"], name=op.f("fk_shows_run_items_show_id")),
        sa.PrimaryKeyConstraint("show_id", "position", name=op.f("pk_shows_run_items")),
        sa.UniqueConstraint("show_id", "item_id", name=op.f("uq_shows_run_items_show_id_item_id")),
    )


def downgrade() -> None:
    op.drop_table("shows_run_items")
    op.drop_table("shows_runs")
