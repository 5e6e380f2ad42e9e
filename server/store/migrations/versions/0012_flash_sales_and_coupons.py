"""tables of flash sales and coupons."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coupons_coupons",
        sa.Column("coupon_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=15), nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("uses_max", sa.BigInteger(), nullable=False),
        sa.Column("per_buyer_max", sa.BigInteger(), nullable=False),
        sa.Column("new_buyers_only", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("issued_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'withdrawn')", name=op.f("ck_coupons_coupons_state_known")),
        sa.CheckConstraint("(percent IS NULL) <> (amount_minor IS NULL)", name=op.f("ck_coupons_coupons_percent_or_amount")),
        sa.CheckConstraint("cap_minor IS NULL OR percent IS NOT NULL", name=op.f("ck_coupons_coupons_cap_of_a_percentage")),
        sa.CheckConstraint("per_buyer_max > 0", name=op.f("ck_coupons_coupons_per_buyer_positive")),
        sa.CheckConstraint("percent IS NULL OR (percent BETWEEN 1 AND 90)", name=op.f("ck_coupons_coupons_percent_in_range")),
        sa.CheckConstraint("uses_max > 0", name=op.f("ck_coupons_coupons_uses_positive")),
        sa.PrimaryKeyConstraint("coupon_id", name=op.f("pk_coupons_coupons")),
    )
    with op.batch_alter_table("coupons_coupons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coupons_coupons_show_id_code"), ["show_id", "code"], unique=True)

    op.create_table(
        "flash_sales_sales",
        sa.Column("sale_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("coupons_allowed", sa.Boolean(), nullable=False),
        sa.Column("starts_in_ms", sa.BigInteger(), nullable=False),
        sa.Column("lasts_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("closing", sa.Boolean(), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('opening', 'open', 'over', 'refused')", name=op.f("ck_flash_sales_sales_state_known")),
        sa.CheckConstraint("lasts_ms > 0", name=op.f("ck_flash_sales_sales_lasts")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_flash_sales_sales")),
    )
    with op.batch_alter_table("flash_sales_sales", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_flash_sales_sales_show_id_asked_at_ms_sale_id"), ["show_id", "asked_at_ms", "sale_id"], unique=False
        )

    op.create_table(
        "flash_sales_waits",
        sa.Column("wait_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("buyer_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("sale_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("joined_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'served', 'left')", name=op.f("ck_flash_sales_waits_state_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_flash_sales_waits_quantity_positive")),
        sa.PrimaryKeyConstraint("wait_id", name=op.f("pk_flash_sales_waits")),
    )
    with op.batch_alter_table("flash_sales_waits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flash_sales_waits_show_id_buyer_id"), ["show_id", "buyer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_flash_sales_waits_show_id_sku_state_seq"), ["show_id", "sku", "state", "seq"], unique=False
        )

    op.create_table(
        "flash_sales_items",
        sa.Column("sale_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("normal_minor", sa.BigInteger(), nullable=False),
        sa.Column("lowest_minor", sa.BigInteger(), nullable=False),
        sa.Column("quantity_max", sa.BigInteger(), nullable=False),
        sa.Column("per_buyer_max", sa.BigInteger(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.CheckConstraint("per_buyer_max > 0", name=op.f("ck_flash_sales_items_per_buyer_positive")),
        sa.CheckConstraint("price_minor < normal_minor", name=op.f("ck_flash_sales_items_cheaper_than_normal")),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_flash_sales_items_price_positive")),
        sa.CheckConstraint("quantity_max > 0", name=op.f("ck_flash_sales_items_quantity_positive")),
        sa.ForeignKeyConstraint(["sale_id"], ["flash_sales_sales.sale_id"], name=op.f("fk_flash_sales_items_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", "sku", name=op.f("pk_flash_sales_items")),
    )
    with op.batch_alter_table("flash_sales_items", schema=None) as batch_op:
        batch_op.create_index(
            "ix_flash_sales_items_running",
            ["show_id", "sku"],
            unique=True,
            sqlite_where=sa.text("running"),
            postgresql_where=sa.text("running"),
        )
