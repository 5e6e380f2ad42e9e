"""tables of catalog prices and returns."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_ended_shows",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("emptied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_catalog_ended_shows")),
    )
    with op.batch_alter_table("catalog_ended_shows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_ended_shows_emptied"), ["emptied"], unique=False)

    op.create_table(
        "catalog_prices",
        sa.Column("change_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_catalog_prices_price_not_negative")),
        sa.ForeignKeyConstraint(["sku"], ["catalog_variants.sku"], name=op.f("fk_catalog_prices_sku")),
        sa.PrimaryKeyConstraint("change_id", "sku", name=op.f("pk_catalog_prices")),
    )
    with op.batch_alter_table("catalog_prices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_prices_sku_from_ms"), ["sku", "from_ms"], unique=False)

    op.create_table(
        "catalog_returns",
        sa.Column("move_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_catalog_returns_quantity_positive")),
        sa.CheckConstraint("state IN ('asked', 'done', 'refused')", name=op.f("ck_catalog_returns_state_known")),
        sa.ForeignKeyConstraint(["sku"], ["catalog_variants.sku"], name=op.f("fk_catalog_returns_sku")),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_catalog_returns")),
    )
    with op.batch_alter_table("catalog_returns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_returns_show_id_state"), ["show_id", "state"], unique=False)

    op.create_table(
        "catalog_stock",
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('counted', 'pool', 'goods')", name=op.f("ck_catalog_stock_kind_known")),
        sa.ForeignKeyConstraint(["sku"], ["catalog_variants.sku"], name=op.f("fk_catalog_stock_sku")),
        sa.PrimaryKeyConstraint("entry_id", "sku", name=op.f("pk_catalog_stock")),
    )
    with op.batch_alter_table("catalog_stock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_stock_sku_at_ms"), ["sku", "at_ms"], unique=False)

    with op.batch_alter_table("catalog_moves", schema=None) as batch_op:
        batch_op.add_column(sa.Column("listed", sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table("catalog_pools", schema=None) as batch_op:
        batch_op.add_column(sa.Column("listed", sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table("catalog_sales", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restocked_at_ms", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("catalog_variants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tax_rate_bp", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_check_constraint(
            batch_op.f("ck_catalog_variants_tax_rate_bp_is_a_share"), "tax_rate_bp >= 0 AND tax_rate_bp <= 10000"
        )

    # The history of prices begins with those of now.
    op.execute(
        "INSERT INTO catalog_prices (change_id, sku, price_minor, currency, from_ms) "
        "SELECT product_id, sku, price_minor, currency, 0 FROM catalog_variants"
    )


def downgrade() -> None:
    with op.batch_alter_table("catalog_variants", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_catalog_variants_tax_rate_bp_is_a_share"), type_="check")
        batch_op.drop_column("tax_rate_bp")

    with op.batch_alter_table("catalog_sales", schema=None) as batch_op:
        batch_op.drop_column("restocked_at_ms")

    with op.batch_alter_table("catalog_pools", schema=None) as batch_op:
        batch_op.drop_column("listed")

    with op.batch_alter_table("catalog_moves", schema=None) as batch_op:
        batch_op.drop_column("listed")

    with op.batch_alter_table("catalog_stock", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_stock_sku_at_ms"))

    op.drop_table("catalog_stock")
    with op.batch_alter_table("catalog_returns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_returns_show_id_state"))

    op.drop_table("catalog_returns")
    with op.batch_alter_table("catalog_prices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_prices_sku_from_ms"))

    op.drop_table("catalog_prices")
    with op.batch_alter_table("catalog_ended_shows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_ended_shows_emptied"))

    op.drop_table("catalog_ended_shows")
